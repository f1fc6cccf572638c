// Limits of columns: a value that PostgreSQL would cut, round or refuse is refused before the statement.
import {
  interval,
  numeric,
  pgTable,
  real,
  smallint,
  text,
  time,
  timestamp,
  varchar,
} from 'drizzle-orm/pg-core'
import type { z } from 'zod'
import { expect, test } from 'vitest'
import { buildModel } from '../../src/schema/build/build-model.ts'
import { declare } from '../../src/schema/declare/declare.ts'
import { defineRelations } from 'drizzle-orm'

const limits = pgTable('limits', {
  id: smallint().primaryKey(),
  money: numeric({ precision: 12, scale: 2 }),
  hundreds: numeric({ precision: 5, scale: -2 }),
  milli: timestamp({ precision: 3, withTimezone: true }),
  short: varchar({ length: 3 }),
  single: real(),
  span: interval({ precision: 2 }),
  clock: time({ precision: 0 }),
  size: text({ enum: ['S', 'M'] }),
  shorts: varchar({ length: 3 }).array(),
  moneys: numeric({ precision: 12, scale: 2 }).array(),
  sizes: text({ enum: ['S', 'M'] }).array(),
})
const relations = defineRelations({ limits })
const { resource, access } = declare({ relations })
const model = buildModel({
  name: 'Limits',
  relations,
  resources: { limit: resource('limits', { access: { create: access.everyone } }) },
})

const said = (field: string, value: unknown): string | undefined => {
  const schema: z.ZodType | undefined = model.resources.get('limit')?.fields.get(field)?.input
  return schema?.safeParse(value).error?.issues[0]?.message
}

test.each([
  ['id', 32_767, undefined],
  ['id', 32_768, 'Expected a whole number of 16 bits.'],
  ['id', -32_768, undefined],
  ['money', '1.250', undefined],
  ['money', '1.255', 'At most 2 digits after the point are kept.'],
  ['money', '9999999999.99', undefined],
  ['money', '10000000000', 'At most 10 digits before the point.'],
  ['money', '0000000000012.5', undefined],
  ['money', 'NaN', undefined],
  ['money', '-Infinity', 'At most 10 digits before the point.'],
  ['hundreds', '-1200', undefined],
  ['hundreds', '1250', 'The last 2 digits before the point are not kept.'],
  ['hundreds', '0', undefined],
  ['milli', '2026-11-23T13:45:00.1230+00:00', undefined],
  ['milli', '2026-11-23T13:45:00.1234Z', 'At most 3 digits after the point are kept.'],
  ['milli', 'infinity', undefined],
  ['short', '🎉🎉🎉', undefined],
  ['short', 'abcd', 'At most 3 characters.'],
  ['single', 3.4e38, undefined],
  ['single', 1e39, 'Expected a number that 32 bits can hold.'],
  ['single', 1e-50, 'Expected a number that 32 bits can hold.'],
  ['span', 'PT0.12S', undefined],
  ['span', 'PT0.125S', 'At most 2 digits after the point are kept.'],
  ['clock', '10:00:00', undefined],
  ['clock', '10:00:00.5', 'At most 0 digits after the point are kept.'],
  ['size', 'M', undefined],
  ['size', 'L', 'Expected one of "S", "M".'],
  ['shorts', ['abc', null], undefined],
  ['shorts', ['abcd'], 'At most 3 characters.'],
  ['moneys', ['1.255'], 'At most 2 digits after the point are kept.'],
  ['sizes', ['L'], 'Expected one of "S", "M".'],
])('%s of %j: %s', (field, value, message) => {
  expect(said(field, value)).toBe(message)
})
