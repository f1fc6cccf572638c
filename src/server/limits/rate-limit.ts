// The flood guard: how many requests a caller may send per window, told in the RateLimit fields of the current draft.
// It counts requests; a budget by cost is another thing. @fastify/rate-limit counts, in Redis or in this process: see docs/decisions/0046.
import rateLimit, { type RateLimitPluginOptions } from '@fastify/rate-limit'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import ipaddr from 'ipaddr.js'
import { isIPv4, isIPv6 } from 'node:net'
import { Problem } from '../../errors.ts'
import { memoize } from '../../memoize.ts'
import { accountOf } from '../../schema/declare/caller.ts'
import type { Config } from '../config/config.ts'
import { MemoryStore } from './rate-limit-memory.ts'
import { openSharedCounters, type SharedCounters } from './shared-counters.ts'
import { shareOf } from '../config/worker-config.ts'

type Settings = Pick<Config, 'mode' | 'workers' | 'rateLimitMax' | 'rateLimitWindow' | 'redisUrl'>

/** Each refuses with RATE_LIMITED. */
export interface FloodGuard {
  /** Counts a request without credentials against its address, IPv6 by /64. */
  readonly countAddress: (request: FastifyRequest, reply: FastifyReply) => Promise<void>
  /** Counts a request against its caller. */
  readonly countCaller: (request: FastifyRequest, reply: FastifyReply) => Promise<void>
  /** Whether an address has sent too many bad credentials. */
  readonly isGuessing: (request: FastifyRequest) => Promise<boolean>
  readonly countGuess: (request: FastifyRequest) => Promise<void>
}

const ADDRESSES = 10_000

/** The one bucket of what a proxy named that is no address. */
const NO_ADDRESS = 'none'

/** IPv6 by its network of 64 bits, IPv4 in IPv6 as IPv4. Some proxies add the port, which is another for each connection. */
const toNetwork = memoize(ADDRESSES, (ip) => {
  const [bare = ''] = withoutPort(ip).split('%', 1) // a zone is of this machine
  if (isIPv4(bare)) return bare
  if (!isIPv6(bare)) return NO_ADDRESS
  const address = ipaddr.process(bare)
  return address instanceof ipaddr.IPv6
    ? address.parts
        .slice(0, 4)
        .map((part) => part.toString(16))
        .join(':')
    : address.toString()
})

/** `192.0.2.1:80`, `[2001:db8::1]:80` and `[2001:db8::1]` without port and brackets. */
function withoutPort(ip: string): string {
  if (ip.startsWith('[')) return ip.slice(1, ip.indexOf(']'))
  const [host = '', port, ...more] = ip.split(':')
  return port !== undefined && more.length === 0 ? host : ip
}

/** The name of a bucket: an IPv4 address, or a network of IPv6. */
export const toAddressKey = ({ ip }: { readonly ip?: string }): string => toNetwork(ip ?? '') // a connection that is closed has none

const toCallerKey = ({ caller }: FastifyRequest): string => accountOf(caller)

/** Who a request is counted for: its caller, or the address of the anonymous. */
export const toAccountKey = (request: FastifyRequest): string =>
  request.caller.id === null ? toAddressKey(request) : toCallerKey(request)

const off: FloodGuard = {
  async countAddress() {},
  async countCaller() {},
  isGuessing: async () => false,
  async countGuess() {},
}

/**
 * Opens the guard; `RATE_LIMIT_MAX=0` gives one that lets everything pass.
 * @throws ConfigurationError when `REDIS_URL` is set and the package for it is not installed
 */
export async function openFloodGuard(
  app: FastifyInstance,
  settings: Settings,
): Promise<FloodGuard> {
  if (settings.rateLimitMax === 0) return off
  const shared =
    settings.redisUrl === undefined ? null : await openSharedCounters(settings.redisUrl, app.log)
  if (shared !== null)
    app.addHook('onClose', (_app, done) => {
      shared.close()
      done()
    })
  const counting = { app, settings, shared }
  const countAddress = await openCounter(counting, 'address', toAddressKey)
  const countCaller = await openCounter(counting, 'caller', toCallerKey)
  const countGuess = await openCounter(counting, 'guess', toAddressKey)
  const tell = buildTell(settings)
  return {
    countAddress: async (request, reply) => tell(await countAddress(request), reply),
    countCaller: async (request, reply) => tell(await countCaller(request), reply),
    isGuessing: async (request) => {
      const count = await countGuess(request, LOOK)
      return !count.isAllowed && count.remaining === 0
    },
    countGuess: async (request) => {
      await countGuess(request)
    },
  }
}

/** Asks for a count without adding to it. */
const LOOK = { increment: false }

type Counter = ReturnType<FastifyInstance['createRateLimit']>
type Count = Awaited<ReturnType<Counter>>

interface Counting {
  readonly app: FastifyInstance
  readonly settings: Settings
  readonly shared: SharedCounters | null
}

/** @param kind what is counted, a namespace in Redis: handles of one namespace would add up each other's hits */
async function openCounter(
  { app, settings, shared }: Counting,
  kind: string,
  keyGenerator: (request: FastifyRequest) => string,
): Promise<Counter> {
  const limits = { max: settings.rateLimitMax, timeWindow: settings.rateLimitWindow, keyGenerator }
  if (shared === null) return openHandle(app, { ...limits, store: MemoryStore })
  const together = await openHandle(app, {
    ...limits,
    redis: shared.client,
    nameSpace: `bifrons:${kind}:`,
  })
  const alone = await openHandle(app, {
    ...limits,
    max: shareOf(settings, settings.rateLimitMax),
    store: MemoryStore,
  })
  return (request, options) =>
    shared.count(
      () => together(request, options),
      () => alone(request, options),
    )
}

/** A handle in a scope of its own, as the plugin has one store for each scope. It adds no hook and writes no header. */
async function openHandle(app: FastifyInstance, options: RateLimitPluginOptions): Promise<Counter> {
  const { promise, resolve } = Promise.withResolvers<Counter>()
  await app.register(async (scope) => {
    await scope.register(rateLimit, { ...options, global: false })
    resolve(scope.createRateLimit())
  })
  return promise
}

/** Sets the fields (draft-ietf-httpapi-ratelimit-headers, sections 3 and 4) and refuses what is over the limit. */
function buildTell({ rateLimitWindow }: Settings) {
  const windowSeconds = Math.ceil(rateLimitWindow / 1000)
  return (count: Count, reply: FastifyReply): void => {
    if (count.isAllowed) return // never: we give the plugin no list of keys that are always allowed
    const { max, remaining, ttl, isExceeded } = count
    const seconds = Math.min(windowSeconds, Math.ceil(ttl / 1000)) // the clock of Redis may have been set back
    reply.header('ratelimit-policy', `"requests";q=${max};w=${windowSeconds}`)
    reply.header('ratelimit', `"requests";r=${remaining};t=${seconds}`)
    if (!isExceeded) return
    const wait = Math.max(1, seconds)
    throw new Problem('RATE_LIMITED', `Too many requests; try again in ${wait} s.`, {
      headers: { 'retry-after': String(wait) },
    })
  }
}
