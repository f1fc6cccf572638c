// The flood guard: how many requests a caller may send per window, told in the RateLimit fields of the current draft.
// It counts requests; a budget by cost is another thing. Counters are in this process, the least recently seen go first.
import type { FastifyReply, FastifyRequest } from 'fastify'
import ipaddr from 'ipaddr.js'
import { isIPv6 } from 'node:net'
import { Problem } from '../../errors.ts'
import { remembered } from '../../remembered.ts'
import type { Config } from '../config/config.ts'
import { buildWindowCounter, type Count } from './window-counter.ts'

type Limits = Pick<Config, 'rateLimitMax' | 'rateLimitWindow'>

/** Each refuses by throwing RATE_LIMITED. */
export interface FloodGuard {
  /** Counts a request without credentials against its address, IPv6 by /64. */
  readonly countAddress: (request: FastifyRequest, reply: FastifyReply) => void
  /** Counts a request against its caller. */
  readonly countCaller: (request: FastifyRequest, reply: FastifyReply) => void
  /** Refuses an address that has sent too many bad credentials, before more are checked. */
  readonly refuseGuessing: (request: FastifyRequest, reply: FastifyReply) => void
  readonly countGuess: (request: FastifyRequest) => void
}

/** Addresses and callers remembered at once; about 100 bytes each. */
const REMEMBERED = 50_000

const ADDRESSES = 10_000

/** IPv6 by its network of 64 bits, IPv4 in IPv6 as IPv4. */
const toNetwork = remembered(ADDRESSES, (ip) => {
  const [bare = ''] = ip.split('%', 1) // a zone is of this machine
  if (!isIPv6(bare)) return ip.toLowerCase() // a proxy may name what is no address
  const address = ipaddr.process(bare)
  return address instanceof ipaddr.IPv6 ? address.parts.slice(0, 4).map((part) => part.toString(16)).join(':') : address.toString()
})

const toAddressKey = ({ ip }: { readonly ip?: string }): string => toNetwork(ip ?? '') // a connection that is closed has none

// an id is unique among callers of its kind
const toCallerKey = (request: FastifyRequest): string => `${request.caller.via}:${request.caller.id}`

const off: FloodGuard = { countAddress() {}, countCaller() {}, refuseGuessing() {}, countGuess() {} }

/** Opens the guard; `RATE_LIMIT_MAX=0` gives one that lets everything pass. */
export function openFloodGuard(limits: Limits): FloodGuard {
  if (limits.rateLimitMax === 0) return off
  const tell = buildTell(limits)
  const bounds = { milliseconds: limits.rateLimitWindow, most: REMEMBERED }
  const addresses = buildWindowCounter(bounds)
  const callers = buildWindowCounter(bounds)
  const guesses = buildWindowCounter(bounds)
  return {
    countAddress: (request, reply) => tell(addresses.count(toAddressKey(request)), limits.rateLimitMax, reply),
    countCaller: (request, reply) => tell(callers.count(toCallerKey(request)), limits.rateLimitMax, reply),
    refuseGuessing: (request, reply) => {
      const count = guesses.look(toAddressKey(request))
      if (count.hits >= limits.rateLimitMax) tell(count, 0, reply)
    },
    countGuess: (request) => {
      guesses.count(toAddressKey(request))
    },
  }
}

/** Sets the fields (draft-ietf-httpapi-ratelimit-headers, sections 3 and 4) and refuses what is over the limit. */
function buildTell({ rateLimitMax, rateLimitWindow }: Limits) {
  const policy = `"requests";q=${rateLimitMax};w=${Math.ceil(rateLimitWindow / 1000)}`
  return ({ hits, left }: Count, most: number, reply: FastifyReply): void => {
    const seconds = Math.ceil(left / 1000)
    reply.header('ratelimit-policy', policy)
    reply.header('ratelimit', `"requests";r=${Math.max(0, most - hits)};t=${seconds}`)
    if (hits <= most) return
    throw new Problem('RATE_LIMITED', `Too many requests; try again in ${Math.max(1, seconds)} s.`, { headers: { 'retry-after': String(Math.max(1, seconds)) } })
  }
}
