// Tables for properties: things with nulls in every kind, their group, their parts, and tags through a junction.
import { defineRelations, sql } from 'drizzle-orm'
import {
  boolean,
  doublePrecision,
  integer,
  numeric,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  timestamp,
} from 'drizzle-orm/pg-core'
import { declare } from '../../src/schema/declare/declare.ts'
import type { OpenFresh } from '../support/databases.ts'
import { openFixture, type Fixture } from './support.ts'

const grade = pgEnum('grade', ['low', 'middle', 'high'])
const groups = pgTable('groups', { id: integer().primaryKey(), name: text(), rank: integer() })
const things = pgTable('things', {
  id: integer().primaryKey(),
  n: integer(),
  word: text(),
  price: numeric(),
  yes: boolean(),
  grade: grade(),
  weight: doublePrecision(),
  at: timestamp({ withTimezone: true, mode: 'string' }),
  marks: text().array(),
  kind: text().notNull(),
  groupId: integer('group_id').references(() => groups.id),
})
const parts = pgTable(
  'parts',
  {
    thingId: integer('thing_id')
      .notNull()
      .references(() => things.id),
    line: integer().notNull(),
    n: integer(),
    word: text(),
  },
  (table) => [primaryKey({ columns: [table.thingId, table.line] })],
)
const labels = pgTable('labels', { id: integer().primaryKey(), word: text() })
const thingLabels = pgTable(
  'thing_labels',
  {
    thingId: integer('thing_id')
      .notNull()
      .references(() => things.id),
    labelId: integer('label_id')
      .notNull()
      .references(() => labels.id),
  },
  (table) => [primaryKey({ columns: [table.thingId, table.labelId] })],
)

const tables = { groups, things, parts, labels, thingLabels }
const relations = defineRelations(tables, (r) => ({
  groups: { things: r.many.things() },
  things: {
    group: r.one.groups({ from: r.things.groupId, to: r.groups.id }),
    parts: r.many.parts(),
    labels: r.many.labels({
      from: r.things.id.through(r.thingLabels.thingId),
      to: r.labels.id.through(r.thingLabels.labelId),
      alias: 'labels',
    }),
    namesake: r.one.labels({ from: r.things.word, to: r.labels.word }), // by a column that is not unique: the first by its key
  },
  parts: { thing: r.one.things({ from: r.parts.thingId, to: r.things.id, optional: false }) },
  labels: { things: r.many.things({ alias: 'labels' }) },
}))
const { resource, access } = declare({ relations })
const open = { access: { read: access.everyone } }
const declaration = {
  name: 'Things',
  relations,
  resources: {
    thing: resource('things', {
      ...open,
      computed: { double: { type: 'integer', sql: (thing) => sql`${thing.n} * 2` } },
    }),
    group: resource('groups', open),
    part: resource('parts', open),
    label: resource('labels', open),
  },
}

export interface Group {
  readonly id: number
  readonly name: string | null
  readonly rank: number | null
}
export interface Label {
  readonly id: number
  readonly word: string | null
}
export interface Part {
  readonly thingId: number
  readonly line: number
  readonly n: number | null
  readonly word: string | null
}
export interface Thing {
  readonly id: number
  readonly n: number | null
  readonly word: string | null
  readonly price: string | null
  readonly yes: boolean | null
  readonly grade: string | null
  readonly weight: number | null
  readonly at: string | null
  readonly marks: readonly (string | null)[] | null
  readonly kind: string
  readonly groupId: number | null
}

/** Texts that patterns and quoting could trip over. */
export const words = ['', 'a', 'A', 'ab', '%', '_', 'a_b', 'a%b', '\\', 'é', 'null', '"x"']
const pick = <T>(list: readonly T[], seed: number): T | null =>
  seed % (list.length + 1) === 0 ? null : (list[seed % list.length] ?? null)

/** The same rows in every database and in the reference: small domains, so that values are often equal. */
export const rows = {
  groups: Array.from({ length: 5 }, (_, i): Group => ({
    id: i + 1,
    name: pick(['x', 'y'], i),
    rank: pick([1, 2], i + 1),
  })),
  labels: Array.from({ length: 6 }, (_, i): Label => ({
    id: i + 1,
    word: pick(['a', 'ab', 'é'], i + 1),
  })),
  things: Array.from({ length: 40 }, (_, i): Thing => ({
    id: i + 1,
    n: pick([-1, 0, 1, 2], i * 7),
    word: pick(words, i * 5),
    price: pick(['1', '1.50', '1.5', '-2.00', 'NaN', '12345678901234567890.5'], i * 3),
    yes: pick([true, false], i),
    grade: pick(['low', 'middle', 'high'], i * 11),
    weight: pick([-1.5, 0, 0.1, 1e300], i * 13),
    at: pick(
      [
        '2026-01-01T00:00:00+00:00',
        '2026-01-01T00:00:00.000001+00:00',
        '0044-03-15 12:00:00+00:00 BC',
        'infinity',
      ],
      i * 17,
    ),
    marks: pick([[], ['a'], ['a', null], ['b', 'a%b'], [null]], i * 19),
    kind: ['p', 'q', 'r'][i % 3] ?? 'p',
    groupId: pick([1, 2, 3, 4, 5], i * 3),
  })),
  parts: Array.from({ length: 60 }, (_, i): Part => ({
    thingId: 1 + ((i * 7) % 25),
    line: i,
    n: pick([0, 1, 2], i),
    word: pick(['a', 'b'], i * 3),
  })),
  thingLabels: Array.from({ length: 45 }, (_, i) => ({
    thing: 1 + ((i * 11) % 40),
    label: 1 + ((i * 5 + Math.floor(i / 6)) % 6),
  })),
}

export async function openThings(openFresh: OpenFresh): Promise<Fixture> {
  const fixture = await openFixture(openFresh, { ...tables, grade }, declaration)
  await fixture.sql(
    'insert into groups select * from json_populate_recordset(null::groups, $1)',
    JSON.stringify(rows.groups),
  )
  await fixture.sql(
    'insert into labels select * from json_populate_recordset(null::labels, $1)',
    JSON.stringify(rows.labels),
  )
  const stored = rows.things.map(({ groupId, at, ...thing }) => ({
    ...thing,
    group_id: groupId,
    at: at?.replace('+00:00 BC', '+00 BC') ?? null,
  }))
  await fixture.sql(
    'insert into things select * from json_populate_recordset(null::things, $1)',
    JSON.stringify(stored),
  )
  const ofThings = rows.parts.map(({ thingId, ...part }) => ({ ...part, thing_id: thingId }))
  await fixture.sql(
    'insert into parts select * from json_populate_recordset(null::parts, $1)',
    JSON.stringify(ofThings),
  )
  for (const { thing, label } of rows.thingLabels)
    await fixture.sql(
      'insert into thing_labels values ($1, $2) on conflict do nothing',
      String(thing),
      String(label),
    )
  return fixture
}
