// A table with a column of each kind, for the page of operators: its model, and a value of each.
import { defineRelations } from 'drizzle-orm'
import {
  bigint,
  boolean,
  bytea,
  date,
  doublePrecision,
  inet,
  integer,
  interval,
  json,
  numeric,
  pgEnum,
  pgTable,
  smallint,
  text,
  time,
  timestamp,
  uuid,
  vector,
  geometry,
} from 'drizzle-orm/pg-core'
import { buildModel } from '../../src/schema/build/build-model.ts'
import { declare } from '../../src/schema/declare/declare.ts'
import type { KindName } from '../../src/schema/values/kinds.ts'
import type { Field } from '../../src/schema/model/model.ts'
import type { Operator } from '../../src/schema/model/operators.ts'

const sampleEnum = pgEnum('mood', ['a'])

/** A column of each kind, by the kind's name. */
const samples = pgTable('samples', {
  smallint: smallint(),
  integer: integer().primaryKey(),
  bigint: bigint({ mode: 'bigint' }),
  decimal: numeric(),
  float: doublePrecision(),
  boolean: boolean(),
  text: text(),
  uuid: uuid(),
  date: date(),
  time: time(),
  localDateTime: timestamp(),
  dateTime: timestamp({ withTimezone: true }),
  duration: interval(),
  enum: sampleEnum(),
  json: json(),
  bytes: bytea(),
  vector: vector({ dimensions: 3 }),
  geometry: geometry({ type: 'point', srid: 4326 }),
  other: inet(),
  list: text().array(),
} satisfies Record<KindName | 'list', unknown>)

const relations = defineRelations({ samples }, (r) => ({
  samples: {
    one: r.one.samples({ from: r.samples.smallint, to: r.samples.integer, alias: 'tied' }),
    many: r.many.samples({ from: r.samples.integer, to: r.samples.smallint, alias: 'tied' }),
  },
}))
const { resource, access } = declare({ relations })

export const model = buildModel({
  name: 'Samples',
  relations,
  resources: { sample: resource('samples', { access: { read: access.everyone } }) },
})

const values: Readonly<Record<string, unknown>> = {
  smallint: 7,
  integer: 7,
  bigint: '7',
  decimal: '7.50',
  float: 0.5,
  boolean: true,
  text: 'a',
  uuid: '5f0c0e3a-9d3b-4f6e-8b1a-2c3d4e5f6a7b',
  date: '2026-11-23',
  time: '13:45:00',
  localDateTime: '2026-11-23T13:45:00',
  dateTime: '2026-11-23T13:45:00Z',
  duration: 'P1DT2H',
  enum: 'a',
  bytes: 'AA==',
  other: '10.0.0.1',
  list: 'a',
  json: { a: 1 },
  vector: [1, 2, 3],
  geometry: { type: 'Point', coordinates: [4.9, 52.4] },
}

/** An operand that shows how an operator is written. */
export function operandOf(field: Field, { takes }: Operator): unknown {
  const value = values[field.name]
  switch (takes) {
    case 'boolean':
      return true
    case 'values':
    case 'elements':
      return [value, value]
    case 'value':
      return field.list ? [value] : value
    case 'path':
      return { at: ['a', 'b'], gte: 1 }
    case 'key':
    case 'steps':
      return 'a'
    case 'element':
      return value
    case 'distance':
      return { to: value, lte: 500 }
  }
}
