// Client errors: requests that the HTTP parser gave up on, and CONNECT, still get a problem, the security headers and a request id.
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { Problem } from '../../errors.ts'
import { lateRequest } from './deadline.ts'
import { type RawAnswering, refuseAtSocket } from './raw-answer.ts'
import { invalid, MAX_URL_BYTES, otherVersion } from './request-limits.ts'

interface ParserError extends Error {
  readonly code: string
  /** What had arrived; fastify's type says less than node documents. */
  readonly rawPacket?: unknown
}

/** The handler for the server's `clientError`: answers where the connection still takes an answer, and closes it. */
export function buildClientErrorHandler(answering: RawAnswering) {
  const refused = new WeakSet<Socket>() // the parser repeats its error for all that still comes
  return (error: ParserError, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy()
      return
    }
    if (refused.has(socket)) return
    refused.add(socket)
    afterEarlierAnswers(socket, () => {
      if (!socket.writable || answerOn(socket)?.headersSent) socket.destroy() // more bytes would become part of that answer
      else
        refuseAtSocket(
          socket,
          {
            problem: toParserProblem(error),
            reason: error.code,
            address: socket.remoteAddress,
            isHead: isOfHead(error.rawPacket),
          },
          answering,
        )
    })
  }
}

const methods = 'DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT'

/** Node would close the connection without a word. */
export function refuseConnect(server: Server, answering: RawAnswering): void {
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    const problem = new Problem('METHOD_NOT_ALLOWED', 'This server is no proxy.', {
      headers: { allow: methods },
    })
    const address = request.socket.remoteAddress
    afterEarlierAnswers(socket, () => {
      refuseAtSocket(socket, { problem, reason: 'CONNECT', address, isHead: false }, answering)
    })
  })
}

/** The answer that has the connection now. node's own default handler looks at this member too; there is no public one. */
const answerOn = (socket: Duplex): ServerResponse | null =>
  (socket as Duplex & { _httpMessage?: ServerResponse | null })._httpMessage ?? null

/** Goes on when the answers to the requests before are written: they came whole on this connection, and are not lost. */
function afterEarlierAnswers(socket: Duplex, goOn: () => void): void {
  const answer = answerOn(socket)
  if (answer === null || !answer.req.complete) goOn()
  else answer.once('close', () => afterEarlierAnswers(socket, goOn))
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
      return lateRequest()
    case 'HPE_INVALID_VERSION':
      return hasVersion(error.rawPacket) ? otherVersion() : invalid()
    case 'HPE_PAUSED_H2_UPGRADE': // the preface of HTTP/2
      return otherVersion()
    default:
      return invalid()
  }
}

const firstLineOf = (packet: unknown): string =>
  (packet instanceof Uint8Array ? Buffer.from(packet).toString('latin1') : '').split(
    '\r\n',
    1,
  )[0] ?? ''

const hasVersion = (packet: unknown): boolean => / HTTP\/\d\.\d$/.test(firstLineOf(packet))

function isLongUrl(packet: unknown): boolean {
  const line = firstLineOf(packet)
  return /^[A-Z]+ /.test(line) && line.length > MAX_URL_BYTES
}

/** Of what arrived last; of a request in several packets the method is not known any longer. */
const isOfHead = (packet: unknown): boolean => firstLineOf(packet).startsWith('HEAD ')
