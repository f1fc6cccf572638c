// Aggregates: groups against a reference implementation over the rows of the same caller's list.
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Group } from '../../src/engine/read/run-aggregate.ts'
import type { AggregateInput } from '../../src/engine/request.ts'
import {
  type Aggregate,
  aggregatesByPath,
  aggregationOf,
  type GroupKey,
} from '../../src/schema/model/aggregates.ts'
import type { Caller } from '../../src/schema/declare/caller.ts'
import type { Field, Resource } from '../../src/schema/model/model.ts'
import { eachDatabase } from '../support/databases.ts'
import { isRight, keyOf, order } from './aggregate-reference.ts'
import { openLedger, ROWS } from './ledger.ts'
import { type PlainRow, select, signedIn, type Fixture } from './support.ts'

const staff = signedIn({}, 'staff')

eachDatabase((_kind, open) => {
  let fixture: Fixture
  let resource: Resource
  beforeAll(async () => {
    fixture = await openLedger(open)
    const found = fixture.model.resources.get('entry')
    if (found === undefined) throw new Error('The ledger has entries.')
    resource = found
  })

  const groups = (
    aggregate: AggregateInput,
    fields: readonly string[] = ['count'],
    caller: Caller = staff,
  ) =>
    fixture.value('entriesAggregate', {
      aggregate,
      selection: select(...fields),
      caller,
    }) as Promise<readonly Group[]> // as an aggregate answers

  describe('random aggregates', () => {
    test("equal the figures of the list's rows", { timeout: 120_000 }, async () => {
      const aggregation = aggregationOf(resource)
      const byName = aggregatesByPath(aggregation)
      const keys = [...aggregation.keys.values()]
        .filter(({ of }) => of.name !== 'bonus')
        .map(({ name }) => name) // fields that no caller may read in every row
      const all = [...byName.values()].filter(({ of }) => of?.name !== 'bonus')
      const names = all.map(({ path }) => path.join('.'))
      const sortable = all
        .filter(({ value }) => value.kind.name !== 'float')
        .map(({ path }) => path.join('.'))
      const toAggregate = (name: string): Aggregate => byName.get(name) ?? aggregation.count
      const where = fc.constantFrom<object>(
        {},
        { side: { eq: 'alpha' } },
        { whole: { gt: 0 } },
        { OR: [] },
        { book: { name: { eq: 'night' } } },
        { price: { isNull: true } },
        { moment: { gte: '2010-01-01T00:00:00Z' } },
      )
      const asked = fc.record({
        where,
        keys: fc.subarray(keys, { maxLength: 2 }),
        shown: fc.subarray(names, { minLength: 1, maxLength: 6 }),
        limit: fc.option(fc.integer({ min: 0, max: 60 })),
        offset: fc.option(fc.nat(5)),
        least: fc.option(fc.integer({ min: 0, max: 4 })),
        sorted: fc.option(
          fc.tuple(
            fc.constantFrom(...sortable),
            fc.constantFrom('ASC', 'DESC', 'ASC_NULLS_FIRST', 'DESC_NULLS_LAST'),
          ),
        ),
      })
      await fc.assert(
        fc.asyncProperty(
          asked,
          async ({
            where: filter,
            keys: keyNames,
            shown,
            limit,
            offset,
            least,
            sorted: sortedBy,
          }) => {
            const by = keyNames.flatMap((name) => aggregation.keys.get(name) ?? [])
            const sorted =
              sortedBy === null ? null : ([toAggregate(sortedBy[0]), sortedBy[1]] as const)
            const { rows } = await fixture.page('entries', {
              list: { where: filter, first: 100 },
              caller: staff,
            })
            const aggregate: AggregateInput = {
              where: filter,
              groupBy: by.map(({ name }) => name),
              first: limit ?? 60,
              offset,
              ...(least === null ? {} : { having: { count: { gte: least } } }),
              ...(sorted === null ? {} : { orderBy: [inPlace(sorted[0].path, sorted[1])] }),
            }
            const answered = await groups(
              aggregate,
              sortedBy === null ? shown : [...shown, sortedBy[0]],
            )
            const expected = grouped(rows, by).filter((group) => group.rows.length >= (least ?? 0))
            expect(answered.length).toBe(
              Math.max(0, Math.min(limit ?? 60, expected.length - (offset ?? 0))),
            )
            checkGroups(answered, expected, { keys: by, shown: shown.map(toAggregate) })
            checkOrder(answered, [
              ...(sorted === null
                ? []
                : [{ field: sorted[0].value, path: sorted[0].path, direction: sorted[1] }]),
              ...by.map(({ name, value }) => ({
                field: value,
                path: ['key', name],
                direction: 'ASC',
              })),
            ])
          },
        ),
        { numRuns: 250, seed: 7 },
      )
    })
  })

  test('a filter on groups can compare values of every kind', async () => {
    for (const one of aggregatesByPath(aggregationOf(resource)).values()) {
      if (one.of?.name === 'bonus' || one.value.kind.name === 'float') continue
      const path = one.path.join('.')
      const every = await groups({ groupBy: ['side', 'open'] }, [path])
      const values = every
        .map((group) => valueAt(group, one.path))
        .filter((value) => value !== null)
      const middle = values.toSorted((a, b) => order(one.value, a, b))[
        Math.floor(values.length / 2)
      ]
      const some = await groups(
        { groupBy: ['side', 'open'], having: inPlace(one.path, { gte: middle }) },
        [path],
      )
      expect(some, path).toEqual(
        every.filter(
          (group) =>
            valueAt(group, one.path) !== null &&
            order(one.value, valueAt(group, one.path), middle) >= 0,
        ),
      )
      const others = await groups(
        { groupBy: ['side', 'open'], having: { NOT: inPlace(one.path, { gte: middle }) } },
        [path],
      )
      expect(some.length + others.length, path).toBe(values.length)
    }
  })

  test('without keys there is one group, even of no rows', async () => {
    expect(await groups({})).toEqual([{ count: ROWS }])
    expect(
      await groups({ where: { OR: [] } }, [
        'count',
        'countDistinct.whole',
        'sum.whole',
        'avg.price',
        'min.word',
        'max.moment',
      ]),
    ).toEqual([
      {
        count: 0,
        countDistinct: { whole: 0 },
        sum: { whole: null },
        avg: { price: null },
        min: { word: null },
        max: { moment: null },
      },
    ])
    expect(await groups({ where: { OR: [] }, groupBy: ['side'] })).toEqual([])
    expect(await groups({ having: { count: { lt: ROWS } } })).toEqual([])
    expect(await groups({ first: 0 })).toEqual([])
  })

  test('rows with null form a group of their own, in the order of nulls', async () => {
    const byOpen = async (direction: string) =>
      (await groups({ groupBy: ['open'], orderBy: [{ key: { open: direction } }] })).map(
        ({ key }) => (key as PlainRow)['open'],
      )
    expect(await byOpen('ASC')).toEqual([false, true, null])
    expect(await byOpen('DESC')).toEqual([null, true, false])
    expect(await byOpen('ASC_NULLS_FIRST')).toEqual([null, false, true])
    expect(await byOpen('DESC_NULLS_LAST')).toEqual([true, false, null])
  })

  test('rows that a caller may not read are not counted, in relations too', async () => {
    const { total } = await fixture.page('entries', { total: true, caller: signedIn() })
    expect(await groups({}, ['count'], signedIn())).toEqual([{ count: total }])
    expect(total).toBeLessThan(ROWS)
    expect(
      await groups({ where: { book: { secret: { eq: true } } } }, ['count'], signedIn()),
    ).toEqual([{ count: 0 }])
    expect(await groups({ groupBy: ['bookId'] }, ['count'], signedIn())).toHaveLength(2)
  })

  test('a field that the caller may not read in every row is refused in every place', async () => {
    const refused = async (aggregate: AggregateInput, field: string, caller = signedIn()) => {
      const { code, issues } = await fixture.problem('entriesAggregate', {
        aggregate,
        selection: select(field),
        caller,
      })
      return [code, ...issues.map(({ in: part, path }) => `${part}:${path.join('.')}`)]
    }
    for (const name of ['salary', 'bonus']) {
      expect(await refused({ groupBy: ['side', name] }, 'count')).toEqual(['FORBIDDEN', 'key:1'])
      expect(await refused({}, `countDistinct.${name}`)).toEqual([
        'FORBIDDEN',
        `fields:countDistinct.${name}`,
      ])
      expect(
        await refused({ having: { OR: [{ sum: { [name]: { gt: '1' } } }] } }, 'count'),
      ).toEqual(['FORBIDDEN', `where:having.OR.0.sum.${name}`])
      expect(await refused({ orderBy: [{ max: { [name]: 'ASC' } }] }, 'count')).toEqual([
        'FORBIDDEN',
        `order:0.max.${name}`,
      ])
      expect(await refused({ where: { [name]: { gt: 1 } } }, 'count')).toEqual([
        'FORBIDDEN',
        `where:${name}`,
      ])
    }
    expect(
      (
        await fixture.problem('entriesAggregate', {
          aggregate: { groupBy: ['salary'] },
          selection: select('count'),
        })
      ).code,
    ).toBe('UNAUTHENTICATED')
    expect(await groups({}, ['sum.salary'])).toEqual([
      { sum: { salary: expect.stringMatching(/^\d+$/) as string } },
    ])
    expect(await refused({}, 'sum.bonus', staff)).toEqual(['FORBIDDEN', 'fields:sum.bonus'])
  })

  test('more groups than the maximum are an error, unless the request has a limit', async () => {
    const { code, issues } = await fixture.problem('entriesAggregate', {
      aggregate: { groupBy: ['id'] },
      selection: select('count'),
      caller: staff,
    })
    expect([code, issues]).toEqual([
      'VALIDATION_FAILED',
      [
        {
          in: 'page',
          path: ['limit'],
          code: 'too_many',
          message: 'There are more than 60 groups. Give a limit, or take fewer by a filter.',
        },
      ],
    ])
    expect(await groups({ groupBy: ['id'], first: 60 })).toHaveLength(60)
    expect(await groups({ groupBy: ['id'], first: 60, offset: 60 })).toHaveLength(ROWS - 60)
    expect(
      (
        await fixture.problem('entriesAggregate', {
          aggregate: { groupBy: ['id'], first: 61 },
          selection: select('count'),
          caller: staff,
        })
      ).issues,
    ).toEqual([{ in: 'page', path: ['limit'], code: 'too_big', message: 'At most 60 groups.' }])
  })

  test('sums keep their digits beyond 64 bits, and a sum that no type can hold is an error', async () => {
    const where = { large: { eq: '9223372036854775807' } }
    const [{ count } = { count: 0 }] = await groups({ where })
    expect(await groups({ where }, ['sum.large', 'avg.large'])).toEqual([
      {
        sum: { large: String(9223372036854775807n * BigInt(Number(count))) },
        avg: { large: expect.stringMatching(/^9223372036854775807(\.0+)?$/) as string },
      },
    ])
    await fixture.sql('update entries set double = 1.7e308 where id <= 2')
    const { code, message } = await fixture.problem('entriesAggregate', {
      aggregate: { where: { id: { lte: 2 } } },
      selection: select('sum.double'),
      caller: staff,
    })
    expect([code, message]).toEqual([
      'VALIDATION_FAILED',
      'A value of a group is beyond what its type can hold.',
    ])
  })

  test('requests with the same fingerprint share a statement for all values', async () => {
    const size = fixture.engine.plans.size
    for (const [i, side] of ['alpha', 'mike'].entries())
      await groups({
        where: { side: { eq: side } },
        groupBy: ['open'],
        having: { count: { gt: i } },
        first: 2 + i,
      })
    expect(fixture.engine.plans.size).toBe(size + 1)
    await groups({
      where: { side: { eq: 'zulu' } },
      groupBy: ['side'],
      having: { count: { gt: 1 } },
      first: 2,
    })
    await groups({
      where: { side: { eq: 'zulu' } },
      groupBy: ['open'],
      having: { count: { gte: 1 } },
      first: 2,
    })
    await groups({
      where: { side: { eq: 'zulu' } },
      groupBy: ['open'],
      having: { count: { gt: 1 } },
      first: 2,
      offset: 0,
    })
    await groups(
      {
        where: { side: { eq: 'zulu' } },
        groupBy: ['open'],
        having: { count: { gt: 1 } },
        first: 2,
      },
      ['count'],
      signedIn(),
    )
    expect(fixture.engine.plans.size).toBe(size + 5)
  })

  describe('a wrong aggregate is refused', () => {
    const allowedKeys = () =>
      [...aggregationOf(resource).keys.keys()].map((name) => JSON.stringify(name)).join(', ')
    test.each<[string, AggregateInput, string[], string, string, string]>([
      [
        'an unknown key',
        { groupBy: ['side', 'nothing'] },
        ['count'],
        'VALIDATION_FAILED',
        'key:1 wrong_type',
        'KEYS',
      ],
      [
        'a list as a key',
        { groupBy: ['tags'] },
        ['count'],
        'VALIDATION_FAILED',
        'key:0 wrong_type',
        'KEYS',
      ],
      [
        'a part that its kind does not have',
        { groupBy: ['dayHour'] },
        ['count'],
        'VALIDATION_FAILED',
        'key:0 wrong_type',
        'KEYS',
      ],
      [
        'a key twice',
        { groupBy: ['side', 'side'] },
        ['count'],
        'VALIDATION_FAILED',
        'key: wrong_type',
        'Name each key once.',
      ],
      [
        'keys that are not a list',
        { groupBy: 5 },
        ['count'],
        'VALIDATION_FAILED',
        'key: wrong_type',
        'Expected a list.',
      ],
      [
        'a sum of texts',
        {},
        ['sum.word'],
        'BAD_REQUEST',
        'fields:sum.word unknown_member',
        'There is no sum.word here. Allowed are count, countDistinct.id,',
      ],
      [
        'a function without a field',
        {},
        ['sum'],
        'BAD_REQUEST',
        'fields:sum unknown_member',
        'There is no sum here.',
      ],
      [
        'a key that is not grouped by',
        { groupBy: ['side'] },
        ['count', 'key.open'],
        'VALIDATION_FAILED',
        'fields:key.open not_grouped',
        'Group by open to see it in the key.',
      ],
      [
        'an order by a key that is not grouped by',
        { groupBy: ['side'], orderBy: [{ key: { open: 'ASC' } }] },
        ['count'],
        'VALIDATION_FAILED',
        'order:0.key.open not_grouped',
        'Group by open to sort by it.',
      ],
      [
        'an order by two at once',
        { orderBy: [{ count: 'ASC', sum: { whole: 'ASC' } }] },
        ['count'],
        'VALIDATION_FAILED',
        'order:0 wrong_type',
        'Give exactly one key an object.',
      ],
      [
        'an order by a function',
        { orderBy: [{ sum: 'ASC' }] },
        ['count'],
        'VALIDATION_FAILED',
        'order:0.sum wrong_type',
        'Expected an object.',
      ],
      [
        'a number for a sum of whole numbers',
        { having: { sum: { whole: { gt: 5 } } } },
        ['count'],
        'VALIDATION_FAILED',
        'where:having.sum.whole.gt wrong_type',
        'Expected a whole number of 64 bits as a string.',
      ],
      [
        'null in a filter on groups',
        { having: { count: { eq: null } } },
        ['count'],
        'VALIDATION_FAILED',
        'where:having.count.eq wrong_type',
        'Expected a whole number of 32 bits.',
      ],
      [
        'an empty comparison',
        { having: { avg: {} } },
        ['count'],
        'VALIDATION_FAILED',
        'where:having.avg wrong_type',
        'An empty object would match everything; leave it out, or name what it compares.',
      ],
      [
        'an unknown function',
        { having: { median: { whole: { gt: '1' } } } },
        ['count'],
        'VALIDATION_FAILED',
        'where:having.median unknown_member',
        'There is no median here. Allowed are count, countDistinct, sum, avg, min, max, AND, OR, NOT.',
      ],
      [
        'a negative limit',
        { first: -1 },
        ['count'],
        'VALIDATION_FAILED',
        'page:limit wrong_type',
        'Expected a whole number from 0.',
      ],
      [
        'a wrong offset',
        { offset: 'two' },
        ['count'],
        'VALIDATION_FAILED',
        'page:offset wrong_type',
        'Expected a whole number from 0.',
      ],
    ])('%s', async (...[_what, aggregate, fields, code, issue, message]) => {
      const problem = await fixture.problem('entriesAggregate', {
        aggregate,
        selection: select(...fields),
        caller: staff,
      })
      expect([
        problem.code,
        ...problem.issues.map(
          ({ in: part, path, code: word }) => `${part}:${path.join('.')} ${word}`,
        ),
      ]).toEqual([code, issue])
      expect(problem.issues[0]?.message).toContain(
        message === 'KEYS' ? `Expected one of ${allowedKeys()}.` : message,
      )
    })

    test('a filter on groups over the limits is refused', async () => {
      const deep = Array.from({ length: 10 }).reduce<object>((tree) => ({ NOT: tree }), {
        count: { eq: 1 },
      })
      const wide = { OR: Array.from({ length: 101 }, () => ({ count: { eq: 1 } })) }
      for (const having of [deep, wide])
        expect(
          (
            await fixture.problem('entriesAggregate', {
              aggregate: { having },
              selection: select('count'),
              caller: staff,
            })
          ).code,
        ).toBe('TOO_COMPLEX')
    })
  })
})

const inPlace = (path: readonly string[], value: unknown): unknown =>
  path.reduceRight<unknown>((of, name) => ({ [name]: of }), value)

const same = (field: Field, a: unknown, b: unknown): boolean =>
  a === null || b === null ? a === b : order(field, a, b) === 0

interface ExpectedGroup {
  readonly key: PlainRow
  readonly rows: PlainRow[]
}

/** Without keys there is one group of all rows. */
function grouped(rows: readonly PlainRow[], keys: readonly GroupKey[]): readonly ExpectedGroup[] {
  const found: ExpectedGroup[] = keys.length === 0 ? [{ key: {}, rows: [] }] : []
  for (const row of rows) {
    const key = Object.fromEntries(keys.map((one) => [one.name, keyOf(one, row)]))
    const known = found.find((group) =>
      keys.every(({ name, value }) => same(value, group.key[name], key[name])),
    )
    if (known === undefined) found.push({ key, rows: [row] })
    else known.rows.push(row)
  }
  return found
}

function valueAt(group: Group, path: readonly string[]): unknown {
  return path.reduce<unknown>((of, name) => (of as Group)[name], group)
}

const isRightIn = (
  { does, of, path }: Aggregate,
  rows: readonly PlainRow[],
  group: Group,
): boolean =>
  of === null || does === 'count'
    ? valueAt(group, path) === rows.length
    : isRight(does, of, rows, valueAt(group, path))

/** Each group is one of those expected, another each time, with the values that its rows come to. */
function checkGroups(
  answered: readonly Group[],
  expected: readonly ExpectedGroup[],
  { keys, shown }: { readonly keys: readonly GroupKey[]; readonly shown: readonly Aggregate[] },
): void {
  const left = new Set(expected)
  for (const group of answered) {
    const found = [...left].find(({ key }) =>
      keys.every(({ name, value }) => same(value, key[name], valueAt(group, ['key', name]))),
    )
    if (found === undefined) throw new Error(`No rows are of the group ${JSON.stringify(group)}.`)
    left.delete(found)
    for (const one of shown)
      expect(
        isRightIn(one, found.rows, group),
        `${one.path.join('.')} of ${JSON.stringify(group)}`,
      ).toBe(true)
  }
}

/** Each group comes before the next one, with nulls in PostgreSQL's place or in the requested one. */
function checkOrder(
  answered: readonly Group[],
  keys: readonly {
    readonly field: Field
    readonly path: readonly string[]
    readonly direction: string
  }[],
): void {
  for (const [i, group] of answered.slice(1).entries()) {
    const before = answered[i] ?? {}
    for (const { field, path, direction } of keys) {
      const [a, b] = [valueAt(before, path), valueAt(group, path)]
      const nullsFirst = direction.endsWith('FIRST') || direction === 'DESC'
      const sign =
        a === null || b === null
          ? a === b
            ? 0
            : (a === null) === nullsFirst
              ? -1
              : 1
          : order(field, a, b) * (direction.startsWith('DESC') ? -1 : 1)
      expect(sign, `${JSON.stringify(before)} before ${JSON.stringify(group)}`).toBeLessThanOrEqual(
        0,
      )
      if (sign < 0) break
    }
  }
}
