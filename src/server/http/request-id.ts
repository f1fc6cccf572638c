// Request ids: one for every request, taken over only from a proxy of ours, and named in every answer and log line.
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const wellFormed = /^[\w.:-]{8,128}$/

/** A well-formed `x-request-id` of a trusted proxy, else a new UUID. */
export function buildRequestId(
  isTrusted: (address: string | undefined) => boolean,
): (raw: IncomingMessage) => string {
  return (raw) => {
    const given = raw.headers['x-request-id']
    const taken =
      typeof given === 'string' && wellFormed.test(given) && isTrusted(raw.socket.remoteAddress)
    return taken ? given : randomUUID()
  }
}
