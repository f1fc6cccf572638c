// Upsert: a row is created or updated, under the policies of both, with concurrent upserts of the same key.
import { defineRelations } from 'drizzle-orm'
import { integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { declare } from '../../src/schema/declare/declare.ts'
import { execute } from '../../src/engine/execute.ts'
import { cellText } from '../../src/engine/render/row-reader.ts'
import { anonymous } from '../../src/schema/declare/caller.ts'
import { eachDatabase } from '../support/databases.ts'
import { type TestRequest, openFixture, select, signedIn, type Fixture } from './support.ts'

const shelves = pgTable('shelves', { id: integer().primaryKey(), secret: text() })
const goods = pgTable('goods', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  sku: text().notNull().unique(),
  name: text().notNull(),
  stock: integer().notNull().default(3),
  owner: text(),
  hidden: text(),
  badge: text().unique(),
  cost: integer(),
  shelfId: integer('shelf_id').references(() => shelves.id),
})
const settings = pgTable('settings', {
  id: uuid().primaryKey().defaultRandom(),
  name: text().notNull().unique(),
  value: text(),
})
const ties = pgTable('ties', { left: integer().notNull(), right: integer().notNull() }, (table) => [
  primaryKey({ columns: [table.left, table.right] }),
])
const tables = { shelves, goods, settings, ties }
const relations = defineRelations(tables)
const { resource, access } = declare({
  relations,
  caller: z.object({ user: z.string() }).partial(),
})
const everyone = access.everyone
const staff = access.role('staff')
const own = access.owner('owner', 'user')
const open4 = { read: everyone, create: everyone, update: everyone, delete: everyone }
const declaration = {
  name: 'Goods',
  relations,
  resources: {
    good: resource('goods', {
      access: {
        read: access.any({ hidden: { isNull: true } }, staff),
        create: access.any(own, staff),
        update: access.any(own, staff),
      },
      fields: {
        badge: { read: staff },
        cost: { write: staff },
        name: { validate: (name) => name.min(2, 'Too short.') },
      },
      writes: ['upsert'],
    }),
    shelf: resource('shelves', { access: { read: { secret: { isNull: true } } } }),
    setting: resource('settings', { access: open4, writes: ['upsert'] }),
    tie: resource('ties', { access: open4, writes: ['upsert'] }),
  },
} as const

const ann = signedIn({ user: 'ann' })
const boss = signedIn({}, 'staff')

eachDatabase((kind, open) => {
  let fixture: Fixture
  beforeAll(async () => {
    fixture = await openFixture(open, tables, declaration, { poolMax: 8 })
  })
  beforeEach(async () => {
    for (const table of ['goods', 'shelves', 'settings', 'ties'])
      await fixture.sql(`delete from ${table}`)
    await fixture.sql(`insert into shelves values (1, null), (2, 'secret')`)
    await fixture.sql(
      `insert into goods (sku, name, owner, hidden, badge, cost) values ('mine', 'Mine', 'ann', null, 'B1', 5), ('theirs', 'Theirs', 'ben', null, 'B2', 5), ('hidden', 'Hidden', 'ann', 'yes', 'B3', 5)`,
    )
  })
  /** Whether it created, and the row. */
  const upsert = async (
    name: string,
    { caller = ann, selection = select('sku', 'name', 'stock'), ...ask }: TestRequest,
  ) => {
    const operation = fixture.model.operations.find((one) => one.name === name)
    if (operation === undefined) throw new Error(`There is no ${name}.`)
    const result = await execute(fixture.engine, {
      operation,
      input: { input: ask.input },
      selection,
      caller,
      denied: 'omit',
    })
    if (result.type !== 'row') throw new Error(`${name} answered a ${result.type}.`)
    const {
      layout: { fields },
      row,
    } = result
    return [
      result.created,
      row === null
        ? null
        : Object.fromEntries(fields.map(({ field, index }) => [field.name, cellText(row, index)])),
    ]
  }
  const refused = async (input: unknown, caller = ann, name = 'upsertGoodBySku') => {
    const { code, issues } = await fixture.problem(name, { input, caller, selection: select() })
    return [
      code,
      ...issues.map(({ in: part, path, code: what }) => `${part} ${path.join('.')} ${what}`),
    ]
  }
  const goodsOf = async (sku: string) =>
    fixture.sql('select name, stock, owner, cost from goods where sku = $1', sku)

  test('an upsert exists for the unique keys whose columns a caller may give, including the primary key', () => {
    expect(
      fixture.model.operations
        .filter(({ name }) => name.startsWith('upsert'))
        .map(({ name }) => name),
    ).toEqual([
      'upsertGoodBySku',
      'upsertGoodByBadge',
      'upsertSetting',
      'upsertSettingByName',
      'upsertTie',
    ])
  })

  test('an upsert creates with defaults and owner columns, updates the given columns, and says which it did', async () => {
    expect(await upsert('upsertGoodBySku', { input: { sku: 'new', name: 'New' } })).toEqual([
      true,
      { sku: 'new', name: 'New', stock: '3' },
    ])
    expect(
      await upsert('upsertGoodBySku', { input: { sku: 'new', name: 'Newer', stock: 8 } }),
    ).toEqual([false, { sku: 'new', name: 'Newer', stock: '8' }])
    expect(await upsert('upsertGoodBySku', { input: { sku: 'new', name: 'Newest' } })).toEqual([
      false,
      { sku: 'new', name: 'Newest', stock: '8' },
    ])
    expect(await goodsOf('new')).toEqual([['Newest', '8', 'ann', null]])
  })

  test('an upsert requires the members of a create, whether the row exists or not', async () => {
    expect(await refused({ sku: 'mine' })).toEqual(['VALIDATION_FAILED', 'input name required'])
    expect(await refused({ name: 'No key' })).toEqual(['VALIDATION_FAILED', 'input sku required'])
    expect(await refused({ sku: null, name: 'No key' })).toEqual([
      'VALIDATION_FAILED',
      'input sku wrong_type',
    ])
    expect(await refused({ sku: 'x', name: 'Y', id: 5 })).toEqual([
      'VALIDATION_FAILED',
      'input id unknown_member',
    ])
    expect(await refused({ sku: 'mine', name: 'M' })).toEqual([
      'VALIDATION_FAILED',
      'input name too_small',
    ])
    expect(await refused({ name: 'A', badge: null }, boss, 'upsertGoodByBadge')).toEqual([
      'VALIDATION_FAILED',
      'input sku required',
      'input badge wrong_type',
    ])
    expect(await refused({ name: 'x', value: 'y' }, ann, 'upsertSetting')).toEqual([
      'VALIDATION_FAILED',
      'input id required',
    ])
  })

  test('an upsert applies the policy of update before and after a change, and that of create to a new row', async () => {
    expect(await refused({ sku: 'theirs', name: "Ann's" })).toEqual(['FORBIDDEN'])
    expect(await refused({ sku: 'mine', name: 'Given', owner: 'ben' })).toEqual([
      'FORBIDDEN',
      'input owner forbidden',
    ])
    expect(await refused({ sku: 'new', name: "Ben's", owner: 'ben' })).toEqual([
      'FORBIDDEN',
      'input owner forbidden',
    ])
    expect(await refused({ sku: 'new', name: 'New', owner: 'ann' }, anonymous)).toEqual([
      'UNAUTHENTICATED',
    ])
    expect(await goodsOf('theirs')).toEqual([['Theirs', '3', 'ben', '5']])
    expect(await goodsOf('mine')).toEqual([['Mine', '3', 'ann', '5']])
    expect(await goodsOf('new')).toEqual([])
  })

  test('a hidden row is neither changed nor revealed: the error is that of a create', async () => {
    const input = { sku: 'hidden', name: 'Seen', owner: 'ann' }
    expect(await refused(input)).toEqual(['CONFLICT', 'input sku not_unique'])
    expect(await refused(input, ann, 'createGood')).toEqual(['CONFLICT', 'input sku not_unique'])
    expect(await refused({ ...input, owner: 'ben' })).toEqual([
      'FORBIDDEN',
      'input owner forbidden',
    ])
    expect(await refused({ ...input, owner: 'ben' }, ann, 'createGood')).toEqual([
      'FORBIDDEN',
      'input owner forbidden',
    ])
    expect(await goodsOf('hidden')).toEqual([['Hidden', '3', 'ann', '5']])
    expect(await upsert('upsertGoodBySku', { input, caller: boss })).toEqual([
      false,
      { sku: 'hidden', name: 'Seen', stock: '3' },
    ])
  })

  test('an upsert refuses fields that a caller may not write, and keys that they may not read', async () => {
    expect(await refused({ sku: 'mine', name: 'Mine', cost: 1 })).toEqual([
      'FORBIDDEN',
      'input cost forbidden',
    ])
    expect(
      await refused({ sku: 'new', name: 'Mine', badge: 'B2' }, ann, 'upsertGoodByBadge'),
    ).toEqual(['FORBIDDEN', 'input badge forbidden'])
    expect(
      await upsert('upsertGoodByBadge', {
        input: { sku: 'mine', name: 'By badge', badge: 'B1' },
        caller: boss,
      }),
    ).toEqual([false, { sku: 'mine', name: 'By badge', stock: '3' }])
  })

  test('a foreign key to a hidden row is refused as absent, in a create and in an update', async () => {
    for (const sku of ['new', 'mine']) {
      expect(await refused({ sku, name: 'Shelved', owner: 'ann', shelfId: 2 })).toEqual([
        'CONFLICT',
        'input shelfId no_such_row',
      ])
      expect(await refused({ sku, name: 'Shelved', owner: 'ann', shelfId: 9 })).toEqual([
        'CONFLICT',
        'input shelfId no_such_row',
      ])
      expect(
        await upsert('upsertGoodBySku', {
          input: { sku, name: 'Shelved', owner: 'ann', shelfId: 1 },
          selection: select('name'),
        }),
      ).toEqual([sku === 'new', { name: 'Shelved' }])
    }
  })

  test('a taken value of another unique key is a conflict, in a create and in an update', async () => {
    expect(await refused({ sku: 'new', name: 'New', badge: 'B2' }, boss)).toEqual([
      'CONFLICT',
      'input badge not_unique',
    ])
    expect(await refused({ sku: 'mine', name: 'New', badge: 'B2' }, boss)).toEqual([
      'CONFLICT',
      'input badge not_unique',
    ])
  })

  test('an upsert by another key does not change the primary key', async () => {
    const [a, b] = ['00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-00000000000b']
    expect(
      await upsert('upsertSetting', {
        input: { id: a, name: 'x', value: '1' },
        selection: select('name', 'value'),
      }),
    ).toEqual([true, { name: 'x', value: '1' }])
    expect(
      await upsert('upsertSettingByName', {
        input: { id: a, name: 'x', value: '2' },
        selection: select('value'),
      }),
    ).toEqual([false, { value: '2' }])
    expect(await refused({ id: b, name: 'x', value: '3' }, ann, 'upsertSettingByName')).toEqual([
      'CONFLICT',
      'input id not_changeable',
    ])
    expect(
      await upsert('upsertSetting', {
        input: { id: a, name: 'y' },
        selection: select('name', 'value'),
      }),
    ).toEqual([false, { name: 'y', value: '2' }])
  })

  test('an upsert changes no column where all columns belong to the key', async () => {
    expect(
      await upsert('upsertTie', { input: { left: 1, right: 2 }, selection: select('left') }),
    ).toEqual([true, { left: '1' }])
    expect(
      await upsert('upsertTie', { input: { left: 1, right: 2 }, selection: select('left') }),
    ).toEqual([false, { left: '1' }])
  })

  test('a row that its writer may not read is created and not answered', async () => {
    expect(
      await upsert('upsertGoodBySku', {
        input: { sku: 'new', name: 'New', owner: 'ann', hidden: 'yes' },
      }),
    ).toEqual([true, null])
    expect(
      await upsert('upsertGoodBySku', { input: { sku: 'mine', name: 'New', hidden: 'yes' } }),
    ).toEqual([false, null])
  })

  describe('of one key at the same time', () => {
    test('one creates and the others update', async () => {
      for (let round = 0; round < (kind === 'postgres' ? 10 : 2); round += 1) {
        const settled = await Promise.all(
          Array.from({ length: 12 }, (_, i) =>
            upsert('upsertGoodBySku', {
              input: { sku: `race ${round}`, name: `No. ${i}`, owner: 'ann' },
              selection: select('name'),
            }),
          ),
        )
        expect(settled.filter(([created]) => created === true)).toHaveLength(1)
        expect(settled.filter(([created]) => created === false)).toHaveLength(11)
        expect(
          await fixture.sql('select count(*) from goods where sku = $1', `race ${round}`),
        ).toEqual([['1']])
      }
    })

    test('all are answered while others delete the row', async () => {
      const wave = Array.from({ length: 24 }, (_, i) =>
        i % 3 === 2
          ? fixture
              .row('deleteTie', { key: { left: 7, right: 7 }, selection: select('left') })
              .catch((error: { code: string }) => error.code)
          : upsert('upsertTie', { input: { left: 7, right: 7 }, selection: select('left') }),
      )
      for (const one of await Promise.all(wave)) {
        if (Array.isArray(one)) expect(one[1]).toEqual({ left: '7' })
        else expect(one === 'NOT_FOUND' || typeof one === 'object').toBe(true)
      }
    })
  })
})
