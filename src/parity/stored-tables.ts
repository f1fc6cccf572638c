// What a transaction has stored, table by table, told by the versions (`xmin`) of the rows.
import type { Session } from '../db/database.ts'

export interface StoredTable {
  readonly table: string
  /** Rows that are new or changed, as JSON. */
  readonly written: readonly string[]
  /** How many rows are unchanged, and a checksum of which. */
  readonly kept: string
}

/** The first column of every row of the answer. */
export const column = async (session: Session, text: string): Promise<readonly string[]> =>
  (await session.query({ text, values: [] })).rows.flatMap(([value]) => value ?? [])

/**
 * Tables that the transaction may have written to, with their rows. PostgreSQL counts writes that were rolled back too,
 * and writes of other transactions shortly before: see `isChanged`.
 * @param since the transaction's id
 */
export async function readTouched(
  session: Session,
  since: string,
): Promise<readonly StoredTable[]> {
  const touched = await column(
    session,
    `
    select format('%I.%I', schemaname, relname) from pg_stat_xact_user_tables
    where n_tup_ins + n_tup_upd + n_tup_del > 0 order by 1`,
  )
  const stored: StoredTable[] = []
  for (const table of touched) {
    const written = await column(
      session,
      `select row_to_json(bifrons_row)::text from ${table} as bifrons_row where bifrons_row.xmin::text::bigint >= ${toXmin(since)} order by 1`,
    )
    stored.push({ table, kept: await readKept(session, since, table), written })
  }
  return stored
}

/** Whether a touched table was changed; asked after the rollback. */
export const isChanged = async (
  session: Session,
  since: string,
  { table, written, kept }: StoredTable,
): Promise<boolean> => written.length > 0 || kept !== (await readKept(session, since, table))

async function readKept(session: Session, since: string, table: string): Promise<string> {
  const [kept = ''] = await column(
    session,
    `
  select count(*) || ' rows kept, ' || coalesce(sum(hashtextextended(bifrons_row.ctid::text, 0)), 0)
  from ${table} as bifrons_row where bifrons_row.xmin::text::bigint < ${toXmin(since)}`,
  )
  return kept
}

/** `xmin` has the lower 32 bits of a transaction's id. The digits come from PostgreSQL. */
const toXmin = (id: string): string => String(BigInt(id) % 2n ** 32n)
