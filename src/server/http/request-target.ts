// The target of a request (RFC 9112, section 3.2): routes see a path. A proxy's form, with scheme and host, is reduced to it.
import type { IncomingMessage, Server } from 'node:http'

const absoluteForm = /^https?:\/\/([^/?#]*)(.*)$/i

/** Before anything reads the URL. A target that is not reduced is refused by request-limits.ts. */
export function reduceTargets(server: Server): void {
  server.prependListener('request', (request: IncomingMessage) => {
    const { url = '/', headers } = request
    if (url.startsWith('/')) return
    const [, authority, path = ''] = absoluteForm.exec(url) ?? []
    // the target wins over Host by the RFC; where they differ, a proxy before us may have taken the other
    if (authority === undefined || authority.toLowerCase() !== headers.host?.toLowerCase()) return
    request.url = path.startsWith('/') ? path : `/${path}`
  })
}

/** A path, or the `*` of OPTIONS. */
export const isServedTarget = ({ url = '/', method }: IncomingMessage): boolean =>
  url.startsWith('/') || (url === '*' && method === 'OPTIONS')
