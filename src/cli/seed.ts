// Fills a database that holds nothing yet, by the gateway's own seed.
import type { Database } from '../db/database.ts'
import type { AnyGateway } from '../server/gateway.ts'
import { during, say } from './terminal.ts'

/** What is asked of the transaction's Drizzle here: one row of each table. */
interface Peeking {
  readonly query: Readonly<Record<string, { findFirst(): Promise<unknown> } | undefined>>
}

/** Runs the gateway's seed when no table of its relations has a row; all of it, or nothing. */
export async function seedIfEmpty(
  gateway: AnyGateway,
  database: Database,
  scale: number,
): Promise<void> {
  const { seed } = gateway
  if (seed === undefined) return
  const isSeeded = await during('Seeding', () =>
    database.transaction(
      async (tx) => {
        if (!(await isEmpty(tx.drizzle as Peeking, Object.keys(gateway.relations)))) return false // it is Drizzle over these relations
        await seed(tx.drizzle as never, { scale, progress: (line) => say(`seed: ${line}`) }) // AnyGateway forgot which relations
        return true
      },
      { statementTimeout: 0 },
    ),
  )
  if (isSeeded) say('Seeded the empty database.')
}

async function isEmpty(drizzle: Peeking, tables: readonly string[]): Promise<boolean> {
  for (const table of tables) {
    if ((await drizzle.query[table]?.findFirst()) !== undefined) return false
  }
  return true
}
