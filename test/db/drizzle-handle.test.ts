// Drizzle over our connections, for hand-written fields: errors of the database become Problems.
import { sql } from 'drizzle-orm'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import { beforeAll, expect, test } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { toProblem } from '../../src/errors.ts'
import { eachDatabase } from '../support/databases.ts'

eachDatabase((_kind, open) => {
  let database: Database
  beforeAll(async () => {
    database = await open()
  })

  test('an error of the database is a Problem, though Drizzle wraps it', async () => {
    const drizzle = database.drizzle as NodePgDatabase // opaque to everybody but the team's own code
    const thrown: unknown = await drizzle
      .execute(sql`select 1 / ${0}::int`)
      .catch((error: unknown) => error)
    expect(toProblem(thrown)).toMatchObject({ code: 'INTERNAL' }) // the team's own code gave the value
    expect(toProblem(thrown).message).not.toContain('select')
  })
})
