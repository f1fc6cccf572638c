// Values that a kind does not accept, the same on both faces.
import type { Field } from '../../../schema/model/model.ts'
import type { KindName } from '../../../schema/values/kinds.ts'

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

/** Values that the field does not accept. */
export const wrongFor = ({ kind, list }: Pick<Field, 'kind' | 'list'>): readonly unknown[] =>
  list
    ? wrongs[kind.name].filter((value) => typeof value !== 'object').map((value) => [value])
    : wrongs[kind.name]
