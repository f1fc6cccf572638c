// One transaction's view of a database: what takes part in it, and what of it can be undone by itself.
import { expect, test } from 'vitest'
import { joinTransaction } from '../../src/db/join.ts'
import { eachDatabase } from '../support/databases.ts'

eachDatabase((_kind, open) => {
  test('what fails inside is undone as far as its own beginning, wherever else something failed', async () => {
    const database = await open()
    await database.query({ text: 'create table notes (name text primary key)', values: [] })
    const kept = await database.transaction(async (tx) => {
      const joined = joinTransaction(database, tx)
      const insert = (name: string) => joined.query({ text: 'insert into notes values ($1)', values: [name] })
      await joined.transaction(() => insert('before'))
      await expect(joined.transaction(async () => {
        await insert('outer')
        await joined.transaction(() => insert('before')).catch(() => {}) // not unique: undone by itself
        await insert('after')
        throw new Error('given up')
      })).rejects.toThrow('given up')
      await insert('last')
      return (await tx.query({ text: 'select name from notes order by name', values: [] })).rows.flat()
    })
    expect(kept).toEqual(['before', 'last'])
  })
})
