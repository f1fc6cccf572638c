// The law of pages while others write: a row that does not change is met exactly once, forward and backward, whichever face gives a page.
import { defineRelations } from 'drizzle-orm'
import { integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { declare } from '../../src/schema/declare/declare.ts'
import { createTables } from '../engine/support.ts'
import { eachDatabase } from '../support/databases.ts'
import { type Faces, openFaces } from './faces.ts'

const shelves = pgTable('shelves', { id: integer().primaryKey(), name: text() })
const books = pgTable('books', {
  id: integer().primaryKey(),
  rank: integer(),
  word: text(),
  at: timestamp({ withTimezone: true, mode: 'string' }).notNull(),
  shelfId: integer('shelf_id').references(() => shelves.id),
})
const relations = defineRelations({ shelves, books }, (r) => ({
  shelves: { books: r.many.books() },
  books: { shelf: r.one.shelves({ from: r.books.shelfId, to: r.shelves.id }) },
}))
const { resource, access } = declare({ relations })
const open = { access: { read: access.everyone } }
const declaration = {
  name: 'Library',
  relations,
  resources: { book: resource('books', open), shelf: resource('shelves', open) },
}

/** Every third book stays as it is; what others do happens to those between, and to the shelves with odd numbers, where none of the first is. */
const STABLE = 40
const stable = Array.from({ length: STABLE }, (_, i) => 3 * i)
const isStable = (id: number): boolean => id % 3 === 0 && id < 3 * STABLE

const pick = fc.nat(3 * STABLE).filter((id) => !isStable(id))
const rank = fc.option(fc.integer({ min: -2, max: 2 }))
const word = fc.option(fc.constantFrom('', 'a', 'A', 'b', 'ab', 'é'))
const micros = fc.nat(20)
const odd = fc.constantFrom(1, 3, 5)
const shelf = fc.constantFrom(1, 2, 3, 5)

interface Write {
  readonly text: string
  readonly values: readonly unknown[]
}

const moment = (n: number): string => `2026-01-01 00:00:00.00000${n % 10}+00`
const write: fc.Arbitrary<Write> = fc.oneof(
  fc.tuple(pick, rank, word, micros, shelf).map(([id, ...values]): Write => ({
    text: `insert into books (id, rank, word, at, shelf_id) values ($1, $2, $3, $4, $5) on conflict (id) do update set rank = excluded.rank, word = excluded.word, at = excluded.at, shelf_id = excluded.shelf_id`,
    values: [id, values[0], values[1], moment(values[2]), values[3]].map((value) =>
      value === null ? null : String(value),
    ),
  })),
  pick.map((id): Write => ({ text: 'delete from books where id = $1', values: [String(id)] })),
  fc.tuple(pick, rank).map(([id, to]): Write => ({
    text: 'update books set rank = $2 where id = $1',
    values: [String(id), to === null ? null : String(to)],
  })),
  fc.tuple(odd, word).map(([id, name]): Write => ({
    text: 'update shelves set name = $2 where id = $1',
    values: [String(id), name],
  })),
)

const keys = fc.array(
  fc.tuple(
    fc.constantFrom('rank', 'word', 'at', 'id', 'shelf.name', 'shelf.id'),
    fc.boolean(),
    fc.constantFrom('', 'nullsFirst', 'nullsLast'),
  ),
  { maxLength: 3 },
)
type Keys = readonly (readonly [path: string, descending: boolean, nulls: string])[]

const toSort = (order: Keys): string =>
  order
    .map(
      ([path, descending, nulls]) =>
        `${descending ? '-' : ''}${path}${nulls === '' ? '' : `:${nulls}`}`,
    )
    .join(',')
const toOrderBy = (order: Keys): unknown =>
  order.map(([path, descending, nulls]) =>
    path
      .split('.')
      .reduceRight<unknown>(
        (of, step) => ({ [step]: of }),
        `${descending ? 'DESC' : 'ASC'}${nulls === '' ? '' : nulls === 'nullsFirst' ? '_NULLS_FIRST' : '_NULLS_LAST'}`,
      ),
  )

interface Page {
  readonly ids: readonly number[]
  /** Where the walk goes on; null at its end. */
  readonly next: string | null
}

interface Walk {
  readonly order: Keys
  readonly size: number
  readonly backward: boolean
}

async function restPage(
  { rest }: Faces,
  { order, size, backward }: Walk,
  cursor: string | null,
): Promise<Page> {
  const place = backward ? `before=${cursor ?? 'end'}` : cursor === null ? '' : `after=${cursor}`
  const { data, page } = await rest(
    'GET',
    `/books?fields=id&limit=${size}&${place}${order.length === 0 ? '' : `&sort=${toSort(order)}`}`,
  )
  return {
    ids: (data as readonly { id: number }[]).map(({ id }) => id),
    next: backward ? page.previous : page.next,
  }
}

async function postedPage(
  { rest }: Faces,
  { order, size, backward }: Walk,
  cursor: string | null,
): Promise<Page> {
  const place = backward ? { before: cursor ?? 'end' } : cursor === null ? {} : { after: cursor }
  const { data, page } = await rest('POST', '/books/query', {
    fields: 'id',
    limit: size,
    ...place,
    ...(order.length === 0 ? {} : { sort: toSort(order) }),
  })
  return {
    ids: (data as readonly { id: number }[]).map(({ id }) => id),
    next: backward ? page.previous : page.next,
  }
}

async function graphqlPage(
  { graphql }: Faces,
  { order, size, backward }: Walk,
  cursor: string | null,
): Promise<Page> {
  const query = `query($order: [BookOrder!], $first: Int, $after: String, $last: Int, $before: String) {
    books(orderBy: $order, first: $first, after: $after, last: $last, before: $before) { nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }
  }`
  const {
    books: { nodes, pageInfo },
  } = await graphql(query, {
    order: toOrderBy(order),
    ...(backward ? { last: size, before: cursor } : { first: size, after: cursor }),
  })
  const next = backward
    ? pageInfo.hasPreviousPage && pageInfo.startCursor
    : pageInfo.hasNextPage && pageInfo.endCursor
  return {
    ids: (nodes as readonly { id: number }[]).map(({ id }) => id),
    next: next === false ? null : next,
  }
}

const askers = { rest: restPage, posted: postedPage, graphql: graphqlPage }

eachDatabase((kind, openFresh) => {
  let database: Database
  let faces: Faces
  beforeAll(async () => {
    database = await openFresh({ relations })
    await createTables(database, { shelves, books })
    faces = await openFaces(declaration, database)
    await database.query({
      text: "insert into shelves select i, case when i % 3 > 0 then 's' || i % 3 end from generate_series(0, 6) as i",
      values: [],
    })
    await database.query({
      text: `insert into books select 3 * i, case when i % 4 > 0 then i % 3 - 1 end, (array['', 'a', 'A', 'b', null, 'é'])[1 + i % 6],
        '2026-01-01 00:00:00+00'::timestamptz + (i % 5) * interval '1 microsecond', case when i % 7 > 0 then 2 * (i % 4) end from generate_series(0, ${STABLE - 1}) as i`,
      values: [],
    })
  })

  /** All pages, with writes of others at the time of each. */
  async function walk(
    how: Walk,
    ask: readonly (keyof typeof askers)[],
    writes: readonly (readonly Write[])[],
  ): Promise<readonly number[]> {
    const seen: number[] = []
    let cursor: string | null = null
    for (let page = 0; ; page += 1) {
      if (page > 2 * 3 * STABLE) throw new Error('The walk does not end.')
      const asked: Promise<Page> = askers[ask[page % ask.length] ?? 'rest'](faces, how, cursor)
      const written = (writes[page % Math.max(1, writes.length)] ?? []).map((one) =>
        database.query(one),
      )
      const [{ ids, next }] = await Promise.all([asked, ...written])
      if (how.backward) seen.unshift(...ids)
      else seen.push(...ids)
      if (next === null) return seen
      cursor = next
    }
  }

  /** In the order of the list, as PostgreSQL sorts those that stay. */
  async function expected(order: Keys): Promise<readonly number[]> {
    const { data } = await faces.rest('POST', '/books/query', {
      where: { id: { in: stable } },
      fields: 'id',
      limit: 100,
      ...(order.length === 0 ? {} : { sort: toSort(order) }),
    })
    return (data as readonly { id: number }[]).map(({ id }) => id)
  }

  const arbitrary = [
    fc.record({ order: keys, size: fc.integer({ min: 1, max: 15 }), backward: fc.boolean() }),
    fc.array(fc.constantFrom(...(Object.keys(askers) as (keyof typeof askers)[])), {
      minLength: 1,
      maxLength: 5,
    }), // the keys of the record above
    fc.array(fc.array(write, { maxLength: 6 }), { minLength: 1, maxLength: 12 }),
  ] as const

  test('a row that does not change is met once, in its place', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(...arbitrary, async (how, ask, writes) => {
        const met = (await walk(how, ask, writes)).filter(isStable)
        expect(met).toEqual(await expected(how.order))
      }),
      { numRuns: kind === 'pglite' ? 25 : 50 },
    )
  })

  test('the related rows of a row, too', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(...arbitrary, async ({ size }, _ask, writes) => {
        const met: number[] = []
        let cursor: string | null = null
        for (let page = 0; ; page += 1) {
          const asked = faces.rest(
            'GET',
            `/shelves/2/books?fields=id&sort=word,-rank&limit=${size}${cursor === null ? '' : `&after=${cursor}`}`,
          )
          const [answer] = await Promise.all([
            asked,
            ...(writes[page % writes.length] ?? []).map((one) => database.query(one)),
          ])
          met.push(...(answer.data as readonly { id: number }[]).map(({ id }) => id))
          cursor = answer.page.next
          if (cursor === null) break
        }
        const whole = await faces.rest(
          'GET',
          `/books?fields=id&shelfId=2&sort=word,-rank&limit=100`,
        )
        expect(met.filter(isStable)).toEqual(
          (whole.data as readonly { id: number }[]).map(({ id }) => id).filter(isStable),
        )
      }),
      { numRuns: 10 },
    )
  })
})
