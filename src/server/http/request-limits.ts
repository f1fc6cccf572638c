// Refusals: requests that no route should see, because two readers could understand them differently or they are too large.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { IncomingMessage } from 'node:http'
import { Problem } from '../../errors.ts'
import { countHeaders } from '../auth/credentials.ts'
import { isServedTarget } from './request-target.ts'

export const MAX_URL_BYTES = 8 * 1024
const MAX_HEADER_BYTES = 16 * 1024
/** The most bytes that Node's parser reads of a request's head. parser-errors.ts answers a longer one. */
export const MAX_HEAD_BYTES = 2 * (MAX_URL_BYTES + MAX_HEADER_BYTES)

/** Refuses at once, before any route, what the limits and the grammar of HTTP exclude. */
export function refuseUnreadable(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _reply, done) => {
    refuseSizes(request.raw)
    refuseFraming(request.raw)
    refuseHost(request.raw)
    refuseContentType(request.raw)
    refuseQuery(request)
    done()
  })
}

function refuseSizes({ url = '', rawHeaders }: IncomingMessage): void {
  if (url.length > MAX_URL_BYTES) {
    throw new Problem('BAD_REQUEST', `The URL is longer than ${MAX_URL_BYTES} bytes.`, {
      status: 414,
    })
  }
  let bytes = 0
  for (const part of rawHeaders) bytes += part.length + 2 // ": " or the end of a line
  if (bytes > MAX_HEADER_BYTES) {
    throw new Problem(
      'BAD_REQUEST',
      `The header fields are longer than ${MAX_HEADER_BYTES} bytes.`,
      { status: 431 },
    )
  }
}

/** After such a request, the next one on the connection may begin elsewhere for another reader. */
const closing = { connection: 'close' }

export const invalid = (): Problem =>
  new Problem('BAD_REQUEST', 'This is not a valid HTTP request.', { headers: closing })

export const otherVersion = (): Problem =>
  new Problem('BAD_REQUEST', 'This server speaks HTTP/1.1 and HTTP/1.0.', {
    status: 505,
    headers: closing,
  })

/** What two readers may cut into requests, or route, differently: Node's parser takes it. */
function refuseFraming(raw: IncomingMessage): void {
  const { httpVersion, headers } = raw
  if (httpVersion === '0.9') throw invalid() // no version at all
  if (httpVersion !== '1.1' && httpVersion !== '1.0') throw otherVersion()
  const coding = headers['transfer-encoding']
  // RFC 9112, section 6.1: other codings are not read, and HTTP/1.0 has none
  if (coding !== undefined && (httpVersion === '1.0' || coding.toLowerCase() !== 'chunked'))
    throw new Problem('BAD_REQUEST', 'The only transfer coding that is read is chunked.', {
      headers: closing,
    })
  if (!isServedTarget(raw))
    throw new Problem('BAD_REQUEST', 'The target must be a path, or a URL with the host of Host.', {
      headers: closing,
    })
}

const hostForm = /^(?:[\w.~%-]*|\[[\da-f:.]+\])(?::\d{0,5})?$/i

/** Exactly one Host, a well-formed one (RFC 9112, section 3.2): node takes the first of several, a proxy before it perhaps the last. */
function refuseHost(raw: IncomingMessage): void {
  const count = countHeaders(raw, ['host'])
  if (
    count > 1 ||
    (count === 0 && raw.httpVersion === '1.1') ||
    !hostForm.test(raw.headers.host ?? '')
  ) {
    throw new Problem(
      'BAD_REQUEST',
      'The request must have exactly one Host header, with a host and perhaps a port.',
      { headers: closing },
    )
  }
}

/** Of several Content-Types node takes the first as well. */
function refuseContentType(raw: IncomingMessage): void {
  if (raw.headers['content-type'] !== undefined && countHeaders(raw, ['content-type']) > 1) {
    throw new Problem('BAD_REQUEST', 'The request has several Content-Type headers.')
  }
}

/** Percent-encoding that is not UTF-8 would reach the routes as replacement characters. */
function refuseQuery(request: FastifyRequest): void {
  const { url = '' } = request.raw
  const start = url.indexOf('?')
  if (start === -1 || !url.includes('%', start)) return
  try {
    decodeURIComponent(url.slice(start + 1))
  } catch {
    throw new Problem('BAD_REQUEST', 'The query string is not valid percent-encoded UTF-8.')
  }
}
