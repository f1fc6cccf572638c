// Client errors: requests that the HTTP parser gave up on still get a problem, the security headers and a request id.
import { randomUUID } from 'node:crypto'
import type { Server } from 'node:http'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyBaseLogger } from 'fastify'
import { Problem } from '../../errors.ts'
import { toProblemBody } from '../../problem-body.ts'
import type { Headers } from './security-headers.ts'
import { MAX_URL_BYTES } from './request-limits.ts'

interface ParserError extends Error {
  readonly code: string
  /** What had arrived; fastify's type says less than node documents. */
  readonly rawPacket?: unknown
}

/** The handler for the server's `clientError`: answers where the connection still takes an answer, and closes it. */
export function buildClientErrorHandler(headers: Headers, log: () => FastifyBaseLogger) {
  return (error: ParserError, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable || hasBegunAnswer(socket)) {
      socket.destroy()
      return
    }
    const problem = toParserProblem(error)
    const id = randomUUID()
    log().info(
      {
        security: 'refused_input',
        reqId: id,
        code: problem.code,
        status: problem.status,
        reason: error.code,
        address: socket.remoteAddress,
      },
      'refused',
    )
    const { head, body } = toRawAnswer(problem, id, headers)
    socket.end(isOfHead(error.rawPacket) ? head : head + body)
  }
}

/** Whether an answer to an earlier request is on this connection and has begun: more bytes would become part of it. */
function hasBegunAnswer(socket: Socket): boolean {
  // node's own default handler looks at this member too; there is no public one
  const answer = (socket as Socket & { _httpMessage?: { headersSent?: boolean } | null })
    ._httpMessage
  return answer?.headersSent === true
}

function toParserProblem(error: ParserError): Problem {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return isLongUrl(error.rawPacket)
        ? new Problem('BAD_REQUEST', `The URL is longer than ${MAX_URL_BYTES} bytes.`, {
            status: 414,
          })
        : new Problem('BAD_REQUEST', 'The header fields are too long.', { status: 431 })
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new Problem('PAYLOAD_TOO_LARGE', 'The chunk extensions are too long.')
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Problem('TIMEOUT', 'The request did not arrive in time.', { status: 408 })
    default:
      return new Problem('BAD_REQUEST', 'This is not a valid HTTP request.')
  }
}

const firstLineOf = (packet: unknown): string =>
  (packet instanceof Uint8Array ? Buffer.from(packet).toString('latin1') : '').split(
    '\r\n',
    1,
  )[0] ?? ''

function isLongUrl(packet: unknown): boolean {
  const line = firstLineOf(packet)
  return /^[A-Z]+ /.test(line) && line.length > MAX_URL_BYTES
}

/** Of what arrived last; of a request in several packets the method is not known any longer. */
const isOfHead = (packet: unknown): boolean => firstLineOf(packet).startsWith('HEAD ')

function toRawAnswer(
  problem: Problem,
  id: string,
  headers: Headers,
): { readonly head: string; readonly body: string } {
  const body = JSON.stringify(toProblemBody(problem, id))
  const all = {
    ...headers,
    'x-request-id': id,
    'cache-control': 'no-store',
    connection: 'close',
    'content-type': 'application/problem+json',
    'content-length': String(Buffer.byteLength(body)),
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  return {
    head: [`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`, ...lines, '', ''].join(
      '\r\n',
    ),
    body,
  }
}

/** `Expect` with anything but 100-continue: node would answer 417 without a body; we do as RFC 9110, section 10.1.1, allows. */
export function ignoreExpectations(server: Server): void {
  server.on('checkExpectation', (request, response) => {
    server.emit('request', request, response)
  })
}
