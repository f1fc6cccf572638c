// The order of flat rows: those of one parent are adjacent and in order, under every setting of the planner.
import * as fc from 'fast-check'
import { defineRelations } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { expect, test } from 'vitest'
import type { Database } from '../../../src/db/database.ts'
import { anonymous } from '../../../src/schema/declare/caller.ts'
import { declare } from '../../../src/schema/declare/declare.ts'
import { runFullPath, runCached, formOf } from '../../engine/forms.ts'
import { createTables, related, select, fixtureOf } from '../../engine/support.ts'
import { eachDatabase } from '../../support/databases.ts'

const shelves = pgTable('shelves', { id: integer().primaryKey(), rank: integer(), name: text() })
const boxes = pgTable('boxes', {
  id: integer().primaryKey(),
  shelfId: integer('shelf'),
  rank: integer(),
  labelId: integer('label'),
})
const things = pgTable('things', {
  id: integer().primaryKey(),
  boxId: integer('box'),
  rank: integer(),
})
const labels = pgTable('labels', { id: integer().primaryKey(), text: text() })
const tables = { shelves, boxes, things, labels }
const relations = defineRelations(tables, (r) => ({
  shelves: { boxes: r.many.boxes({ from: r.shelves.id, to: r.boxes.shelfId }) },
  boxes: {
    things: r.many.things({ from: r.boxes.id, to: r.things.boxId }),
    label: r.one.labels({ from: r.boxes.labelId, to: r.labels.id }),
    shelf: r.one.shelves({ from: r.boxes.shelfId, to: r.shelves.id }),
  },
}))
const { resource, access } = declare({ relations })
const open = { access: { read: access.everyone }, page: { default: 20, max: 500 } } as const
const declaration = {
  name: 'Shelves',
  relations,
  resources: {
    shelf: resource('shelves', open),
    box: resource('boxes', open),
    thing: resource('things', open),
    label: resource('labels', open),
  },
}

const off = [
  'enable_hashjoin',
  'enable_mergejoin',
  'enable_nestloop',
  'enable_memoize',
  'enable_sort',
  'enable_indexscan',
  'enable_bitmapscan',
  'enable_seqscan',
  'enable_incremental_sort',
  'enable_material',
]
const settings: readonly (readonly [name: string, value: string])[] = [
  ...off.map((name) => [name, 'off'] as const),
  ['debug_parallel_query', 'on'],
  ['parallel_setup_cost', '0'],
  ['parallel_tuple_cost', '0'],
  ['min_parallel_table_scan_size', '0'],
  ['plan_cache_mode', 'force_generic_plan'],
  ['work_mem', '64kB'],
]

/** Runs every read in its own transaction, with the settings of `planner.sets`. */
function underSettings(database: Database, planner: { sets: string }): Database {
  return {
    ...database,
    read: (statement, take) =>
      database.transaction(async (tx) => {
        if (planner.sets !== '') await tx.query({ text: planner.sets, values: [] })
        return tx.read({ text: statement.text, values: statement.values }, take)
      }),
  }
}

eachDatabase((kind, openFresh) => {
  test(
    'rows of one parent are adjacent and in order, under every setting of the planner',
    { timeout: 120_000 },
    async () => {
      const database = await openFresh({ relations })
      await createTables(database, tables)
      const planner = { sets: '' }
      const fixture = fixtureOf(underSettings(database, planner), declaration)
      const form = formOf(
        fixture,
        'shelves',
        select(
          'name',
          related(
            'boxes',
            select('rank', related('things', select('rank')), related('label', select('text'))),
          ),
        ),
      )
      const one = formOf(
        fixture,
        'box',
        select('rank', related('things', select('rank')), related('shelf', select('name'))),
      )
      const fill = async (
        rows: readonly [number, number, number],
        analyzed: boolean,
        indexed: boolean,
      ) => {
        for (const statement of [
          'truncate shelves, boxes, things, labels',
          'drop index if exists boxes_shelf',
          'drop index if exists things_box',
          `insert into shelves select i, i * 7919 % 13, 'S' || i from generate_series(1, ${rows[0]}) i`,
          `insert into labels select i, 'L' || i from generate_series(1, 9) i`,
          `insert into boxes select i, nullif(i * 31 % (${rows[0]} + 3), 0), i * 613 % 11, i % 12 from generate_series(1, ${rows[1]}) i order by i * 7919 % 1009`,
          `insert into things select i, i * 37 % (${rows[1]} + 5), i * 419 % 17 from generate_series(1, ${rows[2]}) i order by i * 7919 % 1013`,
          ...(indexed
            ? [
                'create index boxes_shelf on boxes (shelf)',
                'create index things_box on things (box)',
              ]
            : []),
          ...(analyzed ? ['analyze shelves, boxes, things, labels'] : []),
        ])
          await database.query({ text: statement, values: [] })
      }
      const order = fc.constantFrom(
        [],
        [{ rank: 'ASC' }],
        [{ rank: 'DESC_NULLS_LAST' }, { id: 'DESC' }],
      )
      const page = fc
        .record({ orderBy: order, size: fc.constantFrom(0, 1, 3, 20, 500), backward: fc.boolean() })
        .map(({ orderBy, size, backward }) => ({
          orderBy,
          ...(backward ? { last: size } : { first: size }),
        }))
      const data = fc.record({
        rows: fc.constantFrom<[number, number, number]>(
          [0, 0, 0],
          [3, 40, 300],
          [200, 100, 10],
          [60, 900, 3000],
          [500, 500, 5000],
        ),
        analyzed: fc.boolean(),
        indexed: fc.boolean(),
      })
      const asked = fc.record({
        pages: fc.tuple(page, page, page),
        set: fc.subarray([...settings]),
        key: fc.integer({ min: 1, max: 900 }),
      })
      await fc.assert(
        fc.asyncProperty(
          data,
          fc.array(asked, { minLength: 6, maxLength: 6 }),
          async ({ rows, analyzed, indexed }, requests) => {
            await fill(rows, analyzed, indexed)
            for (const { pages, set, key } of requests) {
              planner.sets =
                set.length === 0
                  ? ''
                  : `select ${set.map(([name, value]) => `set_config('${name}', '${value}', true)`).join()}`
              const ask = { caller: anonymous, lists: pages }
              expect(await runCached(fixture, form, ask), planner.sets).toBe(
                await runFullPath(fixture, form, ask),
              )
              const keyed = { caller: anonymous, key: { id: key }, lists: [{}, pages[2]] }
              expect(await runCached(fixture, one, keyed), planner.sets).toBe(
                await runFullPath(fixture, one, keyed),
              )
            }
          },
        ),
        { seed: 2026, numRuns: kind === 'postgres' ? 40 : 8 },
      )
    },
  )
})
