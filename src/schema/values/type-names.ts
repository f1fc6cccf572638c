// What both documents call a kind in the names of types: `IntFilter`, and the scalars of GraphQL as far as they have these names.
import type { KindName } from './kinds.ts'

export const typeNames = {
  smallint: 'Int',
  integer: 'Int',
  bigint: 'BigInt',
  decimal: 'Decimal',
  float: 'Float',
  boolean: 'Boolean',
  text: 'String',
  uuid: 'UUID',
  date: 'Date',
  time: 'Time',
  localDateTime: 'LocalDateTime',
  dateTime: 'DateTime',
  duration: 'Duration',
  enum: 'Enum',
  json: 'JSON',
  bytes: 'Bytes',
  vector: 'Vector',
  geometry: 'Geo',
  other: 'Opaque',
} as const satisfies Readonly<Record<KindName, string>>
