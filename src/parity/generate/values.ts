// Values for random requests: mostly those that occur in the data, some at the edges of their kind, and wrong ones.
import * as fc from 'fast-check'
import type { KindName } from '../../schema/values/kinds.ts'
import type { Field, Resource } from '../../schema/model/model.ts'
import type { Sample } from './open-model.ts'

/** Rows by resource key. */
export type Samples = ReadonlyMap<string, readonly Sample[]>

const edges: Readonly<Record<Exclude<KindName, 'enum'>, readonly unknown[]>> = {
  smallint: [0, 1, -1, 32_767, -32_768],
  integer: [0, 1, -1, 2_147_483_647, -2_147_483_648],
  bigint: ['0', '1', '-1', '9007199254740993', '9223372036854775807', '-9223372036854775808'],
  decimal: ['0', '0.00', '-0.01', '1.10', '12345678901234567890.123456789', 'NaN', 'Infinity'],
  float: [0, 0.1, -1.5, 1e21, 5e-324, 123_456_789.123],
  boolean: [true, false],
  text: [
    '',
    ' ',
    'a,b',
    '"quoted, too"',
    "it's",
    '%',
    '_',
    '\\',
    'a\\,b',
    'ÄöÜß',
    '😀',
    'null',
    '1',
    'true',
    'a&b=c+d#e?f/g%20',
    'two\nlines',
    '{"a":1}',
    'x'.repeat(300),
  ],
  uuid: ['00000000-0000-0000-0000-000000000000', 'FFFFFFFF-FFFF-4FFF-BFFF-FFFFFFFFFFFF'],
  date: ['2024-02-29', '0001-01-01', '9999-12-31', 'infinity', '0044-03-15 BC'],
  time: ['00:00:00', '23:59:59.999999', '24:00:00', '12:30:00.5'],
  localDateTime: ['2024-02-29T12:00:00', '1999-12-31T23:59:59.999999', '-infinity'],
  dateTime: [
    '2024-02-29T12:00:00Z',
    '2026-11-23T13:45:00.123456+02:00',
    '1970-01-01T00:00:00+00:00',
    'infinity',
  ],
  duration: ['PT0S', 'P1Y2M3DT4H5M6.789S', 'P-1D', 'P2W'],
  json: [{}, [], 'text', 0, true, { a: [1, 2.5, null], 'ü"': { b: '' } }],
  bytes: ['', 'AA==', '/+8='],
  vector: [
    [0, 0, 0],
    [1, -0.5, 1e20],
  ],
  geometry: [
    { type: 'Point', coordinates: [13.4, 52.5] },
    {
      type: 'Polygon',
      coordinates: [
        [
          [0, 0],
          [10, 0],
          [10, 10],
          [0, 0],
        ],
      ],
    },
  ],
  other: ['', 'x'],
}

/** Wrong for the kind on either face, in the same words. */
const wrongs: Readonly<Record<KindName, readonly unknown[]>> = {
  smallint: ['abc', 1.5, true, 3_000_000_000, {}],
  integer: ['abc', 1.5, true, 3_000_000_000, {}],
  bigint: ['abc', '1.5', true, '9223372036854775808', {}],
  decimal: ['abc', '1,5', '1e3', true, ''],
  float: ['abc', true, {}],
  boolean: ['yes', 1, {}],
  text: [5, true, {}, 'NUL \0'],
  uuid: ['not-a-uuid', 5, ''],
  date: ['2026-02-30', '23.11.2026', 5],
  time: ['25:00:00', '1 pm', 5],
  localDateTime: ['2026-02-30T00:00:00', '2026-11-23T13:45:00Z', 5],
  dateTime: ['2026-11-23T13:45:00', 'yesterday', 5],
  duration: ['one hour', 'P', 5],
  enum: ['no such label', 5, true],
  json: [],
  bytes: ['not base64!', 'A', 5],
  geometry: [
    'abc',
    {},
    { type: 'Circle', coordinates: [0, 0] },
    { type: 'Point', coordinates: [0] },
    { type: 'Point', coordinates: [0, 'x'] },
  ],
  vector: [[1, 'x'], [1e300], ['abc'], []],
  other: [5, true, {}],
}

/** Values that a field has in the data; null aside. */
export const sampled = (samples: Samples, resource: Resource, field: Field): readonly unknown[] => [
  ...new Set(
    (samples.get(resource.key) ?? [])
      .map((row) => row[field.name])
      .filter((value) => value !== null && value !== undefined),
  ),
]

const edgesFor = (field: Field): readonly unknown[] =>
  field.enum === null
    ? edges[field.kind.name as Exclude<KindName, 'enum'>]
    : field.enum.values.map(({ label }) => label) // an enum field has `enum`

/** One element where the field is a list. */
function elementValues(samples: Samples, resource: Resource, field: Field): fc.Arbitrary<unknown> {
  const there = sampled(samples, resource, field)
    .flatMap((value) => (field.list ? (value as readonly unknown[]) : [value])) // a list field's sample is a list
    .filter((value) => value !== null)
  const edge = edgesFor(field)
  return there.length === 0
    ? fc.constantFrom(...edge)
    : fc.oneof(
        { weight: 5, arbitrary: fc.constantFrom(...there) },
        { weight: 2, arbitrary: fc.constantFrom(...edge) },
      )
}

/** A value of the field, as it stands in a filter or an input. */
export function valueOf(samples: Samples, resource: Resource, field: Field): fc.Arbitrary<unknown> {
  if (field.kind.name === 'vector') return vectorOf(samples, resource, field)
  const element = elementValues(samples, resource, field)
  return field.list ? fc.array(element, { maxLength: 3 }) : element
}

/** A vector of the column's length, or one of another where the data has none to take the length from. */
function vectorOf(samples: Samples, resource: Resource, field: Field): fc.Arbitrary<unknown> {
  const there = sampled(samples, resource, field) as readonly (readonly number[])[] // the kind's values
  const [{ length } = { length: 3 }] = there
  const made = fc.array(fc.constantFrom(0, 1, -0.5, 0.1, 1e-7, 1e10), {
    minLength: length,
    maxLength: length,
  })
  return there.length === 0
    ? made
    : fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...there) }, { weight: 1, arbitrary: made })
}

export const elementOf = elementValues

/** A value that the kind does not take. */
export const wrongFor = ({ kind, list }: Pick<Field, 'kind' | 'list'>): readonly unknown[] =>
  list
    ? wrongs[kind.name].filter((value) => typeof value !== 'object').map((value) => [value])
    : wrongs[kind.name]

/** A value for a scalar of a team's own schema. */
export const edgesOf = (kind: Exclude<KindName, 'enum'>): readonly unknown[] => edges[kind]

/** A value for a new row: unlike those that are there, and to the taste of the field's validator where we find one. */
export function newValueOf(
  samples: Samples,
  resource: Resource,
  field: Field,
): fc.Arbitrary<unknown> {
  const any = valueOf(samples, resource, field)
  if (field.list) return any
  const there = sampled(samples, resource, field)
  if (field.kind.name === 'text' && there.length > 0) {
    // digits replaced by other digits keep the form that a validator asks for
    const varied = fc
      .tuple(fc.constantFrom(...there), fc.integer({ min: 0, max: 999_999 }))
      .map(([text, number]) => vary(String(text), number))
    return fc.oneof({ weight: 1, arbitrary: any }, { weight: 4, arbitrary: varied })
  }
  const sound = [...there, ...edgesFor(field)].filter(
    (value) => field.input.safeParse(value).success,
  )
  return sound.length === 0
    ? any
    : fc.oneof({ weight: 1, arbitrary: any }, { weight: 3, arbitrary: fc.constantFrom(...sound) })
}

function vary(text: string, number: number): string {
  const digits = String(number).padStart(6, '0')
  let next = 0
  const varied = text.replaceAll(/\d/g, () => digits[next++ % digits.length] ?? '0')
  return next > 0 ? varied : /^[a-z0-9-]*$/.test(text) ? `${text}-${number}` : `${text} ${number}`
}
