// Writes with an Idempotency-Key: the first answer is recorded, and repeated for the same request with the same key.
import {
  type Answered,
  claimKey,
  isFinal,
  REPLAYED,
  runOnce,
} from '../../engine/write/idempotency.ts'
import { releaseBytes } from '../../engine/render/json-buffer.ts'
import { Problem } from '../../errors.ts'
import { toProblemBody } from '../../problem-body.ts'
import { type Answer, withTag } from '../response/answer.ts'
import type { Incoming } from '../request/incoming.ts'
import { chargeWhole, type Route } from './route.ts'

/** Headers of a request that change what it writes or what is answered. */
const significantHeaders = ['prefer', 'if-match', 'content-type'] as const

/** Runs the route, once for its key where it has one. */
export async function answerOnce(route: Route, incoming: Incoming): Promise<Answer> {
  const { method, answer, operationsOf } = route
  const { headers, url, body, caller, signal, engine } = incoming
  if (operationsOf === undefined) return answer(incoming)
  const claimed = claimKey(headers, caller)
  if (claimed === null) return answer(incoming)
  const charged = await chargeWhole(route, incoming) // before the key is looked for
  const keyed = {
    ...claimed,
    caller,
    signal,
    operations: operationsOf(incoming),
    request: [
      'rest',
      method,
      url,
      ...significantHeaders.map((name) => headers[name] ?? null),
      body ?? null,
    ],
  }
  const { repeated, ...once } = await runOnce(engine, keyed, {
    run: async (within) => {
      try {
        return toRecord(await answer({ ...charged, engine: within }))
      } catch (error) {
        throw (await incoming.judge?.restate(route, incoming, error)) ?? error // a refusal is kept as its caller may know it
      }
    },
    toRefusal: (error) =>
      error instanceof Problem && isFinal(error) ? toRefusal(error, incoming) : null,
  })
  return repeated ? { ...once, headers: { ...once.headers, ...REPLAYED } } : once
}

/** As the server's error handler answers it: sendProblem. */
const toRefusal = (problem: Problem, { requestId }: Incoming): Answered => ({
  status: problem.status,
  headers: { 'cache-control': 'no-store', ...problem.headers },
  body: JSON.stringify(toProblemBody(problem, requestId)),
})

function toRecord({ status, headers = {}, body, tag }: Answer) {
  const text = body?.toString() ?? null
  if (Buffer.isBuffer(body)) releaseBytes(body)
  return { status, headers: withTag(headers, tag), body: text }
}
