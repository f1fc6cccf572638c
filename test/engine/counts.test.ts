// Counts of related rows in filters, orders and policies, how often they are computed, and wrong ones.
import { defineRelations } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { declare } from '../../src/schema/declare/declare.ts'
import { eachDatabase, onDatabase } from '../support/databases.ts'
import { openFixture, related, select, type Fixture } from './support.ts'
import { openThings, rows } from './things.ts'

eachDatabase((_kind, open) => {
  let fixture: Fixture
  beforeAll(async () => {
    fixture = await openThings(open)
  })

  const partsOf = (id: number): number => rows.parts.filter((part) => part.thingId === id).length
  const sortedBy = (count: (id: number) => number | null): readonly number[] =>
    rows.things
      .map(({ id }) => id)
      .toSorted((a, b) => (count(b) ?? 1e9) - (count(a) ?? 1e9) || a - b) // nulls are first when descending
  const idsIn = async (orderBy: readonly object[]) =>
    (
      await fixture.page('things', { list: { orderBy, first: 100 }, selection: select('id') })
    ).rows.map((row) => row['id'])

  test("rows are ordered by a count, also by one of a to-one relation's row", async () => {
    expect(await idsIn([{ parts: { count: 'DESC' } }])).toEqual(sortedBy(partsOf))
    const groupOf = (id: number) => rows.things.find((thing) => thing.id === id)?.groupId ?? null
    const inGroup = (id: number) =>
      groupOf(id) === null
        ? null
        : rows.things.filter((thing) => thing.groupId === groupOf(id)).length
    expect(await idsIn([{ group: { things: { count: 'DESC' } } }])).toEqual(sortedBy(inGroup))
  })

  test('a count is computed once for a row, in every place that uses it', async () => {
    const counts = async (
      list: object,
      selection = select('id'),
      of = /count\(\*\)/g,
    ): Promise<number | undefined> => {
      fixture.statements.length = 0
      await fixture.page('things', { list, selection: selection })
      return fixture.statements[0]?.text.match(of)?.length
    }
    const orderBy = [{ parts: { count: 'DESC' } }]
    const { cursors } = await fixture.page('things', {
      list: { orderBy, first: 2 },
      selection: select('id'),
    })
    expect(await counts({ orderBy, after: cursors[1] })).toBe(1)
    expect(
      await counts(
        { orderBy, after: cursors[1] },
        select('id', related('parts', select('line')), related('labels', select('id'))),
      ),
    ).toBe(1)
    expect(
      await counts(
        { where: { parts: { count: { gt: 1, lt: 5, notIn: [3] } } } },
        select('id'),
        /from "parts"/g,
      ),
    ).toBe(1)
  })

  test.each([
    [
      { where: { parts: { count: {} } } },
      'where',
      ['parts', 'count'],
      'An empty object would match everything; leave it out, or name what it compares.',
    ],
    [
      { where: { parts: { count: { gte: '3' } } } },
      'where',
      ['parts', 'count', 'gte'],
      'Expected a whole number of 32 bits.',
    ],
    [
      { where: { parts: { count: { like: 'x' } } } },
      'where',
      ['parts', 'count', 'like'],
      'There is no like here. Allowed are eq, ne, in, notIn, gt, gte, lt, lte, isNull.',
    ],
    [
      { where: { parts: { sum: { gte: 3 } } } },
      'where',
      ['parts', 'sum'],
      'There is no sum here. Allowed are some, none, every, count.',
    ],
    [
      { orderBy: [{ parts: { line: 'ASC' } }] },
      'order',
      [0, 'parts', 'line'],
      'There is no line here. Allowed are count.',
    ],
    [{ orderBy: [{ parts: {} }] }, 'order', [0, 'parts'], 'Give exactly one key an object.'],
    [{ orderBy: [{ parts: 'DESC' }] }, 'order', [0, 'parts'], 'Expected an object.'],
    [
      { orderBy: [{ parts: { count: 'most' } }] },
      'order',
      [0, 'parts', 'count'],
      'Expected one of "ASC", "DESC", "ASC_NULLS_FIRST", "ASC_NULLS_LAST", "DESC_NULLS_FIRST", "DESC_NULLS_LAST".',
    ],
  ])('%j is refused at its path', async (list, part, path, message) => {
    expect(await fixture.problem('things', { list })).toMatchObject({
      code: 'VALIDATION_FAILED',
      issues: [{ in: part, path, message }],
    })
  })

  test('each comparison of a count counts towards the parts of a filter', async () => {
    const OR = (length: number) => ({
      OR: Array.from({ length }, () => ({ parts: { count: { gte: 1, lte: 3 } } })),
    })
    expect(
      (await fixture.page('things', { list: { where: OR(33) }, selection: select('id') })).rows
        .length,
    ).toBeGreaterThan(0)
    expect(await fixture.problem('things', { list: { where: OR(34) } })).toMatchObject({
      code: 'TOO_COMPLEX',
    })
  })
})

onDatabase('pglite', (open) => {
  describe('a policy that counts', () => {
    const authors = pgTable('authors', { id: integer().primaryKey(), name: text().notNull() })
    const books = pgTable('books', {
      id: integer().primaryKey(),
      authorId: integer('author_id').references(() => authors.id),
      title: text().notNull(),
    })
    const tables = { authors, books }
    const relations = defineRelations(tables, (r) => ({
      authors: { books: r.many.books() },
      books: { author: r.one.authors({ from: r.books.authorId, to: r.authors.id }) },
    }))
    const { resource, access } = declare({ relations })
    const productive = { books: { count: { gte: 2 } } } as const

    test('counts every row, for every caller, in reads and in writes', async () => {
      const fixture = await openFixture(open, tables, {
        name: 'Books',
        relations,
        resources: {
          author: resource('authors', { access: { read: productive, update: productive } }),
          book: resource('books', {
            access: {
              read: { title: { ne: 'Secret' } },
              create: { author: productive },
              delete: access.everyone,
            },
          }),
        },
      })
      await fixture.sql('insert into authors values (1, $1), (2, $2)', 'Ann', 'Ben')
      await fixture.sql(`insert into books values (1, 1, 'A'), (2, 1, 'Secret'), (3, 2, 'B')`)
      expect((await fixture.page('authors', { selection: select('name') })).rows).toEqual([
        { name: 'Ann' },
      ])
      expect(
        await fixture.row('updateAuthor', {
          key: { id: 1 },
          input: { name: 'Anna' },
          selection: select('name'),
        }),
      ).toEqual({ name: 'Anna' })
      expect(
        (await fixture.problem('updateAuthor', { key: { id: 2 }, input: { name: 'X' } })).code,
      ).toBe('NOT_FOUND')
      expect(
        await fixture.row('createBook', {
          input: { id: 4, authorId: 1, title: 'C' },
          selection: select('title'),
        }),
      ).toEqual({ title: 'C' })
      await fixture.row('deleteBook', { key: { id: 1 } })
      await fixture.row('deleteBook', { key: { id: 4 } })
      expect((await fixture.page('authors', { selection: select('name') })).rows).toEqual([])
    })
  })
})
