// A museum with every kind of value, key, relation and policy that a model can have, and rows at the edges of each.
import { defineRelations, sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  bytea,
  char,
  date,
  doublePrecision,
  foreignKey,
  integer,
  interval,
  json,
  jsonb,
  numeric,
  pgEnum,
  pgTable,
  pgView,
  primaryKey,
  real,
  smallint,
  text,
  time,
  timestamp,
  unique,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core'
import { gateway } from 'bifrons'
import { z } from 'zod'
import { declare, list } from '../../src/schema/declare/declare.ts'
import type { Database } from '../../src/db/database.ts'
import { createTables } from '../engine/support.ts'

const era = pgEnum('era', ['stone age', 'iron-age', 'modern', '1900s'])

const rooms = pgTable(
  'rooms',
  {
    wing: text().notNull(),
    name: text().notNull(),
    area: numeric(),
    open: boolean().notNull().default(true),
    keeper: text(),
  },
  (table) => [primaryKey({ columns: [table.wing, table.name] })],
)

const pieces = pgTable(
  'pieces',
  {
    id: bigint({ mode: 'bigint' }).primaryKey().generatedByDefaultAsIdentity(),
    code: varchar({ length: 12 }).notNull().unique(),
    title: text().notNull(),
    secret: text(),
    appraisal: numeric({ precision: 14, scale: 2 }),
    lender: text(),
    era: era(),
    eras: era().array(),
    small: smallint(),
    weight: real(),
    height: doublePrecision(),
    fragile: boolean(),
    token: uuid(),
    found: date(),
    opened: time(),
    moved: timestamp({ mode: 'string' }),
    listed: timestamp({ withTimezone: true, mode: 'string' }),
    loan: interval(),
    facts: jsonb(),
    notes: json(),
    photo: bytea(),
    tags: text().array(),
    sizes: numeric().array(),
    grade: char({ length: 1 }),
    wing: text(),
    room: text(),
    partOf: bigint('part_of', { mode: 'bigint' }),
    likeness: text(),
  },
  (table) => [
    foreignKey({ columns: [table.wing, table.room], foreignColumns: [rooms.wing, rooms.name] }),
    foreignKey({ columns: [table.partOf], foreignColumns: [table.id] }),
  ],
)

const artists = pgTable('artists', {
  id: uuid().primaryKey().defaultRandom(),
  name: text().notNull(),
  born: integer(),
  hidden: boolean().notNull().default(false),
})
const works = pgTable(
  'works',
  {
    artistId: uuid('artist_id')
      .notNull()
      .references(() => artists.id),
    pieceId: bigint('piece_id', { mode: 'bigint' })
      .notNull()
      .references(() => pieces.id),
    role: text().notNull().default('maker'),
    public: boolean().notNull().default(true),
  },
  (table) => [
    primaryKey({ columns: [table.artistId, table.pieceId] }),
    unique().on(table.pieceId, table.role),
  ],
)
const labels = pgTable('labels', {
  code: text().primaryKey(),
  body: text().notNull(),
  pieceId: bigint('piece_id', { mode: 'bigint' })
    .unique()
    .references(() => pieces.id),
})
const wishes = pgTable('wishes', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  body: text().notNull(),
})
const crowdedRooms = pgView('crowded_rooms', {
  wing: text().notNull(),
  name: text().notNull(),
  count: bigint({ mode: 'bigint' }).notNull(),
}).as(
  sql`select wing, room as name, count(*) as count from pieces where wing is not null and room is not null group by wing, room`,
)

const tables = { era, rooms, pieces, artists, works, labels, wishes, crowdedRooms }
const { era: _type, ...related } = tables

export const relations = defineRelations(related, (r) => ({
  rooms: { pieces: r.many.pieces() },
  pieces: {
    place: r.one.rooms({ from: [r.pieces.wing, r.pieces.room], to: [r.rooms.wing, r.rooms.name] }),
    whole: r.one.pieces({ from: r.pieces.partOf, to: r.pieces.id, alias: 'parts' }),
    parts: r.many.pieces({ from: r.pieces.id, to: r.pieces.partOf, alias: 'parts' }),
    artists: r.many.artists({
      from: r.pieces.id.through(r.works.pieceId),
      to: r.artists.id.through(r.works.artistId),
      alias: 'makers',
    }),
    works: r.many.works(),
    label: r.one.labels({ from: r.pieces.id, to: r.labels.pieceId }),
    namesake: r.one.artists({ from: r.pieces.likeness, to: r.artists.name }), // not unique: the first by its key
    modernParts: r.many.pieces({
      from: r.pieces.id,
      to: r.pieces.partOf,
      where: { era: 'modern' },
      alias: 'modern',
    }),
  },
  artists: { pieces: r.many.pieces({ alias: 'makers' }), works: r.many.works() },
  works: {
    artist: r.one.artists({ from: r.works.artistId, to: r.artists.id, optional: false }),
    piece: r.one.pieces({ from: r.works.pieceId, to: r.pieces.id, optional: false }),
  },
  labels: { piece: r.one.pieces({ from: r.labels.pieceId, to: r.pieces.id }) },
}))

const { resource, operation, access } = declare({
  relations,
  caller: z.object({ lender: z.string(), wing: z.string() }).partial(),
})
const curator = access.role('curator')
const lender = access.owner('lender', 'lender')
const anyone = {
  read: access.everyone,
  create: access.everyone,
  update: access.everyone,
  delete: access.everyone,
}

const piece = resource('pieces', {
  access: {
    read: access.any({ title: { ne: 'withdrawn' } }, lender, curator),
    create: access.any(lender, curator),
    update: access.any(access.all(lender, { fragile: { eq: false } }), curator),
    delete: curator,
  },
  writes: ['upsert', 'updateMany', 'deleteMany'],
  fields: {
    id: { settable: true },
    secret: { hidden: true },
    appraisal: {
      read: access.any(lender, curator),
      write: curator,
      validate: (value) =>
        value.refine((digits) => !digits.startsWith('-'), 'An appraisal is not below zero.'),
    },
    lender: { read: access.signedIn },
    title: { validate: (title) => title.min(1, 'A title is not empty.').max(40) },
    token: {
      read: ({ roles }) => roles.includes('curator') || { fragile: { eq: true } },
      write: access.nobody,
    },
  },
  search: { columns: ['title', 'code', 'wing'], weights: { title: 'A', code: 'B' } },
  computed: {
    heavy: { type: 'boolean', nullable: true, sql: (own) => sql`${own.weight} > 10` },
    shelfMark: { type: 'text', nullable: false, sql: (own) => sql`upper(${own.code})` },
  },
  nested: ['place', 'parts', 'works'],
})
const room = resource('rooms', {
  access: {
    read: access.any({ open: { eq: true } }, access.owner('wing', 'wing'), curator),
    create: curator,
    update: access.owner('wing', 'wing'),
    delete: curator,
  },
  nested: ['pieces'],
  fields: { keeper: { read: curator } },
  search: { columns: ['name', 'keeper'], language: 'simple' },
  writes: ['upsert', 'updateMany', 'deleteMany'],
})
const artist = resource('artists', {
  access: { ...anyone, read: access.not({ hidden: { eq: true } }) },
  page: { default: 3, max: 5 },
  writes: ['upsert', 'updateMany', 'deleteMany'],
})
const work = resource('works', {
  access: { ...anyone, read: access.any({ public: { eq: true } }, curator) },
  nested: ['artist'],
  writes: ['upsert', 'updateMany', 'deleteMany'],
})
const label = resource('labels', {
  access: { ...anyone, read: access.signedIn, delete: access.nobody },
  writes: ['upsert', 'updateMany'],
})
const wish = resource('wishes', { access: { create: access.everyone } })
const crowdedRoom = resource('crowdedRooms', {
  key: ['wing', 'name'],
  access: { read: access.everyone },
})

const heaviest = operation({
  kind: 'query',
  rest: 'GET /pieces/heaviest',
  access: access.everyone,
  output: list(piece),
  input: z.object({
    count: z.int32().min(1).max(10),
    eras: z.array(z.enum(era.enumValues)).optional(),
    above: z.number().optional(),
  }),
  handle: async ({ input, tx }) =>
    tx
      .select({ id: pieces.id })
      .from(pieces)
      .where(input.above === undefined ? undefined : sql`${pieces.weight} > ${input.above}`)
      .orderBy(sql`${pieces.weight} desc nulls last`, pieces.id)
      .limit(input.count),
})

const echo = operation({
  kind: 'query',
  rest: 'GET /echo/{word}',
  access: access.signedIn,
  input: z.object({
    word: z.string().min(1),
    era: z.enum(era.enumValues).default('modern'),
    numbers: z.array(z.int32()).optional(),
    yes: z.boolean().optional(),
    day: z.iso.date().optional(),
    deep: z.object({ a: z.number(), b: z.array(z.string()).optional() }).optional(),
  }),
  output: z.object({
    word: z.string(),
    era: z.enum(era.enumValues),
    numbers: z.array(z.int32()).optional(),
    yes: z.boolean().nullable(),
    day: z.iso.date().optional(),
    deep: z.object({ a: z.number(), b: z.array(z.string()).nullable() }).optional(),
  }),
  handle: async ({ input: { yes = null, deep, ...input } }) => ({
    ...input,
    yes,
    ...(deep === undefined ? {} : { deep: { a: deep.a, b: deep.b ?? null } }),
  }),
})

const split = operation({
  kind: 'mutation',
  rest: 'PUT /pieces/{id}/split',
  status: 202,
  access: access.any(curator, ({ claims }) => claims.lender !== undefined),
  output: piece,
  input: z.object({
    id: z.stringFormat('bigint', /^\d{1,18}$/),
    titles: z.array(z.string().max(40)).max(3),
    era: z.enum(era.enumValues).nullable().optional(),
  }),
  errors: {
    NOTHING_TO_SPLIT: {
      status: 422,
      message: 'A piece is split into one part at least.',
      details: z.object({ id: z.string(), era: z.enum(era.enumValues).nullable() }),
    },
  },
  async handle({ input, tx, fail }) {
    if (input.titles.length === 0)
      throw fail.NOTHING_TO_SPLIT({ id: input.id, era: input.era ?? null })
    const id = BigInt(input.id)
    for (const [i, title] of input.titles.entries())
      await tx
        .insert(pieces)
        .values({ code: `${input.id}/${i}`, title, era: input.era ?? null, partOf: id })
    return { id }
  },
})

const museum = gateway({
  name: 'Museum',
  relations,
  resources: { piece, room, artist, work, label, wish, crowdedRoom },
  operations: { heaviest, echo, split },
})
export { museum }

const statements = [
  `insert into rooms select w, n, nullif(i, 3) * 10.50, i % 4 <> 0, 'keeper ' || i
   from unnest(array['east', 'west', 'a,b', 'ü/ö', '50%', ' x ']) with ordinality w(w, i), unnest(array['1', 'hall', 'o''hara', 'q"?']) n`,
  `insert into pieces (code, title, secret, appraisal, lender, era, eras, small, weight, height, fragile, token, found, opened, moved, listed, loan, facts, notes, photo, tags, sizes, grade, wing, room, part_of, likeness)
   select 'P-' || i, case when i % 9 = 0 then 'withdrawn' else 'Piece ' || i % 7 end, 'secret', i * 100.01, case i % 3 when 0 then 'ann' when 1 then 'bob' end,
     (array['stone age', 'iron-age', 'modern', '1900s', null]::era[])[1 + i % 5], (array['{}', '{stone age,null}', '{1900s}', null]::text[])[1 + i % 4]::era[],
     case when i % 6 > 0 then i end, (array[0.1, 1e10, 'NaN', '-Infinity', 11.5, null]::real[])[1 + i % 6], (array[1e300, 5e-324, 0.1, '-0', null]::float8[])[1 + i % 5],
     (array[true, false, null])[1 + i % 3], case when i % 4 > 0 then md5(i::text)::uuid end, (array['2024-02-29', 'infinity', '0044-03-15 BC', null]::date[])[1 + i % 4],
     (array['24:00:00', '12:30:00.000001', null]::time[])[1 + i % 3], (array['2026-01-01 00:00:00.1', '-infinity', null]::timestamp[])[1 + i % 3],
     (array['2026-01-01 00:00:00+02', '1900-01-01 00:00:00.000001+00', null]::timestamptz[])[1 + i % 3], (array['1 year 2 mons -3 days', '04:05:06.7', null]::interval[])[1 + i % 3],
     (array['{"big": 12345678901234567890.10, "a": [1.0, null]}', '[]', '"text"', 'null', null]::jsonb[])[1 + i % 5], (array['{"b": 1, "a": 1e2}', null]::json[])[1 + i % 2],
     (array['\\x', '\\xdeadbeef', null]::bytea[])[1 + i % 3], (array['{}', '{"a,b","say \\"so\\"",null}', '{x,y}', null]::text[])[1 + i % 4]::text[],
     (array['{1.50,NaN}', '{}', null]::text[])[1 + i % 3]::numeric[], (array['a', null])[1 + i % 2], null, null, case when i > 3 then i % 4 + 1 end, 'Artist ' || i % 4
   from generate_series(1, 45) i`,
  `update pieces set (wing, room) = (select wing, name from rooms order by wing, name offset pieces.id % 20 limit 1) where id % 3 > 0`,
  `insert into artists select md5('artist' || i)::uuid, 'Artist ' || i % 5, nullif(i, 4) * 100, i % 6 = 0 from generate_series(1, 14) i`,
  `insert into works select (select id from artists order by id offset i % 14 limit 1), 1 + i % 40, 'role ' || i, i % 5 > 0 from generate_series(1, 60) i on conflict do nothing`,
  `insert into labels select 'L' || i || case when i % 3 = 0 then '/,%' else '' end, 'Label ' || i, nullif(i, 2) from generate_series(1, 12) i`,
  'analyze',
]

/** Makes the museum's tables and fills them. */
export async function fillMuseum(database: Database): Promise<void> {
  await createTables(database, tables)
  for (const statement of statements) await database.query({ text: statement, values: [] })
}
