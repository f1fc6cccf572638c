// Aggregates of a resource in the model: keys and their parts, functions and their result types, names that clash.
import { defineRelations, sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  date,
  doublePrecision,
  integer,
  interval,
  json,
  numeric,
  pgTable,
  smallint,
  text,
  time,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { aggregationOf } from '../../src/schema/model/aggregates.ts'
import { buildModel, type ModelDeclaration } from '../../src/schema/build/build-model.ts'
import { declare } from '../../src/schema/declare/declare.ts'
import { ModelError } from '../../src/schema/declare/model-error.ts'

const visits = pgTable('visits', {
  id: integer().primaryKey(),
  small: smallint(),
  large: bigint({ mode: 'bigint' }),
  price: numeric(),
  weight: doublePrecision(),
  took: interval(),
  open: boolean(),
  word: text(),
  mark: uuid(),
  day: date(),
  clock: time(),
  local: timestamp(),
  at: timestamp({ withTimezone: true }),
  atMonth: text('at_month'),
  tags: text().array(),
  more: json(),
  secret: integer(),
})
const relations = defineRelations({ visits })
const { resource, operation, access } = declare({ relations })
const visit = resource('visits', {
  access: { read: access.everyone },
  fields: { secret: { hidden: true } },
  computed: { half: { type: 'float', sql: (own) => sql`${own.id} / 2.0` } },
})
const build = (parts: Partial<ModelDeclaration> = {}) =>
  buildModel({ name: 'Visits', relations, resources: { visit }, ...parts })
const model = build()

function aggregation() {
  const found = model.resources.get('visit')
  if (found === undefined) throw new Error('There are visits.')
  return aggregationOf(found)
}

test('keys are the sortable fields, and parts of dates and times whose names no field has', () => {
  expect([...aggregation().keys.keys()]).toEqual([
    'id',
    'small',
    'large',
    'price',
    'weight',
    'took',
    'open',
    'word',
    'mark',
    'day',
    'clock',
    'local',
    'at',
    'atMonth',
    'half',
    'dayYear',
    'dayMonth',
    'dayWeek',
    'localYear',
    'localMonth',
    'localWeek',
    'localDay',
    'localHour',
    'atYear',
    'atWeek',
    'atDay',
    'atHour',
  ])
  expect(model.notes).toContain(
    'visit.atMonth is a field; an aggregate has no part of a date by that name.',
  )
})

test("functions have PostgreSQL's result type for each kind", () => {
  const kinds = (name: 'countDistinct' | 'sum' | 'avg' | 'min') =>
    Object.fromEntries(
      [...(aggregation().functions.get(name) ?? [])].map(([of, { value }]) => [
        of,
        value.kind.name,
      ]),
    )
  expect(kinds('sum')).toEqual({
    id: 'bigint',
    small: 'bigint',
    large: 'decimal',
    price: 'decimal',
    weight: 'float',
    took: 'duration',
    half: 'float',
  })
  expect(kinds('avg')).toEqual({
    id: 'decimal',
    small: 'decimal',
    large: 'decimal',
    price: 'decimal',
    weight: 'float',
    took: 'duration',
    half: 'float',
  })
  expect(kinds('min')).toEqual({
    id: 'integer',
    small: 'smallint',
    large: 'bigint',
    price: 'decimal',
    weight: 'float',
    took: 'duration',
    word: 'text',
    mark: 'uuid',
    day: 'date',
    clock: 'time',
    local: 'localDateTime',
    at: 'dateTime',
    atMonth: 'text',
    half: 'float',
  })
  expect(new Set(Object.values(kinds('countDistinct')))).toEqual(new Set(['integer']))
})

test('names of aggregates are reserved, and the maximum of groups is a number', () => {
  const mistakesOf = (parts: Partial<ModelDeclaration>): readonly string[] => {
    try {
      build(parts)
      return []
    } catch (error) {
      if (error instanceof ModelError) return error.mistakes
      throw error
    }
  }
  const own = (rest: 'GET /visits/aggregate' | 'GET /figures') =>
    operation({
      kind: 'query',
      rest,
      access: access.everyone,
      output: z.object({ a: z.string() }),
      handle: async () => ({ a: '' }),
    })
  expect(mistakesOf({ operations: { visitsAggregate: own('GET /figures') } })).toEqual([
    'operations.visitsAggregate takes the name visitsAggregate, which visit has already; override it with `names`.',
  ])
  expect(mistakesOf({ operations: { figures: own('GET /visits/aggregate') } })).toEqual([
    'operations.figures takes the name GET /visits/aggregate, which visit has already; override it with `names`.',
  ])
  expect(
    mistakesOf({
      resources: {
        visit: resource('visits', { access: { read: access.everyone }, page: { groups: 0 } }),
      },
    }),
  ).toEqual(['resources.visit.page.groups is a whole number from 1 to 10000.'])
})
