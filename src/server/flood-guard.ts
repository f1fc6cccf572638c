// The flood guard: how many requests a caller may send per window, told in the RateLimit fields of the current draft.
// It counts requests; a budget by cost is another thing. Counters are in this process, the least recently seen go first.
import rateLimit, { normalizeIP } from '@fastify/rate-limit'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../errors.ts'
import type { Config } from './config.ts'

type Limits = Pick<Config, 'rateLimitMax' | 'rateLimitWindow'>

export interface FloodGuard {
  /** Counts a request without credentials against its address, IPv6 by /64. */
  readonly countAddress: (request: FastifyRequest, reply: FastifyReply) => Promise<void>
  /** Counts a request against its caller. */
  readonly countCaller: (request: FastifyRequest, reply: FastifyReply) => Promise<void>
  /** Refuses an address that has sent too many bad credentials, before more are checked. */
  readonly refuseGuessing: (request: FastifyRequest, reply: FastifyReply) => Promise<void>
  readonly countGuess: (request: FastifyRequest) => Promise<void>
}

/** Addresses and callers remembered at once; about 100 bytes each. */
const REMEMBERED = 50_000

const toAddressKey = (request: FastifyRequest): string => normalizeIP(request.ip, 64)
// an id is unique among callers of its kind
const toCallerKey = (request: FastifyRequest): string => `${request.caller.via}:${request.caller.id}`

const off: FloodGuard = {
  countAddress: async () => {}, countCaller: async () => {}, refuseGuessing: async () => {}, countGuess: async () => {},
}

/** Opens the guard; `RATE_LIMIT_MAX=0` gives one that lets everything pass. */
export async function openFloodGuard(app: FastifyInstance, limits: Limits): Promise<FloodGuard> {
  if (limits.rateLimitMax === 0) return off
  await app.register(rateLimit, { global: false, cache: REMEMBERED })
  const shared = { max: limits.rateLimitMax, timeWindow: limits.rateLimitWindow, cache: REMEMBERED }
  const byAddress = app.createRateLimit({ ...shared, keyGenerator: toAddressKey })
  const byCaller = app.createRateLimit({ ...shared, keyGenerator: toCallerKey })
  const guesses = app.createRateLimit({ ...shared, keyGenerator: toAddressKey })
  return {
    countAddress: async (request, reply) => tell(await byAddress(request), limits, reply),
    countCaller: async (request, reply) => tell(await byCaller(request), limits, reply),
    refuseGuessing: async (request, reply) => {
      const count = await guesses(request, { increment: false })
      if (!count.isAllowed && count.remaining === 0) tell({ ...count, isExceeded: true }, limits, reply)
    },
    countGuess: async (request) => {
      await guesses(request)
    },
  }
}

type Count = Awaited<ReturnType<ReturnType<FastifyInstance['createRateLimit']>>>

/** Sets the fields (draft-ietf-httpapi-ratelimit-headers, sections 3 and 4) and refuses what is over the limit. */
function tell(count: Count, limits: Limits, reply: FastifyReply): void {
  if (count.isAllowed) return
  reply.header('ratelimit-policy', `"requests";q=${limits.rateLimitMax};w=${Math.ceil(limits.rateLimitWindow / 1000)}`)
  reply.header('ratelimit', `"requests";r=${count.remaining};t=${count.ttlInSeconds}`)
  if (!count.isExceeded) return
  const seconds = Math.max(1, count.ttlInSeconds)
  throw new Problem('RATE_LIMITED', `Too many requests; try again in ${seconds} s.`, { headers: { 'retry-after': String(seconds) } })
}
