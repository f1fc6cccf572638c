// A body is held in memory until it has come whole. So the bytes of such bodies are bounded: for each caller, and for all together.
// Reading a large one as JSON takes long, also where the request is refused, so it costs points.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../../errors.ts'
import { hasBody } from './overload.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Points that its body has cost. */
    bodyPoints: number
  }
}

export interface ArrivingLimits {
  /** Bytes of one caller's bodies, and of those of all. */
  readonly ofCaller: number
  readonly ofAll: number
}

const MIB = 1024 * 1024
const defaultLimits: ArrivingLimits = { ofCaller: 16 * MIB, ofAll: 64 * MIB }

const tooMany = (isOwn: boolean): Problem =>
  new Problem(
    isOwn ? 'RATE_LIMITED' : 'UNAVAILABLE',
    isOwn
      ? 'Too many bodies of yours arrive at the same time. Send fewer, or faster.'
      : 'Too many bodies arrive at the same time. Try again in 1 s.',
    { headers: { 'retry-after': '1', connection: 'close' } },
  )

/** Comes after the admission of callers. A body that is refused is read no further, and its connection is closed. */
export function boundArrivingBodies(
  app: FastifyInstance,
  { ofCaller, ofAll } = defaultLimits,
): void {
  app.decorateRequest('bodyPoints', 0)
  const callers = new Map<string, number>()
  let all = 0
  const add = (account: string, bytes: number): void => {
    all += bytes
    const sum = (callers.get(account) ?? 0) + bytes
    if (sum === 0) callers.delete(account)
    else callers.set(account, sum)
  }
  const watch = (request: FastifyRequest, reply: FastifyReply): void => {
    const { account, raw } = request
    let held = 0
    const end = (): void => {
      add(account, -held)
      held = 0
      raw.off('data', onData)
    }
    const onData = ({ length }: Buffer): void => {
      held += length
      add(account, length)
      const isOwn = (callers.get(account) ?? 0) > ofCaller
      if (!isOwn && all <= ofAll) return
      end()
      raw.pause()
      if (!reply.sent) void reply.send(tooMany(isOwn))
    }
    raw.on('data', onData)
    raw.once('end', end)
    raw.once('close', end)
  }
  app.addHook('preParsing', (request, reply, payload, done) => {
    if (hasBody(request)) watch(request, reply)
    done(null, payload)
  })
}

/** Bytes of a body that cost a point, behind the first as many. They are not given back: what is refused was read too. */
const BYTES_PER_POINT = 16 * 1024

/** Comes before a body is read as JSON. @throws Problem RATE_LIMITED */
export async function chargeBody(request: FastifyRequest, bytes: number): Promise<void> {
  const points = Math.ceil(bytes / BYTES_PER_POINT) - 1
  if (points <= 0) return
  await request.server.budget.take(request.account, points)
  request.bodyPoints = points
}
