// Values for random requests: mostly those that occur in the data, some at the edges of their kind.
import * as fc from 'fast-check'
import type { Field, Model, Resource } from '../../schema/model/model.ts'
import type { KindName } from '../../schema/values/kinds.ts'
import { among, weighted } from './arbitraries.ts'
import type { Sample } from './open-model.ts'

/** Rows by resource key. */
export type Samples = ReadonlyMap<string, readonly Sample[]>

/** A model with rows of its resources: the source of random requests. */
export interface SampledModel {
  readonly model: Model
  readonly samples: Samples
}

const edges: Readonly<Record<KindName, readonly unknown[]>> = {
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
  enum: [], // its labels are the field's own
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

/** Values that a field has in the data, without null. */
export const sampleValues = (
  samples: Samples,
  resource: Resource,
  field: Field,
): readonly unknown[] => [
  ...new Set(
    (samples.get(resource.key) ?? [])
      .map((row) => row[field.name])
      .filter((value) => value !== null && value !== undefined),
  ),
]

/** Values at the edges of a kind. */
export const edgesOf = (kind: KindName): readonly unknown[] => edges[kind]

const edgesFor = (field: Field): readonly unknown[] =>
  field.enum?.values.map(({ label }) => label) ?? edgesOf(field.kind.name)

/** One element of a field that is a list; the value of any other field. */
export function elementOf(
  samples: Samples,
  resource: Resource,
  field: Field,
): fc.Arbitrary<unknown> {
  const found = sampleValues(samples, resource, field)
    .flatMap((value) => (field.list && Array.isArray(value) ? value : [value]))
    .filter((value: unknown) => value !== null)
  return weighted<unknown>([5, among(found)], [2, among(edgesFor(field))])
}

/** A value of the field, as a filter or an input takes it. */
export function valueOf(samples: Samples, resource: Resource, field: Field): fc.Arbitrary<unknown> {
  if (field.kind.name === 'vector') return vectorOf(sampleValues(samples, resource, field))
  const element = elementOf(samples, resource, field)
  return field.list ? fc.array(element, { maxLength: 3 }) : element
}

/** A vector of the column's length, or of length 3 where no sample shows the column's. */
function vectorOf(found: readonly unknown[]): fc.Arbitrary<unknown> {
  const [first] = found
  const length = Array.isArray(first) ? first.length : 3
  const made = fc.array(fc.constantFrom(0, 1, -0.5, 0.1, 1e-7, 1e10), {
    minLength: length,
    maxLength: length,
  })
  return weighted<unknown>([2, among(found)], [1, made])
}

/** A value for a new row: mostly one that the field's validator accepts and that no row has yet. */
export function newValueOf(
  samples: Samples,
  resource: Resource,
  field: Field,
): fc.Arbitrary<unknown> {
  const any = valueOf(samples, resource, field)
  if (field.list) return any
  const found = sampleValues(samples, resource, field)
  if (field.kind.name === 'text' && found.length > 0) {
    // Other digits in place of the sample's keep the format that a validator asks for.
    const varied = fc
      .tuple(fc.constantFrom(...found), fc.integer({ min: 0, max: 999_999 }))
      .map(([text, number]) => vary(String(text), number))
    return weighted([1, any], [4, varied])
  }
  const accepted = [...found, ...edgesFor(field)].filter(
    (value) => field.input.safeParse(value).success,
  )
  return weighted([1, any], [3, among(accepted)])
}

/** The text with other digits; where it has none, with the number behind it. */
function vary(text: string, number: number): string {
  if (!/\d/.test(text)) return /^[a-z0-9-]*$/.test(text) ? `${text}-${number}` : `${text} ${number}`
  const digits = String(number).padStart(6, '0')
  let next = 0
  return text.replaceAll(/\d/g, () => digits[next++ % digits.length] ?? '0')
}
