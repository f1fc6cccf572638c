// The answers to requests with an idempotency key, in the gateway's own table: looked up, written, and deleted after a day.
import type { Session, Transaction } from '../database.ts'

/** A request's answer as it was recorded. */
export interface StoredAnswer {
  /** Tells the request apart from others of its key. */
  readonly fingerprint: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Null for none. */
  readonly body: string | null
}

/** How long an answer is kept. */
const RETENTION = `interval '24 hours'`

/** The most that one request removes of what has expired. */
const REMOVED_AT_ONCE = 20

/** What is known of a key: the answer of an earlier request, none, or that another request has it now. */
export type KeyState = StoredAnswer | 'free' | 'taken'

/**
 * Takes the key until the transaction ends, and looks for the answer of an earlier request. The lock is taken ahead of the
 * statement that looks, so that this one sees what was committed before. `id` is 64 hexadecimal digits.
 */
export async function takeKey(tx: Transaction, id: string): Promise<KeyState> {
  const number = String(BigInt.asIntN(64, BigInt(`0x${id.slice(0, 16)}`)))
  tx.defer({ text: 'select pg_try_advisory_xact_lock($1::bigint)', values: [number] })
  const {
    rows: [row = []],
  } = await tx.query({
    text: `select pg_try_advisory_xact_lock($2::bigint), encode(known.fingerprint, 'hex'), known.status, known.headers, known.body
      from (select 1) as one left join bifrons.idempotency as known on known.id = decode($1, 'hex') and known.created_at > now() - ${RETENTION}`,
    values: [id, number],
    name: 'bifrons_idempotency_take',
  })
  const [taken, fingerprint, status, headers, body] = row
  if (taken?.startsWith('t') !== true) return 'taken'
  if (fingerprint == null) return 'free'
  return {
    fingerprint,
    status: Number(status),
    headers: JSON.parse(headers ?? '{}') as StoredAnswer['headers'],
    body: body ?? null,
  } // as keepAnswer wrote them
}

/** Records an answer, in the transaction that it is about, and removes some of those that have expired. False where one is there already. */
export async function keepAnswer(
  tx: Session,
  id: string,
  { fingerprint, status, headers, body }: StoredAnswer,
): Promise<boolean> {
  const { rows } = await tx.query({
    text: `with expired as (
        select id from bifrons.idempotency where created_at <= now() - ${RETENTION} and id <> decode($1, 'hex') order by created_at limit ${REMOVED_AT_ONCE} for update skip locked
      ), removed as (
        delete from bifrons.idempotency where id in (select id from expired)
      )
      insert into bifrons.idempotency (id, fingerprint, status, headers, body) values (decode($1, 'hex'), decode($2, 'hex'), $3::integer, $4::jsonb, $5)
      on conflict (id) do update set fingerprint = excluded.fingerprint, status = excluded.status, headers = excluded.headers, body = excluded.body, created_at = now()
        where idempotency.created_at <= now() - ${RETENTION}
      returning 1`,
    values: [id, fingerprint, String(status), JSON.stringify(headers), body],
    name: 'bifrons_idempotency_keep',
  })
  return rows.length > 0
}
