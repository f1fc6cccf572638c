// The page at /: what is here. HTML for browsers, JSON for everything else.
import type { FastifyInstance } from 'fastify'

/** One thing that this gateway serves. */
export interface HomeLink {
  readonly title: string
  readonly href: string
  readonly description: string
}

export interface HomePage {
  readonly name: string
  readonly version: string
  readonly links: readonly HomeLink[]
}

const css = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 40rem; margin: 10vh auto; padding: 0 1.5rem }
dt { margin-top: 1rem; font-weight: 600 }
dd { margin: 0; opacity: .75 }
footer { margin-top: 3rem; font-size: .85rem; opacity: .6 }
`

export function serveHome(
  app: FastifyInstance,
  page: HomePage,
  pagePolicy: (css: string) => string,
): void {
  const html = toHtml(page)
  const json = {
    name: page.name,
    version: page.version,
    links: Object.fromEntries(page.links.map(({ title, href }) => [title, href])),
  }
  const policy = pagePolicy(css)
  app.get('/', async (request, reply) => {
    reply.header('vary', 'accept')
    if (!request.headers.accept?.includes('text/html')) return json
    return reply
      .header('content-security-policy', policy)
      .type('text/html; charset=utf-8')
      .send(html)
  })
}

function toHtml({ name, version, links }: HomePage): string {
  const items = links.map(
    ({ title, href, description }) =>
      `<dt><a href="${escape(href)}">${escape(title)}</a></dt><dd>${escape(description)}</dd>`,
  )
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(name)}</title><style>${css}</style></head>
<body>
<h1>${escape(name)}</h1>
<dl>
${items.join('\n')}
</dl>
<footer>bifrons ${escape(version)}</footer>
</body>
</html>
`
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escape = (text: string): string => text.replace(/[&<>"']/g, (mark) => entities[mark] ?? mark)
