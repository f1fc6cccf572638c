// Writes with an Idempotency-Key: what a route answers is recorded as it goes out, and goes out again as it was recorded.
import { claimKey, REPLAYED, runOnce } from '../../engine/write/idempotency.ts'
import { releaseBytes } from '../../engine/render/json-buffer.ts'
import type { Answer } from '../response/answer.ts'
import { strongTag } from '../request/preconditions.ts'
import type { Incoming } from '../request/incoming.ts'
import type { Route } from './route.ts'

/** Headers of a request that change what is written or answered. */
const telling = ['prefer', 'if-match', 'content-type'] as const

/** Runs the route, once for its key where it has one. */
export async function answerOnce(
  { method, answer, operationsOf }: Route,
  incoming: Incoming,
): Promise<Answer> {
  const { headers, url, body, caller, signal, engine } = incoming
  const claimed = operationsOf === undefined ? null : claimKey(headers, caller)
  if (claimed === null || operationsOf === undefined) return answer(incoming)
  const keyed = {
    ...claimed,
    caller,
    signal,
    operations: operationsOf(incoming),
    request: ['rest', method, url, ...telling.map((name) => headers[name] ?? null), body ?? null],
  }
  const { repeated, ...once } = await runOnce(engine, keyed, async (within) =>
    toRecord(await answer({ ...incoming, engine: within })),
  )
  return repeated ? { ...once, headers: { ...once.headers, ...REPLAYED } } : once
}

function toRecord({ status, headers = {}, body, tag }: Answer) {
  const text = body === null ? null : body.toString()
  if (Buffer.isBuffer(body)) releaseBytes(body)
  return {
    status,
    headers: tag === undefined ? headers : { ...headers, etag: strongTag(tag) },
    body: text,
  }
}
