// What our own proxies say of the caller, in the one header that is configured: X-Forwarded-For, or Forwarded (RFC 7239).
// It is put into the form that Fastify reads, an X-Forwarded-For with an address for each hop, before Fastify reads it.
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { memoize } from '../../memoize.ts'

type Headers = IncomingMessage['headers']

/** A hop that named no address: a hidden one (`unknown`, `_gazonk`), or garbage. They are one caller to us. */
const UNKNOWN = 'unknown'

const NODES = 10_000

/** The address of a hop, without the port that some proxies add, which is another for each connection, and without brackets. */
export const toAddress = memoize(NODES, (node) => {
  const host = /^\[([^\]]*)\](?::\d+)?$/.exec(node)?.[1] ?? /^([^:]*):\d+$/.exec(node)?.[1] ?? node
  return isIP(host) === 0 ? UNKNOWN : host
})

/**
 * Builds what reads the header of a request. A peer that is no proxy of ours is not read: Fastify does not believe it either.
 * @param header the name of the one that is believed; with `forwarded`, X-Forwarded-* of the request are dropped
 */
export function buildForwarding(
  isTrusted: (address: string | undefined) => boolean,
  header: 'x-forwarded-for' | 'forwarded',
): (raw: Pick<IncomingMessage, 'headers' | 'socket'>) => void {
  const rewrite = header === 'forwarded' ? readForwarded : readForwardedFor
  return ({ headers, socket }) => {
    if (isTrusted(socket.remoteAddress)) rewrite(headers)
  }
}

function readForwardedFor(headers: Headers): void {
  const hops = headers['x-forwarded-for']
  if (typeof hops === 'string') headers['x-forwarded-for'] = toAddresses(hops.split(','))
}

const toAddresses = (nodes: readonly string[]): string =>
  nodes
    .map((node) => node.trim())
    .filter((node) => node !== '')
    .map(toAddress)
    .join(', ')

function readForwarded(headers: Headers): void {
  for (const name of Object.keys(headers)) if (name.startsWith('x-forwarded-')) delete headers[name]
  const { forwarded } = headers
  if (forwarded === undefined) return
  const hops = splitOutsideQuotes(forwarded, ',')
    .filter((hop) => hop.trim() !== '')
    .map(toParameters)
  headers['x-forwarded-for'] = toAddresses(hops.map((hop) => hop?.get('for') ?? UNKNOWN))
  const { proto, host } = Object.fromEntries(hops.at(-1) ?? []) // of the nearest proxy, as Fastify takes them of X-Forwarded-*
  if (proto !== undefined) headers['x-forwarded-proto'] = proto
  if (host !== undefined) headers['x-forwarded-host'] = host
}

/**
 * The parts between separators. It goes from the end, where our proxies add their hops: a quote that a caller left
 * open before them cannot swallow them.
 */
function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = []
  let isQuoted = false
  let end = text.length
  for (let at = text.length - 1; at >= 0; at -= 1) {
    if (text[at] === '"' && !isEscaped(text, at)) isQuoted = !isQuoted
    else if (text[at] === separator && !isQuoted) {
      parts.push(text.slice(at + 1, end))
      end = at
    }
  }
  parts.push(text.slice(0, end))
  return parts.toReversed()
}

/** Whether an odd number of backslashes stands before. */
function isEscaped(text: string, at: number): boolean {
  let before = at - 1
  while (text[before] === '\\') before -= 1
  return (at - before) % 2 === 0
}

/** `for=192.0.2.1;proto=https` as its parameters, in lower case; null when a part cannot be read or comes twice. */
function toParameters(hop: string): ReadonlyMap<string, string> | null {
  const parameters = new Map<string, string>()
  for (const part of splitOutsideQuotes(hop, ';')) {
    if (part.trim() === '') continue
    const [, name = '', quoted, plain = ''] =
      /^([\w!#$%&'*+.^`|~-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))$/.exec(part.trim()) ?? []
    const key = name.toLowerCase()
    if (key === '' || parameters.has(key)) return null
    parameters.set(key, quoted === undefined ? plain : quoted.replaceAll(/\\(.)/g, '$1'))
  }
  return parameters
}
