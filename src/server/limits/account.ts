// The account of a request: whose requests and points are counted together. The flood guard and the budget both count by it.
import { isIPv4, isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'
import { memoize } from '../../memoize.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The account that pays for the request, on every route but probes: its caller's, or that of its address. */
    account: string
  }
}

const ADDRESSES = 10_000

/** The account of an address: IPv6 by its network of 64 bits, IPv4 in IPv6 as IPv4, and one for all that is no address. */
export const accountOfAddress = (address: string | undefined): string => toAccount(address ?? '') // a connection that is closed has none

const toAccount = memoize(ADDRESSES, (address) => `address:${toNetwork(address)}`)

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
