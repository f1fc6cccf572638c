// Every mistake in a body has an issue with its path and the allowed names, the same on both faces.
import { defineRelations } from 'drizzle-orm'
import {
  bigint,
  boolean,
  bytea,
  char,
  date,
  doublePrecision,
  integer,
  interval,
  jsonb,
  numeric,
  pgEnum,
  pgTable,
  real,
  smallint,
  text,
  time,
  timestamp,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { declare } from '../../src/schema/declare/declare.ts'
import { gateway } from '../../src/server/gateway.ts'
import { createTables } from '../engine/support.ts'
import { onDatabase } from '../support/databases.ts'
import { type Faces, openFaces } from './support.ts'

const mood = pgEnum('mood', ['calm', 'so so'])
const all = pgTable('all', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  needed: text().notNull(),
  small: smallint(),
  whole: integer(),
  big: bigint({ mode: 'bigint' }),
  decimal: numeric(),
  money: numeric({ precision: 6, scale: 2 }),
  single: real(),
  double: doublePrecision(),
  flag: boolean(),
  words: text(),
  short: varchar({ length: 3 }),
  code: char({ length: 2 }),
  uuid: uuid(),
  day: date(),
  hour: time(),
  local: timestamp(),
  at: timestamp({ withTimezone: true }),
  span: interval(),
  mood: mood(),
  moods: mood().array(),
  facts: jsonb(),
  bytes: bytea(),
  tags: text().array(),
  sizes: integer().array(),
  solid: boolean().notNull().default(false),
})
const relations = defineRelations({ all })
const {
  resource,
  operation,
  access: { everyone },
} = declare({ relations })

const line = z.object({
  product: z.int32(),
  count: z.int32().min(1).max(10),
  size: z.enum(['S', 'M']).optional(),
  note: z.string().max(5).nullable().optional(),
})
const send = operation({
  kind: 'mutation',
  rest: 'POST /send',
  access: everyone,
  output: z.object({ ok: z.boolean() }),
  input: z
    .object({
      lines: z.array(line).min(1).max(2).optional(),
      to: z.object({ name: z.string().min(2), day: z.iso.date().optional() }).optional(),
      ratio: z.number().min(0).lt(1).optional(),
      yes: z.boolean().optional(),
      id: z.uuid().optional(),
      at: z.iso.datetime().optional(),
      hour: z.iso.time().optional(),
      span: z.iso.duration().optional(),
      bytes: z.base64().optional(),
      mail: z.email().optional(),
      price: z.stringFormat('decimal', /^\d+$/).optional(),
      step: z.int32().multipleOf(5).optional(),
      kind: z.literal(['a', 'b']).optional(),
      code: z
        .string()
        .length(3)
        .regex(/^[a-z]+$/)
        .optional(),
      any: z.unknown().optional(),
    })
    .refine(({ ratio }) => ratio !== 0.5, { path: ['ratio'], message: 'Not a half.' }),
  handle: async () => ({ ok: true }),
})
const declaration = gateway({
  name: 'Mistakes',
  relations,
  operations: { send },
  resources: {
    one: resource('all', {
      access: { read: everyone, create: everyone, update: everyone },
      fields: {
        whole: { validate: (whole) => whole.min(1).max(50) },
        words: {
          validate: (words) =>
            words
              .min(2)
              .max(4)
              .regex(/^[a-z]*$/, 'Small letters.'),
        },
        tags: { validate: (tags) => tags.max(2) },
      },
    }),
  },
})

const ALLOWED =
  'Allowed are needed, small, whole, big, decimal, money, single, double, flag, words, short, code, uuid, day, hour, local, at, span, mood, moods, facts, bytes, tags, sizes, solid.'

onDatabase('pglite', (open) => {
  let faces: Faces
  beforeAll(async () => {
    const database = await open({ relations })
    await createTables(database, { mood, all })
    await database.query({ text: `insert into "all" (needed) values ('x')`, values: [] })
    faces = await openFaces(declaration, database)
  })
  afterAll(() => faces.gateway.close())
  const answerOf = async (operation_: string, input: object) =>
    (await faces.send(operation_, { input })).answer

  test.each([
    'like',
    'ilike',
    'contains',
    'startsWith',
    'endsWith',
    'iContains',
    'iStartsWith',
    'iEndsWith',
  ])('a pattern of %s has at most 1,000 characters', async (name) => {
    const where = { words: { [name]: '%a'.repeat(501) } }
    const list = { where, page: {}, total: false } as const
    expect((await faces.send('all', { list })).answer).toEqual([
      'VALIDATION_FAILED',
      `where words.${name} too_big: A pattern has at most 1000 characters.`,
    ])
  })

  test('JSON that is looked for has at most 1,000 values', async () => {
    const asked = async (contains: unknown) => {
      const list = { where: { facts: { contains } }, page: {}, total: false } as const
      return (await faces.send('all', { list })).answer
    }
    expect(await asked({ a: [1, { b: Array.from({ length: 995 }, () => 1) }] })).not.toContain(
      'VALIDATION_FAILED',
    )
    expect(await asked({ a: [1, { b: Array.from({ length: 996 }, () => 1) }] })).toEqual([
      'VALIDATION_FAILED',
      'where facts.contains too_big: At most 1000 values, those in lists and objects among them.',
    ])
  })

  test.each<[input: object, ...answer: string[]]>([
    [{ small: 1.5 }, 'small wrong_type: Expected a whole number of 16 bits.'],
    [{ small: 40_000 }, 'small invalid: Expected a whole number of 16 bits.'],
    [{ small: '1' }, 'small wrong_type: Expected a whole number of 16 bits.'],
    [{ whole: 2_147_483_648 }, 'whole wrong_type: Expected a whole number of 32 bits.'],
    [{ whole: 1.5 }, 'whole wrong_type: Expected a whole number of 32 bits.'],
    [{ whole: '1' }, 'whole wrong_type: Expected a whole number of 32 bits.'],
    [{ whole: true }, 'whole wrong_type: Expected a whole number of 32 bits.'],
    [{ whole: {} }, 'whole wrong_type: Expected a whole number of 32 bits.'],
    [{ whole: 0 }, 'whole too_small: At least 1.'],
    [{ whole: 51 }, 'whole too_big: At most 50.'],
    [{ big: 1 }, 'big wrong_type: Expected a whole number of 64 bits as a string.'],
    [
      { big: '9223372036854775808' },
      'big wrong_type: Expected a whole number of 64 bits as a string.',
    ],
    [{ decimal: 1 }, 'decimal wrong_type: Expected a decimal number as a string, such as "12.50".'],
    [
      { decimal: '1e3' },
      'decimal wrong_type: Expected a decimal number as a string, such as "12.50".',
    ],
    [{ money: '12345.00' }, 'money invalid: At most 4 digits before the point.'],
    [{ money: '1.234' }, 'money invalid: At most 2 digits after the point are kept.'],
    [{ single: 1e300 }, 'single invalid: Expected a number that 32 bits can hold.'],
    [{ double: 'x' }, 'double wrong_type: Expected a number.'],
    [{ double: '1' }, 'double wrong_type: Expected a number.'],
    [{ flag: 'yes' }, 'flag wrong_type: Expected true or false.'],
    [{ flag: 1 }, 'flag wrong_type: Expected true or false.'],
    [{ words: 5 }, 'words wrong_type: Expected text.'],
    [{ words: 'a' }, 'words too_small: At least 2 characters.'],
    [{ words: 'abcdef' }, 'words too_big: At most 4 characters.'],
    [{ words: 'AB' }, 'words invalid: Small letters.'],
    [{ short: 'abcd' }, 'short invalid: At most 3 characters.'],
    [{ code: 'abc' }, 'code invalid: At most 2 characters.'],
    [{ words: 'a\0' }, 'words wrong_type: Expected text without NUL and lone surrogates.'],
    [{ uuid: 'x' }, 'uuid wrong_type: Expected a UUID.'],
    [{ day: '2026-02-30' }, 'day wrong_type: Expected a date, such as "2026-11-23".'],
    [{ day: 5 }, 'day wrong_type: Expected a date, such as "2026-11-23".'],
    [{ hour: '25:00:00' }, 'hour wrong_type: Expected a time of day, such as "13:45:00".'],
    [
      { local: '2026-01-01T00:00:00Z' },
      'local wrong_type: Expected a date and time without offset, such as "2026-11-23T13:45:00".',
    ],
    [
      { at: '2026-01-01T00:00:00' },
      'at wrong_type: Expected an RFC 3339 date and time with offset, such as "2026-11-23T13:45:00Z".',
    ],
    [
      { at: 'yesterday' },
      'at wrong_type: Expected an RFC 3339 date and time with offset, such as "2026-11-23T13:45:00Z".',
    ],
    [{ span: 'an hour' }, 'span wrong_type: Expected an ISO 8601 duration, such as "P1DT2H".'],
    [{ mood: 'bad' }, 'mood wrong_type: Expected one of "calm", "so so".'],
    [{ mood: 5 }, 'mood wrong_type: Expected one of "calm", "so so".'],
    [{ moods: ['bad'] }, 'moods.0 wrong_type: Expected one of "calm", "so so".'],
    [{ bytes: '!' }, 'bytes wrong_type: Expected bytes in base64.'],
    [{ tags: [1] }, 'tags.0 wrong_type: Expected text.'],
    [{ tags: ['a', 'b', 'c'] }, 'tags too_big: At most 2 members.'],
    [{ sizes: [1, 'x'] }, 'sizes.1 wrong_type: Expected a whole number of 32 bits.'],
    [{ solid: null }, 'solid wrong_type: Expected true or false.'],
    [{ needed: null }, 'needed wrong_type: Expected text.'],
    [{ needed: undefined }, 'needed required: This is required.'],
    [{ colour: 'red' }, `colour unknown_member: There is no colour here. ${ALLOWED}`],
    [{ id: 1 }, `id unknown_member: There is no id here. ${ALLOWED}`],
    [
      { colour: 1, small: 'x', flag: 2 },
      'small wrong_type: Expected a whole number of 16 bits.',
      'flag wrong_type: Expected true or false.',
      `colour unknown_member: There is no colour here. ${ALLOWED}`,
    ],
  ])('a create of %j', async (input, ...issues) => {
    expect(await answerOf('createOne', { needed: 'x', ...input })).toEqual([
      'VALIDATION_FAILED',
      ...issues.map((issue) => `input ${issue}`),
    ])
  })

  test.each<[input: object, ...answer: string[]]>([
    [
      { lines: [{}] },
      'lines.0.product required: This is required.',
      'lines.0.count required: This is required.',
    ],
    [{ lines: [{ product: 1, count: 0 }] }, 'lines.0.count too_small: At least 1.'],
    [
      {
        lines: [
          { product: 1, count: 11 },
          { product: 'x', count: 1 },
        ],
      },
      'lines.1.product wrong_type: Expected a whole number of 32 bits.',
    ],
    [{ lines: [] }, 'lines too_small: At least 1 member.'],
    [{ lines: [1, 2, 3] }, 'lines too_big: At most 2 members.'],
    [
      { lines: [{ product: 1, count: 1, size: 'L' }] },
      'lines.0.size wrong_type: Expected one of "S", "M".',
    ],
    [
      { lines: [{ product: 1, count: 1, note: 'too long' }] },
      'lines.0.note too_big: At most 5 characters.',
    ],
    [
      { lines: [{ product: null, count: 1 }] },
      'lines.0.product wrong_type: Expected a whole number of 32 bits.',
    ],
    [
      { lines: [{ product: 1, count: 1, more: 1 }] },
      'lines.0.more unknown_member: There is no more here. Allowed are product, count, size, note.',
    ],
    [{ lines: [null] }, 'lines.0 wrong_type: Expected an object.'],
    [{ to: null }, 'to wrong_type: Expected an object.'],
    [{ to: 'x' }, 'to wrong_type: Expected an object.'],
    [{ to: {} }, 'to.name required: This is required.'],
    [{ to: { name: 'x' } }, 'to.name too_small: At least 2 characters.'],
    [
      { to: { name: 'xx', day: '2026-02-30' } },
      'to.day wrong_type: Expected a date, such as "2026-11-23".',
    ],
    [
      { to: { name: 'xx', more: { a: 1 } } },
      'to.more unknown_member: There is no more here. Allowed are name, day.',
    ],
    [{ ratio: -1 }, 'ratio too_small: At least 0.'],
    [{ ratio: 1 }, 'ratio too_big: Less than 1.'],
    [{ ratio: 'x' }, 'ratio wrong_type: Expected a number.'],
    [{ ratio: 0.5 }, 'ratio invalid: Not a half.'],
    [{ yes: 'x' }, 'yes wrong_type: Expected true or false.'],
    [{ id: 'x' }, 'id wrong_type: Expected a UUID.'],
    [
      { at: 'x' },
      'at wrong_type: Expected an RFC 3339 date and time with offset, such as "2026-11-23T13:45:00Z".',
    ],
    [{ hour: 'x' }, 'hour wrong_type: Expected a time of day, such as "13:45:00".'],
    [{ span: 'x' }, 'span wrong_type: Expected an ISO 8601 duration, such as "P1DT2H".'],
    [{ bytes: '!' }, 'bytes wrong_type: Expected bytes in base64.'],
    [{ mail: 'x' }, 'mail invalid: Invalid email address'],
    [{ price: 'x' }, 'price wrong_type: Expected a decimal number as a string, such as "12.50".'],
    [{ price: 5 }, 'price wrong_type: Expected a decimal number as a string, such as "12.50".'],
    [{ step: 7 }, 'step invalid: A multiple of 5.'],
    [{ step: 1.5 }, 'step wrong_type: Expected a whole number of 32 bits.'],
    [{ kind: 'c' }, 'kind wrong_type: Expected one of "a", "b".'],
    [{ code: 'ab' }, 'code too_small: At least 3 characters.'],
    [{ code: 'AB1' }, 'code invalid: Invalid string: must match pattern /^[a-z]+$/'],
    [
      { more: 1 },
      'more unknown_member: There is no more here. Allowed are lines, to, ratio, yes, id, at, hour, span, bytes, mail, price, step, kind, code, any.',
    ],
  ])("an operation's %j", async (input, ...issues) => {
    expect(await answerOf('send', input)).toEqual([
      'VALIDATION_FAILED',
      ...issues.map((issue) => `input ${issue}`),
    ])
  })

  test('an update reports the same mistakes, and refuses an empty input', async () => {
    const update = async (input: object) =>
      (await faces.send('updateOne', { key: { id: 1 }, input })).answer
    expect(await update({ small: 'x', mood: 'bad', colour: 1 })).toEqual([
      'VALIDATION_FAILED',
      'input small wrong_type: Expected a whole number of 16 bits.',
      'input mood wrong_type: Expected one of "calm", "so so".',
      `input colour unknown_member: There is no colour here. ${ALLOWED}`,
    ])
    expect(await update({ needed: null })).toEqual([
      'VALIDATION_FAILED',
      'input needed wrong_type: Expected text.',
    ])
    expect(await update({ whole: 51, words: 'a' })).toEqual([
      'VALIDATION_FAILED',
      'input whole too_big: At most 50.',
      'input words too_small: At least 2 characters.',
    ])
    expect(await update({})).toEqual([
      'VALIDATION_FAILED',
      'input  wrong_type: Name at least one field to change.',
    ])
  })
})
