// Values of every kind: writes and filters accept the value of a read unchanged, with all digits, under any session settings.
import { defineRelations } from 'drizzle-orm'
import {
  bigint,
  boolean,
  bytea,
  char,
  customType,
  date,
  doublePrecision,
  inet,
  integer,
  interval,
  json,
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
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { declare } from '../../src/schema/declare/declare.ts'
import { eachDatabase, type OpenFresh } from '../support/databases.ts'
import { openFixture, related, select, type Fixture } from './support.ts'

const mood = pgEnum('mood', ['sad', 'so-so', 'it\'s "fine"', 'über'])

const box = customType({ dataType: () => 'box' })
const samples = pgTable('samples', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  small: smallint(),
  whole: integer(),
  big: bigint({ mode: 'bigint' }),
  number: numeric(),
  money: numeric({ precision: 12, scale: 2 }),
  single: real(),
  double: doublePrecision(),
  yes: boolean(),
  words: text(),
  short: varchar({ length: 10 }),
  fixed: char({ length: 4 }),
  code: uuid(),
  day: date(),
  clock: time(),
  local: timestamp({ mode: 'string' }),
  moment: timestamp({ withTimezone: true, mode: 'string' }),
  milli: timestamp({ withTimezone: true, precision: 3, mode: 'string' }),
  span: interval(),
  feeling: mood(),
  loose: json(),
  tree: jsonb(),
  blob: bytea(),
  address: inet(),
  area: box(),
  grid: integer().array('[][]'),
  smalls: smallint().array(),
  wholes: integer().array(),
  bigs: bigint({ mode: 'bigint' }).array(),
  numbers: numeric().array(),
  singles: real().array(),
  doubles: doublePrecision().array(),
  yeses: boolean().array(),
  texts: text().array(),
  shorts: varchar({ length: 10 }).array(),
  codes: uuid().array(),
  days: date().array(),
  clocks: time().array(),
  locals: timestamp({ mode: 'string' }).array(),
  moments: timestamp({ withTimezone: true, mode: 'string' }).array(),
  spans: interval().array(),
  feelings: mood().array(),
  trees: jsonb().array(),
  blobs: bytea().array(),
  addresses: inet().array(),
})
const relations = defineRelations({ samples }, (r) => ({
  // every row with itself, to see it as a relation shows it
  samples: {
    one: r.one.samples({ from: r.samples.id, to: r.samples.id }),
    many: r.many.samples({ from: r.samples.id, to: r.samples.id }),
  },
}))
const { resource, access } = declare({ relations })
const everyone = access.everyone
const sample = resource('samples', {
  access: { read: everyone, create: everyone, update: everyone },
})
const declaration = { name: 'Values', relations, resources: { sample } }

/** Values as SQL literals, with the result of a read. */
const examples: Readonly<Record<string, readonly (readonly [literal: string, wire: unknown])[]>> = {
  small: [
    ['-32768', -32768],
    ['32767', 32767],
    ['0', 0],
  ],
  whole: [
    ['-2147483648', -2147483648],
    ['2147483647', 2147483647],
  ],
  big: [
    ['-9223372036854775808', '-9223372036854775808'],
    ['9223372036854775807', '9223372036854775807'],
    ['9007199254740993', '9007199254740993'],
  ],
  number: [
    [
      '1234567890123456789012345678901234567890.0987654321',
      '1234567890123456789012345678901234567890.0987654321',
    ],
    ['1.50', '1.50'],
    ['NaN', 'NaN'],
    ['Infinity', 'Infinity'],
    ['-Infinity', '-Infinity'],
    ['-0.000001', '-0.000001'],
    ['1e-20', '0.00000000000000000001'],
  ],
  money: [
    ['9999999999.99', '9999999999.99'],
    ['-0.10', '-0.10'],
    ['NaN', 'NaN'],
  ],
  single: [
    ['0.1', 0.1],
    ['3.4028235e38', 3.4028235e38],
    ['1e-45', 1e-45],
    ['-0', 0],
  ],
  double: [
    ['1e300', 1e300],
    ['-1e-300', -1e-300],
    ['0.1', 0.1],
    ['5e-324', 5e-324],
    ['123456789012345680000', 123456789012345680000],
  ],
  yes: [
    ['true', true],
    ['false', false],
  ],
  words: [
    ['', ''],
    ['%_\\', '%_\\'],
    ['"\'', '"\''],
    ['{a,b}', '{a,b}'],
    ['null', 'null'],
    ['é🎉\u0007\n', 'é🎉\u0007\n'],
    [' x ', ' x '],
  ],
  short: [
    ['0123456789', '0123456789'],
    ['🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉', '🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉'],
    ['a  ', 'a  '],
  ],
  fixed: [
    ['ab', 'ab  '],
    ['abcd', 'abcd'],
  ],
  code: [['A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11']],
  day: [
    ['2026-02-28', '2026-02-28'],
    ['2024-02-29', '2024-02-29'],
    ['infinity', 'infinity'],
    ['-infinity', '-infinity'],
    ['0044-03-15 BC', '0044-03-15 BC'],
    ['0001-02-29 BC', '0001-02-29 BC'],
    ['4713-01-01 BC', '4713-01-01 BC'],
    ['5874897-12-31', '5874897-12-31'],
    ['10000-01-01', '10000-01-01'],
  ],
  clock: [
    ['13:45:00', '13:45:00'],
    ['24:00:00', '24:00:00'],
    ['23:59:59.999999', '23:59:59.999999'],
    ['00:00:00', '00:00:00'],
  ],
  local: [
    ['2026-11-23 13:45:00.123456', '2026-11-23T13:45:00.123456'],
    ['infinity', 'infinity'],
    ['-infinity', '-infinity'],
    ['0044-03-15 12:00:00 BC', '0044-03-15 12:00:00 BC'],
    ['294276-12-31 23:59:59.999999', '294276-12-31T23:59:59.999999'],
    ['2026-03-08 02:30:00', '2026-03-08T02:30:00'],
  ],
  moment: [
    ['2026-11-23 13:45:00.123456+00', '2026-11-23T13:45:00.123456+00:00'],
    ['2026-03-08 07:30:00+00', '2026-03-08T07:30:00+00:00'],
    ['2026-11-23 13:45:00+05:30', '2026-11-23T08:15:00+00:00'],
    ['infinity', 'infinity'],
    ['-infinity', '-infinity'],
    ['0044-03-15 12:00:00+00 BC', '0044-03-15 12:00:00+00:00 BC'],
    ['1883-01-01 00:00:00+00', '1883-01-01T00:00:00+00:00'],
    ['294276-12-31 23:59:59.999999+00', '294276-12-31T23:59:59.999999+00:00'],
  ],
  milli: [['2026-11-23 13:45:00.123+00', '2026-11-23T13:45:00.123+00:00']],
  span: [
    ['1 year 2 mons 3 days 04:05:06.789', 'P1Y2M3DT4H5M6.789S'],
    ['-1 mons 3 days -00:00:00.5', 'P-1M3DT-0.5S'],
    ['0', 'PT0S'],
    ['-14 mons', 'P-1Y-2M'],
    ['100:00:00', 'PT100H'],
    ['1 week', 'P7D'],
    ['00:01:00', 'PT1M'],
    ['-00:00:00.000001', 'PT-0.000001S'],
    ['178000000 years', 'P178000000Y'],
  ],
  feeling: [
    ['sad', 'sad'],
    ['it\'s "fine"', 'it\'s "fine"'],
    ['über', 'über'],
  ],
  loose: [['{"b": 1,  "a": [null, "x\\"y"]}', { b: 1, a: [null, 'x"y'] }]],
  tree: [
    ['{"a": {"b": [1, 2.50, null, "€"]}}', expect.anything()],
    ['12345678901234567890123', expect.anything()],
    ['0.10', expect.anything()],
    ['"text"', 'text'],
    ['[]', []],
  ],
  blob: [
    ['\\x', ''],
    ['\\x00ff10', 'AP8Q'],
    ['\\xdeadbeef', '3q2+7w=='],
  ],
  address: [
    ['10.0.0.1', '10.0.0.1'],
    ['2001:db8::/32', '2001:db8::/32'],
  ],
  area: [['(1,1),(0,0)', '(1,1),(0,0)']],
  grid: [['{{1,2},{3,NULL}}', '{{1,2},{3,NULL}}']],
  smalls: [
    ['{}', []],
    ['{1,NULL,-32768}', [1, null, -32768]],
  ],
  wholes: [
    ['{NULL}', [null]],
    ['{2147483647}', [2147483647]],
  ],
  bigs: [['{9223372036854775807,NULL}', ['9223372036854775807', null]]],
  numbers: [
    ['{1.50,NaN,NULL,12345678901234567890.1}', ['1.50', 'NaN', null, '12345678901234567890.1']],
  ],
  singles: [['{0.1,NULL}', [0.1, null]]],
  doubles: [['{1e300,-0.5,NULL}', [1e300, -0.5, null]]],
  yeses: [['{t,f,NULL}', [true, false, null]]],
  texts: [
    ['{}', []],
    [
      '{"a,b","\\"","\\\\",NULL,"NULL","","{}"," x","%_🎉"}',
      ['a,b', '"', '\\', null, 'NULL', '', '{}', ' x', '%_🎉'],
    ],
  ],
  shorts: [['{abc}', ['abc']]],
  codes: [
    ['{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11,NULL}', ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', null]],
  ],
  days: [
    ['{2026-02-28,infinity,0044-03-15 BC,NULL}', ['2026-02-28', 'infinity', '0044-03-15 BC', null]],
  ],
  clocks: [['{24:00:00,13:45:00.5}', ['24:00:00', '13:45:00.5']]],
  locals: [
    [
      '{"2026-11-23 13:45:00.5",infinity,"0044-03-15 12:00:00 BC",NULL}',
      ['2026-11-23T13:45:00.5', 'infinity', '0044-03-15 12:00:00 BC', null],
    ],
  ],
  moments: [
    [
      '{"2026-11-23 13:45:00.5+02",-infinity,"0044-03-15 12:00:00+00 BC",NULL}',
      ['2026-11-23T11:45:00.5+00:00', '-infinity', '0044-03-15 12:00:00+00:00 BC', null],
    ],
  ],
  spans: [['{"1 day","-00:00:01",NULL,0}', ['P1D', 'PT-1S', null, 'PT0S']]],
  feelings: [['{sad,"it\'s \\"fine\\"",NULL}', ['sad', 'it\'s "fine"', null]]],
  trees: [['{"{\\"a\\": 1}",NULL,"[1]"}', [{ a: 1 }, null, [1]]]],
  blobs: [['{"\\\\x00ff",NULL,"\\\\x"}', ['AP8=', null, '']]],
  addresses: [['{10.0.0.1,NULL}', ['10.0.0.1', null]]],
}

/** Floats that JSON has no number for are null on the wire. */
const unwritten = [
  ['single', 'NaN'],
  ['double', 'Infinity'],
  ['double', '-Infinity'],
  ['double', 'NaN'],
] as const

/** Copies are compared by their text, but for JSON's spaces and a zero's sign. */
const asText: Readonly<Record<string, string>> = {
  loose: 'jsonb',
  single: 'real',
  double: 'double precision',
}

/** A stored value is read, created again, found by equality and updated with: the database cannot tell the copies apart. */
async function roundTrip(fixture: Fixture, column: string, literal: string): Promise<unknown> {
  const [stored] = await fixture.sql(
    `insert into samples ("${column}") values ($1) returning id::text`,
    literal,
  )
  const original = Number(stored?.[0])
  const value = await readEverywhere(fixture, original, column)
  const written = async (operation: string, more: object) =>
    (await fixture.row(operation, {
      ...more,
      input: { [column]: value },
      selection: select('id', column),
    })) ?? {}
  const copy = await written('createSample', {})
  const updated = await written('updateSample', { key: { id: copy['id'] } })
  expect([copy[column], updated[column]].map((one) => JSON.stringify(one))).toEqual([
    JSON.stringify(value),
    JSON.stringify(value),
  ])
  const exact = asText[column] ?? 'text'
  const [same = []] = await fixture.sql(
    `select a."${column}"::${exact} is not distinct from b."${column}"::${exact}, a."${column}"::text, b."${column}"::text
    from samples a, samples b where a.id = $1 and b.id = $2`,
    String(original),
    String(copy['id']),
  )
  expect(same[0], `${column}: ${same[1]} became ${same[2]}`).toBe('t')
  if (!['loose', 'tree', 'trees'].includes(column)) {
    const found = await fixture.page('samples', {
      list: { where: { [column]: { eq: value }, id: { in: [original, copy['id']] } } },
      selection: select('id'),
    })
    expect(found.rows, `${column} eq ${JSON.stringify(value)}`).toHaveLength(2)
  }
  return JSON.parse(JSON.stringify(value))
}

/** A value of a row, which is the same text at the root, joined, and in a list. Numbers that JavaScript cannot hold stay raw JSON. */
async function readEverywhere(fixture: Fixture, id: number, column: string): Promise<unknown> {
  const own = select(column)
  const row = await fixture.row('sample', {
    key: { id },
    selection: select(
      column,
      related('one', own),
      related('many', select(column, related('one', own))),
    ),
  })
  const { [column]: value, one, many } = row ?? {}
  const written = JSON.stringify(value)
  expect(JSON.stringify(one)).toBe(`{"${column}":${written}}`)
  expect(JSON.stringify(many)).toContain(
    `"rows":[{"${column}":${written},"one":{"${column}":${written}}}]`,
  )
  return value
}

interface Session {
  /** Settings of the database's session. */
  readonly settings: Readonly<Record<string, string>>
  /** The time zone of this process. */
  readonly zone: string
}

const sessions: Readonly<Record<string, Session>> = {
  'in UTC': { settings: {}, zone: 'UTC' },
  'in New York, with other styles': {
    settings: {
      TimeZone: 'America/New_York',
      IntervalStyle: 'sql_standard',
      DateStyle: 'ISO, DMY',
      bytea_output: 'escape',
    },
    zone: 'America/New_York',
  },
}

function suite(open: OpenFresh, { settings, zone }: Session): void {
  let fixture: Fixture
  const before = process.env['TZ']
  beforeAll(async () => {
    process.env['TZ'] = zone
    fixture = await openFixture(open, { samples, mood }, declaration, { poolMax: 1 }) // one connection, so that its settings are every statement's
    for (const [name, value] of Object.entries(settings))
      await fixture.sql(`set ${name} to '${value}'`)
  })
  afterAll(() => {
    if (before === undefined) delete process.env['TZ']
    else process.env['TZ'] = before
  })

  test.each(Object.keys(examples))(
    '%s: a value that was read can be written back unchanged',
    async (column) => {
      for (const [literal, wire] of examples[column] ?? []) {
        expect(await roundTrip(fixture, column, literal), literal).toEqual(wire)
      }
    },
  )

  test('every column has an example', () => {
    const columns = [...(fixture.model.resources.get('sample')?.fields.keys() ?? [])].filter(
      (name) => name !== 'id',
    )
    expect(Object.keys(examples).toSorted()).toEqual(columns.toSorted())
  })

  test('a box equals itself and no other box of its size', async () => {
    for (const corner of ['(1,1),(0,0)', '(2,2),(1,1)'])
      await fixture.sql('insert into samples (area) values ($1)', corner)
    const found = await fixture.page('samples', {
      list: { where: { area: { in: ['(2,2),(1,1)'] } } },
      selection: select('area'),
    })
    expect(found.rows).toEqual([{ area: '(2,2),(1,1)' }])
  })

  test('floats that JSON has no number for are null', async () => {
    for (const [column, literal] of unwritten) {
      const [stored] = await fixture.sql(
        `insert into samples ("${column}", "${column}s") values ($1, $2) returning id::text`,
        literal,
        `{${literal}}`,
      )
      expect(
        await fixture.row('sample', {
          key: { id: Number(stored?.[0]) },
          selection: select(column, `${column}s`),
        }),
      ).toEqual({ [column]: null, [`${column}s`]: [null] })
    }
  })
}

eachDatabase((_kind, open) => {
  for (const [name, session] of Object.entries(sessions)) describe(name, () => suite(open, session))
})
