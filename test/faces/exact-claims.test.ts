// Owners by numbers: a claim owns the rows of exactly its value, however the token writes it.
import { defineRelations } from 'drizzle-orm'
import { bigint, integer, numeric, pgTable, text } from 'drizzle-orm/pg-core'
import { beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { declare } from '../../src/schema/declare/declare.ts'
import { gateway } from '../../src/server/gateway.ts'
import { createTables } from '../engine/support.ts'
import { eachDatabase } from '../support/databases.ts'
import { type Faces, openFaces } from './support.ts'

const notes = pgTable('notes', {
  id: integer().primaryKey(),
  small: integer().notNull(),
  big: bigint({ mode: 'bigint' }).notNull(),
  exact: numeric().notNull(),
  name: text().notNull(),
})
const relations = defineRelations({ notes })
const { resource, access } = declare({ relations, caller: z.object({ who: z.any() }) })
const ownedBy = (column: 'small' | 'big' | 'exact' | 'name') =>
  gateway({
    name: 'Exact claims',
    relations,
    resources: { note: resource('notes', { access: { read: access.owner(column, 'who') } }) },
  })

const rows = [
  { id: 1, small: 1, big: 1n, exact: '1', name: '1' },
  { id: 2, small: 2, big: 9_007_199_254_740_992n, exact: '9007199254740992', name: '01' },
]

eachDatabase((_kind, open) => {
  const faces = new Map<string, Faces>()
  beforeAll(async () => {
    const database = await open({ relations })
    await createTables(database, { notes })
    await database.transaction(async (tx) => {
      for (const { id, small, big, exact, name } of rows)
        await tx.query({
          text: 'insert into notes values ($1, $2, $3, $4, $5)',
          values: [id, small, String(big), exact, name],
        })
    })
    for (const column of ['small', 'big', 'exact', 'name'] as const)
      faces.set(column, await openFaces(ownedBy(column), database))
  })

  test.each([
    ['small', 1, [1]],
    ['small', '1', [1]],
    ['small', '01', null],
    ['big', 1, [1]],
    ['big', '1', [1]],
    ['big', '01', null],
    ['big', '9007199254740992', [2]],
    ['big', 2 ** 53, null], // JSON.parse reads 9007199254740993 as this too
    ['exact', '1', [1]],
    ['exact', '01', null],
    ['exact', 2 ** 53, null],
    ['name', '1', [1]],
    ['name', 1, [1]],
    ['name', '01', [2]],
  ] as const)('on the column %s, the claim %j owns the rows %j', async (column, who, owned) => {
    const { rest } = (await faces.get(column)?.send('notes', { as: { who }, fields: ['id'] })) ?? {}
    expect(rest).toMatchObject(
      owned === null
        ? { status: 403, body: { code: 'FORBIDDEN' } } // as for a caller without the claim
        : { status: 200, body: { data: owned.map((id) => ({ id })) } },
    )
  })
})
