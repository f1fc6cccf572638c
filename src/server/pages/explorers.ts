// Explorers: GraphiQL at /graphiql and the REST reference at /docs, from files of ours (scripts/build-assets.ts bundles them).
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Config } from '../config/config.ts'

interface Explorer {
  /** The path of the page, and the name of its folder of assets. */
  readonly name: 'graphiql' | 'docs'
  readonly title: string
}

const graphiql: Explorer = { name: 'graphiql', title: 'GraphiQL' }
const docs: Explorer = { name: 'docs', title: 'REST reference' }

/** The package's own folder: as far from src/server/pages/ as from dist/server/pages/. */
const assetsFolder = fileURLToPath(new URL('../../../assets/', import.meta.url))
const yearInSeconds = 31_536_000

export interface ExplorerOptions {
  readonly switches: Pick<Config, 'graphiql' | 'docs'>
  /** The content security policy of their pages. */
  readonly policy: string
  /** Where the bundles are; the package's own folder unless told. */
  readonly folder?: string
}

/** Serves the explorers that the configuration switches on. */
export async function serveExplorers(
  app: FastifyInstance,
  options: ExplorerOptions,
): Promise<void> {
  for (const explorer of [graphiql, docs]) {
    if (options.switches[explorer.name])
      await app.register((scope) => serveExplorer(scope, explorer, options))
  }
}

async function serveExplorer(
  app: FastifyInstance,
  { name, title }: Explorer,
  { policy, folder = assetsFolder }: ExplorerOptions,
): Promise<void> {
  const root = `${folder}${name}/`
  const built = existsSync(`${root}${name}.js`)
  const html = built ? toPage(name, title) : toMissingPage(title)
  app.get(`/${name}`, async (_request, reply) =>
    reply
      .code(built ? 200 : 503)
      .headers({ 'content-security-policy': policy, 'cache-control': 'no-cache' })
      .type('text/html; charset=utf-8')
      .send(html),
  )
  if (!built) return
  await app.register(fastifyStatic, {
    root,
    prefix: `/${name}/assets/`,
    index: false,
    decorateReply: false,
    cacheControl: false,
    // chunks carry a digest of their content in their name; the others are asked for again, and answered 304
    setHeaders: (reply, path) => {
      const immutable = /-[A-Z0-9]{8}\.\w+$/.test(path)
      reply.header(
        'cache-control',
        immutable ? `public, max-age=${yearInSeconds}, immutable` : 'no-cache',
      )
    },
  })
}

const toPage = (name: string, title: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/${name}/assets/${name}.css">
<script type="module" src="/${name}/assets/${name}.js"></script>
</head>
<body><div id="explorer">Loading ${title} …</div></body>
</html>
`

const toMissingPage = (title: string): string => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${title}</title></head>
<body><p>${title} has not been bundled in this checkout. <code>npm run build:assets</code> does it; then start the server again.</p></body>
</html>
`
