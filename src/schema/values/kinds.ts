// The kinds of values: what each PostgreSQL type is on the wire, the same on both faces (docs/concepts.md, Values).
import type { Column } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { z } from 'zod'
import { geoJson, spatialOf, storedIn } from './geojson.ts'
import {
  calendarDate,
  clockTime,
  isBase64,
  isDuration,
  isInt64,
  isWellFormedJson,
  isWellFormedText,
  LAST_YEAR_OF_TIMESTAMP,
} from './formats.ts'

export type KindName =
  | 'smallint'
  | 'integer'
  | 'bigint'
  | 'decimal'
  | 'float'
  | 'boolean'
  | 'text'
  | 'uuid'
  | 'date'
  | 'time'
  | 'localDateTime'
  | 'dateTime'
  | 'duration'
  | 'enum'
  | 'json'
  | 'bytes'
  | 'vector'
  | 'geometry'
  | 'other'

/** How a cell of PostgreSQL text becomes JSON: as it stands, as a string, or by one of five small conversions. */
export type CellForm =
  | 'raw'
  | 'string'
  | 'float'
  | 'floats'
  | 'boolean'
  | 'timestamp'
  | 'timestamptz'

export interface Kind {
  readonly name: KindName
  readonly form: CellForm
  /** Has gt, gte, lt, lte, and a place in an order. */
  readonly ordered: boolean
  /** What a value looks like on the wire; its faults are faults of type, not of a validator. */
  readonly wire: z.ZodType
}

const expectations = new Map<string, string>()

/** What a format of text takes, in words: of a kind, or of Zod's own for the same values. */
export const expectedFormat = (format: string): string | undefined =>
  expectations.get(likeOurs[format] ?? format)

const likeOurs: Readonly<Record<string, string>> = { guid: 'uuid', datetime: 'date-time' }

/** The words are for faults of type; a validator that refines the schema has its own. */
const formatted = (
  name: string,
  test: (text: string) => boolean,
  expected: string,
  wrongType = expected,
) => {
  expectations.set(name, wrongType)
  return z.stringFormat(name, test, {
    abort: true, // no later check sees a text that has no such form
    error: ({ code }) =>
      code === 'invalid_type'
        ? `Expected ${wrongType}.`
        : code === 'invalid_format'
          ? `Expected ${expected}.`
          : undefined,
  })
}

/** Text that PostgreSQL can store: no NUL, no lone surrogate. */
const text = formatted('text', isWellFormedText, 'text without NUL and lone surrogates', 'text')

/** A number of 32 bits; pgvector refuses one that is too large, or too small to be told from zero. */
const single = z
  .number()
  .refine(
    (value) => Number.isFinite(Math.fround(value)) && (value === 0 || Math.fround(value) !== 0),
    { message: 'Expected a number that 32 bits can hold.', params: { shape: true }, abort: true },
  )

/** The wire's form of a column, where its type says more than its kind: a vector has its dimensions, a geometry its type. */
export function wireOf(column: Column, { name, wire }: Kind): z.ZodType {
  const spatial = name === 'geometry' ? spatialOf(column) : null
  if (spatial !== null) return storedIn(spatial)
  if (name !== 'vector') return wire
  const dimensions = /\((\d+)\)/.exec((column as PgColumn).getSQLType())?.[1] // as in bareSqlType
  if (dimensions === undefined) return kinds.vector.wire
  return kinds.vector.wire
    .refine((numbers) => Array.isArray(numbers) && numbers.length === Number(dimensions), {
      message: `Expected ${dimensions} numbers.`,
      params: { shape: true },
      abort: true,
    })
    .meta({ minItems: Number(dimensions), maxItems: Number(dimensions) })
}

const kind = (name: KindName, form: CellForm, wire: z.ZodType, ordered = true): Kind =>
  Object.freeze({ name, form, ordered, wire })

export const kinds: Readonly<Record<KindName, Kind>> = Object.freeze({
  smallint: kind('smallint', 'raw', z.int32({ abort: true })),
  integer: kind('integer', 'raw', z.int32({ abort: true })),
  bigint: kind(
    'bigint',
    'string',
    formatted('bigint', isInt64, 'a whole number of 64 bits as a string'),
  ),
  decimal: kind(
    'decimal',
    'string',
    formatted(
      'decimal',
      (v) => /^-?\d{1,1000}(\.\d{1,1000})?$|^NaN$|^-?Infinity$/.test(v),
      'a decimal number as a string, such as "12.50"',
    ),
  ),
  float: kind('float', 'float', z.number()),
  boolean: kind('boolean', 'boolean', z.boolean(), false),
  text: kind('text', 'string', text),
  uuid: kind(
    'uuid',
    'string',
    formatted('uuid', (v) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(v), 'a UUID'),
  ),
  date: kind('date', 'string', formatted('date', calendarDate, 'a date, such as "2026-11-23"')),
  time: kind('time', 'string', formatted('time', clockTime, 'a time of day, such as "13:45:00"')),
  localDateTime: kind(
    'localDateTime',
    'timestamp',
    formatted(
      'local-date-time',
      (v) => dateAndTime(v, /^$/),
      'a date and time without offset, such as "2026-11-23T13:45:00"',
    ),
  ),
  dateTime: kind(
    'dateTime',
    'timestamptz',
    formatted(
      'date-time',
      (v) => dateAndTime(v, /^(Z|[+-](0\d|1[0-5]):[0-5]\d)$/),
      'an RFC 3339 date and time with offset, such as "2026-11-23T13:45:00Z"',
    ),
  ),
  duration: kind(
    'duration',
    'string',
    formatted('duration', isDuration, 'an ISO 8601 duration, such as "P1DT2H"'),
  ),
  enum: kind('enum', 'string', z.string()),
  json: kind(
    'json',
    'raw',
    z.unknown().refine((v) => v === undefined || isWellFormedJson(v), {
      message: 'Expected JSON without NUL, lone surrogates and numbers too large for a float.',
      params: { shape: true },
      abort: true,
    }),
    false,
  ),
  bytes: kind('bytes', 'string', formatted('base64', isBase64, 'bytes in base64')),
  vector: kind('vector', 'floats', z.array(single), false),
  geometry: kind('geometry', 'raw', geoJson, false),
  other: kind('other', 'string', text, false),
})

function dateAndTime(value: string, offset: RegExp): boolean {
  if (value === 'infinity' || value === '-infinity') return true
  const match = /^(\S+?)[T ](\d\d:\d\d:\d\d(?:\.\d{1,6})?)(Z|[+-]\d\d:\d\d)?( BC)?$/.exec(value)
  if (match === null) return false
  const [, date = '', time = '', zone = '', era = ''] = match
  return offset.test(zone) && calendarDate(date + era, LAST_YEAR_OF_TIMESTAMP) && clockTime(time)
}

const bySqlType: Readonly<Record<string, KindName>> = {
  smallint: 'smallint',
  smallserial: 'smallint',
  integer: 'integer',
  serial: 'integer',
  int: 'integer',
  bigint: 'bigint',
  bigserial: 'bigint',
  numeric: 'decimal',
  decimal: 'decimal',
  real: 'float',
  'double precision': 'float',
  boolean: 'boolean',
  text: 'text',
  varchar: 'text',
  'character varying': 'text',
  char: 'text',
  character: 'text',
  bpchar: 'text',
  citext: 'text',
  name: 'text',
  uuid: 'uuid',
  date: 'date',
  time: 'time',
  'time without time zone': 'time',
  timestamp: 'localDateTime',
  'timestamp without time zone': 'localDateTime',
  'timestamp with time zone': 'dateTime',
  timestamptz: 'dateTime',
  interval: 'duration',
  json: 'json',
  jsonb: 'json',
  bytea: 'bytes',
  vector: 'vector',
  geometry: 'geometry',
  geography: 'geometry',
}

/** Types with a place of their own in the contract that no face serves yet, or ever (tsvector). */
const unserved = new Set(['tsvector', 'tsquery', 'halfvec', 'sparsevec', 'bit', 'point', 'line'])

/** The bare type name of a column: `numeric(12, 2)` is `numeric`, `timestamp (3) with time zone` keeps its zone. */
const bareSqlType = (column: Column): string => bareTypeName((column as PgColumn).getSQLType()) // every column here is a PostgreSQL column: the model builder has checked the table

const bareTypeName = (sqlType: string): string =>
  sqlType
    .replaceAll('[]', '')
    .replace(/\s*\([^)]*\)/, '')
    .toLowerCase()

/** Lists of these are not served. */
const ofExtensions = new Set(['vector', 'geometry', 'geography'])

/** Whether a column holds what full-text search looks through. */
export const isTextVector = (column: Column): boolean => bareSqlType(column) === 'tsvector'

/** The kind of a column, or null when its type is not served. */
export function kindOf(column: Column): Kind | null {
  const type = bareSqlType(column)
  if (unserved.has(type) || (ofExtensions.has(type) && (column as PgColumn).dimensions > 0))
    return null // as in bareSqlType
  if (bySqlType[type] === 'geometry' && spatialOf(column) === null) return null
  if ((column as PgColumn).dimensions > 1) return kinds.other // as in bareSqlType; lists of lists are PostgreSQL's text
  return kinds[kindOfType(type, column.enumValues !== undefined)]
}

/** The kind of single values of a type as SQL has it, such as `numeric(12, 2)`. */
export function kindOfType(sqlType: string, isEnum: boolean): KindName {
  const type = bareTypeName(sqlType)
  const known = type.startsWith('interval') ? 'duration' : bySqlType[type]
  return known ?? (isEnum ? 'enum' : 'other')
}
