// Answers written to a socket, where no route and no reply of Node's can: the same problem, headers and log line as elsewhere.
import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyBaseLogger } from 'fastify'
import type { Problem } from '../../errors.ts'
import { toProblemBody } from '../../problem-body.ts'
import type { Headers } from './security-headers.ts'

/** How long a client may take to read an answer and close. */
const LINGER_MS = 2000

export interface RawAnswering {
  readonly headers: Headers
  /** The log exists after the server. */
  readonly log: () => FastifyBaseLogger
}

export interface RawRefusal {
  readonly problem: Problem
  /** What the log says of it; never the client's text. */
  readonly reason: string
  readonly address: string | undefined
  /** Whether the request was a HEAD, whose answer has no body. */
  readonly isHead: boolean
}

/** Logs a refusal, answers it and closes the connection. */
export function refuseAtSocket(
  socket: Duplex,
  { problem, reason, address, isHead }: RawRefusal,
  { headers, log }: RawAnswering,
): void {
  const id = randomUUID()
  log().info(
    {
      security: 'refused_input',
      reqId: id,
      code: problem.code,
      status: problem.status,
      reason,
      address,
    },
    'refused',
  )
  const { head, body } = toRawAnswer(problem, id, headers)
  socket.on('error', () => {}) // the client may be gone
  socket.end(isHead ? head : head + body)
  socket.resume() // unread bytes would make the close a reset, which can take the answer with it
  const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref()
  socket.once('close', () => clearTimeout(timer))
}

function toRawAnswer(
  problem: Problem,
  id: string,
  headers: Headers,
): { readonly head: string; readonly body: string } {
  const body = JSON.stringify(toProblemBody(problem, id))
  const all = {
    ...headers,
    ...problem.headers,
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
