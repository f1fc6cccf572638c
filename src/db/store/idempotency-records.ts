// The answers to requests with an idempotency key, in the gateway's own table: looked up, written, and deleted after a day.
import type { Session } from '../database.ts'

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

/** Takes the key until the transaction ends; false where another request has it. `id` is 64 hexadecimal digits. */
export async function lockKey(tx: Session, id: string): Promise<boolean> {
  const number = BigInt.asIntN(64, BigInt(`0x${id.slice(0, 16)}`))
  const { rows } = await tx.query({
    text: 'select pg_try_advisory_xact_lock($1::bigint)',
    values: [String(number)],
    name: 'bifrons_idempotency_lock',
  })
  return rows[0]?.[0]?.startsWith('t') === true
}

/** The answer of an earlier request. To be asked behind the lock, by a statement of its own: it sees what was committed before. */
export async function findAnswer(tx: Session, id: string): Promise<StoredAnswer | null> {
  const {
    rows: [row],
  } = await tx.query({
    text: `select encode(fingerprint, 'hex'), status, headers, body from bifrons.idempotency where id = decode($1, 'hex') and created_at > now() - ${RETENTION}`,
    values: [id],
    name: 'bifrons_idempotency_find',
  })
  if (row === undefined) return null
  const [fingerprint, status, headers, body] = row
  return {
    fingerprint: fingerprint ?? '',
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
