// Fields that a caller may not read: no question about a row may tell their value.
import { defineRelations } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { declare } from '../../src/schema/declare/declare.ts'
import { openWorld, see, signedIn, type World } from '../engine/support.ts'
import { onDatabase } from '../support/databases.ts'

const members = pgTable('members', {
  id: integer().primaryKey(),
  name: text().notNull(),
  email: text().notNull().unique(),
  phone: text().notNull().unique(),
  ownerId: integer('owner_id').notNull(),
})
const tables = { members }
const relations = defineRelations(tables, () => ({}))
const { resource, access } = declare({
  relations,
  caller: z.object({ ownerId: z.int() }).partial(),
})
const member = resource('members', {
  access: { read: access.everyone },
  fields: {
    email: { read: access.role('staff') },
    phone: { read: access.owner('ownerId', 'ownerId') },
  }, // one closed, one row by row
})

onDatabase('pglite', (open) => {
  let world: World
  beforeAll(async () => {
    world = await openWorld(open, tables, { name: 'Members', relations, resources: { member } })
    await world.sql("insert into members values (1, 'Ann', 'ann@example.com', '1', 7)")
  })

  test.each([
    ['memberByEmail', 'email', 'ann@example.com'],
    ['memberByEmail', 'email', 'nobody@example.com'],
    ['memberByPhone', 'phone', '1'],
  ])('%s does not reveal values of %s: %s', async (operation, field, value) => {
    world.statements.length = 0
    const asked = { key: { [field]: value }, see: see('id') }
    const issues = [{ in: 'key', path: [field], message: `You may not use ${field} in a key.` }]
    expect(await world.problem(operation, asked)).toMatchObject({ code: 'UNAUTHENTICATED', issues })
    expect(
      await world.problem(operation, { ...asked, caller: signedIn({ ownerId: 7 }) }),
    ).toMatchObject({ code: 'FORBIDDEN', issues })
    expect(world.statements).toHaveLength(0)
  })

  test('a caller who may read the field finds rows by it', async () => {
    expect(
      await world.row('memberByEmail', {
        key: { email: 'ann@example.com' },
        see: see('id'),
        caller: signedIn({}, 'staff'),
      }),
    ).toEqual({ id: 1 })
  })
})
