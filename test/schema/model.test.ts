// The frozen model of a declaration, field by field and relation by relation.
import { defineRelations, sql } from 'drizzle-orm'
import {
  type AnyPgColumn,
  bigserial,
  customType,
  integer,
  numeric,
  pgEnum,
  pgSchema,
  pgTable,
  pgView,
  primaryKey,
  serial,
  text,
  unique,
  uniqueIndex,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core'
import { describe, expect, test } from 'vitest'
import { buildModel } from '../../src/schema/build/build-model.ts'
import { declare } from '../../src/schema/declare/declare.ts'
import type { Resource } from '../../src/schema/model/model.ts'

const tsvector = customType({ dataType: () => 'tsvector' })
const state = pgEnum('item_state', ['new', 'sold out', '2nd'])
const items = pgTable(
  'stored_items',
  {
    always: integer('always_id').primaryKey().generatedAlwaysAsIdentity(),
    byDefault: integer('by_default').generatedByDefaultAsIdentity(),
    settable: integer().generatedByDefaultAsIdentity(),
    counter: serial(),
    big: bigserial({ mode: 'bigint' }),
    required: text().notNull(),
    optional: text(),
    defaulted: text().notNull().default('x'),
    state: state().notNull(),
    size: text({ enum: ['S', 'M'] }),
    sum: numeric().generatedAlwaysAs(sql`1`),
    hidden: text(),
    words: tsvector(),
    parentId: integer().references((): AnyPgColumn => items.always),
    code: varchar({ length: 5 }).notNull(),
    shelf: integer().notNull(),
    place: integer().notNull(),
    secret: text().unique(),
    hash: text(),
  },
  (table) => [
    unique().on(table.shelf, table.place),
    uniqueIndex('by_code').on(table.code),
    uniqueIndex().on(sql`lower(${table.code})`),
    uniqueIndex()
      .on(table.hash)
      .where(sql`true`),
  ],
)
const details = pgTable('details', {
  itemId: integer('item_id')
    .primaryKey()
    .references(() => items.always),
  note: text(),
})
const parts = pgTable(
  'parts',
  { item: integer().notNull(), line: integer().notNull(), kind: text() },
  (table) => [primaryKey({ columns: [table.item, table.line] })],
)
const tags = pgSchema('other').table('tags', { id: uuid().primaryKey(), word: text() })
const itemTags = pgTable(
  'item_tags',
  { itemId: integer('item_id').notNull(), tagId: uuid('tag_id').notNull() },
  (table) => [primaryKey({ columns: [table.itemId, table.tagId] })],
)
const totals = pgView('totals', { kind: text(), count: integer() }).as(
  sql`select 'a' as kind, 1 as count`,
)

const relations = defineRelations({ items, details, parts, tags, itemTags, totals }, (r) => ({
  items: {
    parent: r.one.items({ from: r.items.parentId, to: r.items.always }),
    children: r.many.items({ from: r.items.always, to: r.items.parentId }),
    detail: r.one.details({ from: r.items.always, to: r.details.itemId }),
    parts: r.many.parts({ from: r.items.always, to: r.parts.item }),
    bigParts: r.many.parts({ from: r.items.always, to: r.parts.item, where: { line: { gt: 10 } } }),
    tags: r.many.tags({
      from: r.items.always.through(r.itemTags.itemId),
      to: r.tags.id.through(r.itemTags.tagId),
    }),
    namedTag: r.one.tags({ from: r.items.required, to: r.tags.word }),
  },
  details: { item: r.one.items({ from: r.details.itemId, to: r.items.always, optional: false }) },
}))
const { resource, access } = declare({ relations })
const everyone = access.everyone
const all = { access: { read: everyone, create: everyone, update: everyone, delete: everyone } }
const model = buildModel({
  name: 'Model',
  relations,
  resources: {
    item: resource('items', {
      ...all,
      fields: {
        hidden: { hidden: true },
        settable: { settable: true },
        secret: { hidden: true },
        hash: { write: access.nobody },
      },
      computed: { double: { type: 'integer', sql: (item) => sql`${item.shelf} * 2` } },
    }),
    detail: resource('details', all),
    part: resource('parts', {
      ...all,
      names: { plural: 'pieces', type: 'Piece' },
      page: { default: 5, max: 10 },
    }),
    tag: resource('tags', { access: { read: access.role('staff') } }),
    total: resource('totals', { access: { read: everyone }, key: ['kind'] }),
  },
})
const of = (key: string): Resource => {
  const found = model.resources.get(key)
  if (found === undefined) throw new Error(`There is no ${key}.`)
  return found
}

test("fields are the columns in the table's order, then the computed ones, without hidden and unserved columns", () => {
  expect([...of('item').fields.keys()]).toEqual([
    'always',
    'byDefault',
    'settable',
    'counter',
    'big',
    'required',
    'optional',
    'defaulted',
    'state',
    'size',
    'sum',
    'parentId',
    'code',
    'shelf',
    'place',
    'hash',
    'double',
  ])
  expect([...of('item').inner.fields.keys()]).toContain('hidden')
  expect([...of('item').inner.fields.keys()]).not.toContain('words')
})

test.each([
  ['always', 'never', 'never'],
  ['byDefault', 'never', 'never'],
  ['settable', 'optional', 'optional'],
  ['counter', 'never', 'never'],
  ['big', 'never', 'never'],
  ['required', 'required', 'optional'],
  ['optional', 'optional', 'optional'],
  ['defaulted', 'optional', 'optional'],
  ['sum', 'never', 'never'],
  ['double', 'never', 'never'],
  ['hash', 'never', 'never'],
])('%s: %s in a create, %s in an update', (name, create, update) => {
  expect(of('item').fields.get(name)).toMatchObject({ create, update })
})

test('a column of the key is in the input of a create, not of an update', () => {
  expect(of('part').fields.get('line')).toMatchObject({ create: 'required', update: 'never' })
  expect(of('part').fields.get('kind')).toMatchObject({ create: 'optional', update: 'optional' })
})

test('enums have their name in the database, and labels that GraphQL allows', () => {
  expect(of('item').fields.get('state')?.enum).toEqual({
    name: 'ItemState',
    values: [
      { label: 'new', graphql: 'new' },
      { label: 'sold out', graphql: 'sold_out' },
      { label: '2nd', graphql: '_2nd' },
    ],
  })
  expect(of('item').fields.get('size')).toMatchObject({ enum: null, kind: { name: 'text' } })
})

test("keys: primary, composite, unique by constraint and by plain index, and a view's declared one", () => {
  const names = (key: string) =>
    [of(key).primaryKey, ...of(key).uniqueKeys].map((one) => [one.name, one.path])
  expect(names('item')).toEqual([
    ['Always', 'always'],
    ['ShelfAndPlace', 'shelf,place'],
    ['Code', 'code'],
  ])
  expect(names('part')).toEqual([['ItemAndLine', 'item,line']])
  expect(names('total')).toEqual([['Kind', 'kind']])
  expect(of('total')).toMatchObject({ writable: false })
})

test('operations are those of the verbs in access', () => {
  expect(model.operations.map((operation) => operation.name)).toEqual([
    'item',
    'itemByShelfAndPlace',
    'itemByCode',
    'items',
    'itemsAggregate',
    'createItem',
    'updateItem',
    'deleteItem',
    'createItems',
    'detail',
    'details',
    'detailsAggregate',
    'createDetail',
    'updateDetail',
    'deleteDetail',
    'createDetails',
    'part',
    'pieces',
    'piecesAggregate',
    'createPiece',
    'updatePiece',
    'deletePiece',
    'createPieces',
    'tag',
    'tags',
    'tagsAggregate',
    'total',
    'totals',
    'totalsAggregate',
  ])
  expect(of('part')).toMatchObject({
    path: 'pieces',
    tableKey: 'parts',
    page: { default: 5, max: 10 },
  })
})

test('opted-in operations include an upsert by every key whose columns callers may give', () => {
  const { operations } = buildModel({
    name: 'Opted',
    relations,
    resources: {
      item: resource('items', {
        ...all,
        writes: ['upsert', 'updateMany', 'deleteMany'],
        fields: { place: { write: access.nobody } },
      }),
      part: resource('parts', { ...all, writes: ['upsert'] }),
    },
  })
  expect(
    operations.flatMap((one) =>
      one.standard === 'upsert' || one.standard?.endsWith('Many') ? [one.name] : [],
    ),
  ).toEqual([
    'createItems',
    'upsertItemBySecret',
    'upsertItemByCode',
    'updateItems',
    'deleteItems',
    'createParts',
    'upsertPart',
  ])
})

describe('relations', () => {
  const relation = (name: string, key = 'item') => of(key).relations.get(name)

  test('to itself, to one and to many', () => {
    expect(relation('parent')).toMatchObject({
      many: false,
      target: 'item',
      nullable: true,
      first: false,
      through: null,
    })
    expect(relation('children')).toMatchObject({ many: true, target: 'item', first: false })
  })

  test('one to one, by a key on the other side', () => {
    expect(relation('detail')).toMatchObject({
      many: false,
      target: 'detail',
      nullable: true,
      first: false,
    })
    expect(relation('item', 'detail')).toMatchObject({ nullable: false, first: false })
  })

  test('through a junction that is not a resource', () => {
    expect(relation('tags')).toMatchObject({
      many: true,
      target: 'tag',
      through: { resource: null },
    })
  })

  test('to columns that are not unique take the first row', () => {
    expect(relation('namedTag')).toMatchObject({ many: false, first: true, nullable: true })
  })

  test("with a where of Drizzle's", () => {
    expect(relation('bigParts')).toMatchObject({ many: true, where: { line: { gt: 10 } } })
  })
})

test('a relation that is not served has a note', () => {
  const { notes } = buildModel({
    name: 'Notes',
    relations,
    resources: {
      item: resource('items', {
        access: { create: everyone },
        fields: { required: { hidden: true } },
      }),
      part: resource('parts', { access: {} }),
    },
  })
  expect(notes).toEqual([
    'item.parent is not served: items is no resource that anybody may read.',
    'item.children is not served: items is no resource that anybody may read.',
    'item.detail is not served: details is no resource that anybody may read.',
    'item.parts is not served: parts is no resource that anybody may read.',
    'item.bigParts is not served: parts is no resource that anybody may read.',
    'item.tags is not served: tags is no resource that anybody may read.',
    'item.namedTag is not served: tags is no resource that anybody may read.',
    'item can be created only if a trigger fills required: it is required and not served.',
    'part is not served: it names no access.',
  ])
})

test('reserved words of REST paths have a note where a key is text', () => {
  const words = pgTable('words', { word: text().primaryKey() })
  const own = defineRelations({ words })
  const declared = declare({ relations: own })
  const built = buildModel({
    name: 'Words',
    relations: own,
    resources: { word: declared.resource('words', { access: { read: declared.access.everyone } }) },
  })
  expect(built.notes).toEqual([
    'word has text for a key: on REST, a row whose word is aggregate, batch, query is reached by a filter only.',
  ])
})
