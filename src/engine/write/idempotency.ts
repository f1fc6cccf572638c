// Idempotency keys: a write that is sent again is done once, and answered as it was the first time. The record of it is
// written in the write's own transaction: there is one if and only if the write was done. A final refusal is recorded
// by a transaction of its own, for the write's is rolled back.
import { hash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Database, TransactionOptions } from '../../db/database.ts'
import { keepAnswer, type StoredAnswer, takeKey } from '../../db/store/idempotency-records.ts'
import { joinTransaction } from '../../db/run/joined-transaction.ts'
import { type ErrorCode, errorTable, Problem } from '../../errors.ts'
import { accountOf, type Caller } from '../../schema/declare/caller.ts'
import type { Engine } from '../engine.ts'

/** A key, and the account of the caller whose own it is. */
export interface ClaimedKey {
  readonly key: string
  readonly who: string
}

/** A request with an idempotency key. */
export interface Keyed extends ClaimedKey, TransactionOptions {
  readonly caller: Caller
  /** Names of the operations that it asks for, in their order: the same key of another operation is another key. */
  readonly operations: readonly string[]
  /** All that makes it this request and no other, beside the caller's roles and claims: the face, what is asked and what is to be seen of it. */
  readonly request: readonly unknown[]
}

/** Says that an answer is that of an earlier request: the name that Stripe gave it, and others took up. */
export const REPLAYED: Readonly<Record<string, string>> = Object.freeze({
  'idempotency-replayed': 'true',
})

export type Answered = Omit<StoredAnswer, 'fingerprint'>

/** @param repeated whether this is the answer of an earlier request */
export type Once = Answered & { readonly repeated: boolean }

/** What a face makes of a request with a key. */
export interface KeyedWork {
  /** Does the write on the engine that it is given. */
  readonly run: (engine: Engine) => Promise<Answered>
  /** The answer to what `run` has thrown, if it is final (isFinal); else null. */
  readonly toRefusal: (error: unknown) => Answered | null
}

/**
 * Runs a write once for its key. What throws has left nothing behind and may be tried again, unless it is a final refusal,
 * which is recorded and answered again.
 * @throws Problem CONFLICT while the key's request runs, IDEMPOTENCY_MISMATCH; what the work throws
 */
export async function runOnce(engine: Engine, keyed: Keyed, work: KeyedWork): Promise<Once> {
  const {
    caller: { roles, claims },
    who,
    key,
    operations,
    request,
    ...options
  } = keyed
  const id = digest([who, key, ...operations])
  const fingerprint = digest([...request, roles.toSorted(), claims]) // the same caller with other claims, such as another tenant, makes another request
  const { database } = engine
  let hasBegun = false
  const onUse = (): void => {
    hasBegun = true
  }
  try {
    return await database.transaction(async (tx) => {
      hasBegun = false // an attempt before this one may have
      const known = await takeKey(tx, id)
      if (known === 'taken') throw isRunning()
      if (known !== 'free') return { ...replay(known, fingerprint), repeated: true }
      const answer = await work.run({ ...engine, database: joinTransaction(database, tx, onUse) })
      if (!(await keepAnswer(tx, id, { ...answer, fingerprint }))) throw isRunning() // the lock keeps this from happening; if it does not, nothing is done twice
      return { ...answer, repeated: false }
    }, options)
  } catch (error) {
    const refusal = hasBegun ? work.toRefusal(error) : null
    if (refusal !== null) await keepRefusal(database, id, { ...refusal, fingerprint })
    throw error
  }
}

/** Where this fails, the refusal is decided anew when the request comes again: nothing was written. */
async function keepRefusal(database: Database, id: string, refusal: StoredAnswer): Promise<void> {
  try {
    await database.transaction(async (tx) => {
      if ((await takeKey(tx, id)) === 'free') await keepAnswer(tx, id, refusal)
    })
  } catch {
    // the caller's answer is the refusal itself
  }
}

const finalCodes: ReadonlySet<string> = new Set([
  'CONFLICT',
  'PRECONDITION_FAILED',
  'VALIDATION_FAILED',
] satisfies ErrorCode[])
/** Who may do it, what is there and how much is left of a budget may differ the next time. */
const neverFinal: ReadonlySet<number> = new Set([401, 403, 404, 429])

/** Whether a refusal, once execution has begun, is the request's last answer: what an operation has declared is, by its status. */
export function isFinal({ code, status }: Pick<Problem, 'code' | 'status'>): boolean {
  if (Object.hasOwn(errorTable, code)) return finalCodes.has(code)
  return status < 500 && !neverFinal.has(status)
}

const isRunning = (): Problem =>
  new Problem('CONFLICT', 'A request with this idempotency key is running.', {
    headers: { 'retry-after': '1' },
  })

function replay({ fingerprint: before, ...answer }: StoredAnswer, fingerprint: string): Answered {
  if (before === fingerprint) return answer
  throw new Problem(
    'IDEMPOTENCY_MISMATCH',
    'This idempotency key was used for another request: the face, what is written and what is to be answered must be the same.',
  )
}

const digest = (parts: readonly unknown[]): string => hash('sha256', JSON.stringify(parts))

const BARE = /^[\x21-\x7e]{1,255}$/
const QUOTED = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/

/**
 * The key of a header field, where the request has one: both faces check it before anything else in the request.
 * @throws Problem BAD_REQUEST; UNAUTHENTICATED for a caller without a name
 */
export function claimKey(
  { 'idempotency-key': text }: IncomingHttpHeaders,
  caller: Caller,
): ClaimedKey | null {
  if (text === undefined) return null
  const key = readKey(String(text))
  if (caller.id === null)
    throw new Problem(
      'UNAUTHENTICATED',
      "An idempotency key is its caller's own, and this caller has no name: sign in.",
      { headers: { 'www-authenticate': 'Bearer' } },
    )
  return { key, who: accountOf(caller) }
}

/** A string of structured fields (`"k-1"`), as the draft of Idempotency-Key has it, or the same bare, as most clients send it. */
function readKey(text: string): string {
  const quoted = QUOTED.exec(text.trim())?.[1]?.replaceAll(/\\(.)/g, '$1')
  const key = quoted ?? (text.startsWith('"') ? '' : text.trim())
  if (quoted === undefined ? BARE.test(key) : key.length > 0 && key.length <= 255) return key
  throw new Problem(
    'BAD_REQUEST',
    'Idempotency-Key is 1 to 255 visible characters of ASCII, such as a UUID, in quotes or without.',
    {
      issues: [
        {
          in: 'document',
          path: ['idempotency-key'],
          code: 'malformed_header',
          message: 'It is 1 to 255 visible characters of ASCII, in quotes or without.',
        },
      ],
    },
  )
}
