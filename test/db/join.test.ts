// A transaction's view of a database: which work takes part in it, and which can be rolled back alone.
import { type SQL, sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import type { Transaction } from '../../src/db/database.ts'
import { joinTransaction } from '../../src/db/run/joined-transaction.ts'
import { eachDatabase } from '../support/databases.ts'

interface Handle {
  execute(statement: SQL): Promise<unknown>
}

eachDatabase((_kind, open) => {
  test('a failed inner transaction is rolled back to its own beginning, also after another one has failed', async () => {
    const database = await open()
    await database.query({ text: 'create table notes (name text primary key)', values: [] })
    const kept = await database.transaction(async (tx) => {
      const joined = joinTransaction(database, tx)
      const insert = (name: string) =>
        joined.query({ text: 'insert into notes values ($1)', values: [name] })
      await joined.transaction(() => insert('before'))
      await expect(
        joined.transaction(async () => {
          await insert('outer')
          await joined.transaction(() => insert('before')).catch(() => {}) // not unique: undone by itself
          await insert('after')
          throw new Error('given up')
        }),
      ).rejects.toThrow('given up')
      await insert('last')
      return (
        await tx.query({ text: 'select name from notes order by name', values: [] })
      ).rows.flat()
    })
    expect(kept).toEqual(['before', 'last'])
  })

  test("a handler's SQL that breaks a constraint gives the same error as in a transaction of its own", async () => {
    const database = await open()
    await database.query({ text: 'create table names (name text primary key)', values: [] })
    const insertTwice = (tx: Transaction) =>
      (tx.drizzle as Handle).execute(sql`insert into names values ('a'), ('a')`) // as the team has it
    const alone = database.transaction(insertTwice)
    await expect(alone).rejects.toMatchObject({ name: 'Problem', code: 'CONFLICT' })
    await expect(
      database.transaction((tx) => joinTransaction(database, tx).transaction(insertTwice)),
    ).rejects.toMatchObject({ name: 'Problem', code: 'CONFLICT' })
  })
})
