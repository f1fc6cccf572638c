// Distinct rows: the first of each group in the order, in pages, counts and related lists alike, and wrong requests.
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import type { ListInput } from '../../src/engine/request.ts'
import { orderDirections } from '../../src/schema/inputs/standard-inputs.ts'
import { eachDatabase } from '../support/databases.ts'
import { runFullPath, runCached, formOf } from './forms.ts'
import { fillPeople, peopleDeclaration, tables } from './people.ts'
import {
  openFixture,
  type PlainPage,
  type PlainRow,
  related,
  select,
  walk,
  type Fixture,
} from './support.ts'
import { openThings } from './things.ts'
import { anonymous } from '../../src/schema/declare/caller.ts'

const fields = ['n', 'word', 'price', 'yes', 'grade', 'weight', 'at', 'kind', 'groupId', 'double']
const paths = [...fields.map((name) => [name]), ['group', 'rank'], ['parts', 'count'], ['id']]
const direction = fc.constantFrom(...orderDirections)
const key = (names: readonly string[]) =>
  direction.map((to) => names.reduceRight<unknown>((of, name) => ({ [name]: of }), to))

/** Groups, an order that begins with them, and the groups in any sequence. */
const asked = fc
  .uniqueArray(fc.constantFrom(...fields), { minLength: 1, maxLength: 3 })
  .chain((groups) =>
    fc.record({
      groups: fc.constant(groups),
      distinctOn: fc.shuffledSubarray(groups, { minLength: groups.length }),
      orderBy: fc
        .tuple(
          fc.tuple(...groups.map((name) => key([name]))),
          fc.array(fc.constantFrom(...paths).chain(key), { maxLength: 2 }),
        )
        .map(([first, rest]) => [...first, ...rest]),
    }),
  )

type List = (list: ListInput, total?: boolean) => Promise<PlainPage>

/** Equal values are one group: `1.50` is `1.5`. */
const groupOf = (row: PlainRow, groups: readonly string[]): string =>
  JSON.stringify(
    groups.map((name) => (name === 'price' && row[name] !== null ? Number(row[name]) : row[name])),
  )

eachDatabase((kind, open) => {
  let fixture: Fixture
  beforeAll(async () => {
    fixture = await openThings(open)
  })
  const things: List = (list, total = false) =>
    fixture.page('things', { list, total, selection: select('id', ...fields) })
  const ofGroup: List = async (list, total = false) =>
    (
      await fixture.row('group', {
        key: { id: 2 },
        selection: select(
          'id',
          related('things', select('id', ...fields), list, { total }),
          related('things', select('id'), { first: 1 }, { id: 'more' }),
        ),
      })
    )?.['things'] as PlainPage

  test.each([
    ['a list', things, 20],
    ['a related list', ofGroup, 10],
  ] as const)(
    'the first row of each group of %s is found, page by page, and counted',
    async (_what, list, runs) => {
      await fc.assert(
        fc.asyncProperty(
          asked,
          fc.integer({ min: 1, max: 6 }),
          fc.boolean(),
          async ({ groups, distinctOn, orderBy }, size, backward) => {
            const firsts = new Map<string, unknown>()
            for (const row of (await list({ orderBy, first: 100 })).rows)
              if (!firsts.has(groupOf(row, groups))) firsts.set(groupOf(row, groups), row['id'])
            const expected = [...firsts.values()]
            const whole = await list({ orderBy, distinctOn, first: 100 }, true)
            expect(whole.rows.map((row) => row['id'])).toEqual(expected)
            expect(whole.total).toBe(expected.length)
            expect(await walk(list, { orderBy, distinctOn, size, backward })).toEqual(expected)
            expect(
              (await list({ orderBy, distinctOn, first: 2, offset: 1 }, true)).rows.map(
                (row) => row['id'],
              ),
            ).toEqual(expected.slice(1, 3))
          },
        ),
        { numRuns: kind === 'pglite' ? runs : runs * 2 },
      )
    },
  )

  test('an order that names one field of two twice does not begin with both', async () => {
    const problem = await fixture.problem('things', {
      list: { orderBy: [{ kind: 'ASC' }, { kind: 'DESC' }], distinctOn: ['kind', 'id'] },
    })
    expect([problem.code, problem.issues.map(({ path, code }) => [path, code])]).toEqual([
      'VALIDATION_FAILED',
      [[['distinctOn'], 'conflict']],
    ])
  })

  test('a cached read answers the same', async () => {
    const form = formOf(fixture, 'things', select('id', 'kind', related('parts', select('n'))))
    const lists = [
      [{ orderBy: [{ kind: 'ASC' }], distinctOn: ['kind'], first: 2 }, { first: 1 }],
      [{ orderBy: [{ kind: 'ASC' }], first: 2 }, { first: 1 }],
      [{ first: 2 }, { orderBy: [{ n: 'DESC' }], distinctOn: ['n'], first: 3 }],
    ]
    for (const one of [...lists, ...lists])
      expect(await runCached(fixture, form, { lists: one, caller: anonymous })).toBe(
        await runFullPath(fixture, form, { lists: one, caller: anonymous }),
      )
  })

  test('filters apply first, and later pages do not repeat a group', async () => {
    const list = { orderBy: [{ kind: 'ASC' }, { id: 'DESC' }], distinctOn: ['kind'] }
    expect(
      (await things({ ...list, where: { id: { lte: 10 } } })).rows.map((row) => row['id']),
    ).toEqual([10, 8, 9])
    const { cursors } = await things({ ...list, first: 1 })
    expect(
      (await things({ ...list, where: { id: { lte: 10 } }, after: cursors[0] })).rows.map(
        (row) => row['kind'],
      ),
    ).toEqual(['q', 'r'])
  })

  test('the rows have their versions', async () => {
    const versioned = { ...select('id'), version: true as const }
    const all = (await fixture.page('things', { list: { first: 100 }, selection: versioned })).rows
    const { rows: kept } = await fixture.page('things', {
      list: { orderBy: [{ kind: 'ASC' }], distinctOn: ['kind'] },
      selection: versioned,
    })
    expect(kept).toHaveLength(3)
    expect(all).toEqual(expect.arrayContaining(kept as unknown[]))
    expect(kept.every((row) => typeof row['version'] === 'string')).toBe(true)
  })

  test('policies apply first', async () => {
    const people = await openFixture(open, tables, peopleDeclaration)
    await fillPeople(people)
    const list = {
      orderBy: [{ teamId: 'ASC_NULLS_FIRST' }, { name: 'DESC' }],
      distinctOn: ['teamId'],
    }
    const names = async (caller = anonymous) =>
      await people.page('people', { list, caller, total: true, selection: select('name') })
    expect((await names()).rows.map((row) => row['name'])).toEqual(['Eve', 'Cid', 'Dan'])
    await people.sql(`update people set visible = false where name = 'Cid'`)
    expect(await names()).toMatchObject({
      rows: [{ name: 'Eve' }, { name: 'Ann' }, { name: 'Dan' }],
      total: 3,
    })
    const salary = { orderBy: [{ salary: 'ASC' }], distinctOn: ['salary'] }
    expect(await people.problem('people', { list: salary })).toMatchObject({
      code: 'UNAUTHENTICATED',
      issues: [{ in: 'order', path: [0, 'salary'] }],
    })
  })

  const begin = (names: string) =>
    `The order has to begin with the fields of distinctOn, in any order of their own: ${names}.`
  test.each([
    [{ distinctOn: ['kind'] }, ['distinctOn'], 'conflict', begin('kind')],
    [
      { distinctOn: ['kind', 'n'], orderBy: [{ kind: 'ASC' }] },
      ['distinctOn'],
      'conflict',
      begin('kind, n'),
    ],
    [
      { distinctOn: ['kind'], orderBy: [{ n: 'ASC' }, { kind: 'ASC' }] },
      ['distinctOn'],
      'conflict',
      begin('kind'),
    ],
    [
      { distinctOn: ['n'], orderBy: [{ parts: { count: 'ASC' } }] },
      ['distinctOn'],
      'conflict',
      begin('n'),
    ],
    [
      { distinctOn: ['marks'], orderBy: [{ kind: 'ASC' }] },
      ['distinctOn', 0],
      'wrong_type',
      'Expected one of "id", "n", "word", "price", "yes", "grade", "weight", "at", "kind", "groupId", "double".',
    ],
    [
      { distinctOn: 'kind', orderBy: [{ kind: 'ASC' }] },
      ['distinctOn'],
      'wrong_type',
      'Expected a list.',
    ],
  ])('distinctOn %j is refused', async (list, path, code, message) => {
    expect(await fixture.problem('things', { list })).toMatchObject({
      code: 'VALIDATION_FAILED',
      issues: [{ in: 'order', path, code, message }],
    })
    expect(
      await fixture.problem('groups', {
        selection: select('id', related('things', select('id'), list)),
      }),
    ).toMatchObject({ issues: [{ in: 'order', path: ['things', ...path], message }] })
  })

  test('a cursor belongs to its distinctOn', async () => {
    const orderBy = [{ kind: 'ASC' }, { n: 'ASC' }]
    const {
      cursors: [after],
    } = await things({ orderBy, distinctOn: ['kind'], first: 1 })
    for (const distinctOn of [undefined, [], ['kind', 'n']])
      expect(
        await fixture.problem('things', { list: { orderBy, distinctOn, after } }),
      ).toMatchObject({ code: 'BAD_REQUEST' })
  })
})
