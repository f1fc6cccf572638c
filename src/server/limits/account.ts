// The account of a caller: whose requests and points are counted together. The flood guard and the budget both count by it.
import { createHash } from 'node:crypto'
import { isIPv4, isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'
import { memoize } from '../../memoize.ts'
import type { Caller } from '../../schema/declare/caller.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The account that pays for the request, on every route but probes. */
    account: string
  }
}

const ADDRESSES = 10_000

/** The account of a caller with credentials, by issuer and subject, or by the id of the key. */
export const accountOf = ({ via, id, issuer }: Caller): string =>
  `${via}:${issuer === undefined ? '' : digest(issuer)}:${id}`

/** An issuer may be any text of any length, and what stands before the id must not be taken for a part of it. */
const digest = memoize(100, (issuer) =>
  createHash('sha256').update(issuer).digest('base64url').slice(0, 22),
)

/** The account of an address: IPv6 by its network of 64 bits, IPv4 in IPv6 as IPv4, and one for all that is no address. */
export const accountOfAddress = memoize(ADDRESSES, (address) => `address:${toNetwork(address)}`)

function toNetwork(address: string): string {
  const [bare = ''] = address.split('%', 1) // a zone is of this machine
  if (isIPv4(bare)) return bare
  if (!isIPv6(bare)) return 'none'
  const parsed = ipaddr.process(bare)
  return parsed instanceof ipaddr.IPv6
    ? parsed.parts
        .slice(0, 4)
        .map((part) => part.toString(16))
        .join(':')
    : parsed.toString()
}
