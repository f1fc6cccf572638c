// Fields that a caller may not read: no request reveals their value.
import { defineRelations } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { declare } from '../../src/schema/declare/declare.ts'
import { openFixture, select, signedIn, type Fixture } from '../engine/support.ts'
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
  let fixture: Fixture
  beforeAll(async () => {
    fixture = await openFixture(open, tables, { name: 'Members', relations, resources: { member } })
    await fixture.sql("insert into members values (1, 'Ann', 'ann@example.com', '1', 7)")
  })

  test.each([
    ['memberByEmail', 'email', 'ann@example.com'],
    ['memberByEmail', 'email', 'nobody@example.com'],
    ['memberByPhone', 'phone', '1'],
  ])('%s does not reveal values of %s: %s', async (operation, field, value) => {
    fixture.statements.length = 0
    const asked = { key: { [field]: value }, selection: select('id') }
    const issues = [{ in: 'key', path: [field], message: `You may not use ${field} in a key.` }]
    expect(await fixture.problem(operation, asked)).toMatchObject({
      code: 'UNAUTHENTICATED',
      issues,
    })
    expect(
      await fixture.problem(operation, { ...asked, caller: signedIn({ ownerId: 7 }) }),
    ).toMatchObject({ code: 'FORBIDDEN', issues })
    expect(fixture.statements).toHaveLength(0)
  })

  test('a caller who may read the field finds rows by it', async () => {
    expect(
      await fixture.row('memberByEmail', {
        key: { email: 'ann@example.com' },
        selection: select('id'),
        caller: signedIn({}, 'staff'),
      }),
    ).toEqual({ id: 1 })
  })
})
