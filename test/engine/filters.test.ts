// Filters: random trees against a reference implementation, and wrong filters.
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { eachDatabase } from '../support/databases.ts'
import { select, type Fixture } from './support.ts'
import { evaluate } from './reference.ts'
import { openThings, rows, words } from './things.ts'

type Tree = Readonly<Record<string, unknown>>

const comparing = (
  value: fc.Arbitrary<unknown>,
  ...more: readonly [string, fc.Arbitrary<unknown>][]
): fc.Arbitrary<Tree> => {
  const members = [
    ...['eq', 'ne'].map((name) => [name, value] as const),
    ...['in', 'notIn'].map((name) => [name, fc.array(value, { maxLength: 3 })] as const),
    ['isNull', fc.boolean()] as const,
    ...more,
  ]
  return fc
    .oneof(...members.map(([name, operand]) => operand.map((one) => ({ [name]: one }))))
    .chain((first) =>
      fc.option(
        fc.oneof(
          ...members.map(([name, operand]) => operand.map((one) => ({ [name]: one, ...first }))),
        ),
        { nil: first, freq: 2 },
      ),
    )
}
const ordered = (
  value: fc.Arbitrary<unknown>,
  ...more: readonly [string, fc.Arbitrary<unknown>][]
) =>
  comparing(
    value,
    ...['gt', 'gte', 'lt', 'lte'].map((name): [string, fc.Arbitrary<unknown>] => [name, value]),
    ...more,
  )
const word = fc.constantFrom(...words, 'É', 'b')
/** Patterns without a lone backslash at the end, which PostgreSQL refuses. */
const pattern = fc.constantFrom(
  '%',
  '_',
  'a%',
  '%b',
  'a_b',
  'a\\_b',
  '\\%',
  '\\\\',
  '',
  'A',
  '%é%',
  '"%',
)
const text = ordered(
  word,
  ...['like', 'ilike'].map((name): [string, fc.Arbitrary<unknown>] => [name, pattern]),
  ...['contains', 'startsWith', 'endsWith', 'iContains', 'iStartsWith', 'iEndsWith'].map(
    (name): [string, fc.Arbitrary<unknown>] => [name, word],
  ),
)
const small = fc.integer({ min: -3, max: 3 })
const mark = fc.constantFrom('a', 'b', 'a%b', '', 'null')
const marks = fc.oneof(
  fc
    .constantFrom('eq', 'ne')
    .chain((name) => fc.array(fc.option(mark), { maxLength: 2 }).map((list) => ({ [name]: list }))),
  mark.map((one) => ({ has: one })),
  fc.boolean().map((yes) => ({ isNull: yes })),
  fc.boolean().map((yes) => ({ isEmpty: yes })),
  fc
    .constantFrom('hasEvery', 'hasSome')
    .chain((name) => fc.array(mark, { maxLength: 2 }).map((list) => ({ [name]: list }))),
)

const columns = {
  thing: {
    id: ordered(fc.integer({ min: 0, max: 41 })),
    n: ordered(small),
    double: ordered(small),
    word: text,
    kind: text,
    price: ordered(fc.constantFrom('1', '1.5', '1.50', '-2', 'NaN', '12345678901234567890.5')),
    yes: comparing(fc.boolean()),
    grade: ordered(fc.constantFrom('low', 'middle', 'high')),
    weight: ordered(fc.constantFrom(-1.5, 0, 0.1, 1e300)),
    at: ordered(
      fc.constantFrom(
        '2026-01-01T00:00:00+00:00',
        '2026-01-01T00:00:00.000001+00:00',
        '0044-03-15 12:00:00+00:00 BC',
        'infinity',
      ),
    ),
    marks,
  },
  group: { id: ordered(small), name: text, rank: ordered(small) },
  part: { line: ordered(fc.integer({ min: 0, max: 60 })), n: ordered(small), word: text },
  label: { id: ordered(fc.integer({ min: 1, max: 6 })), word: text },
}

const { thing: filter } = fc.letrec<{ thing: Tree; group: Tree; part: Tree; label: Tree }>(
  (tie) => {
    const one = (name: string, of: 'thing' | 'group' | 'part' | 'label') =>
      tie(of)
        .filter((tree) => Object.keys(tree).length > 0)
        .map((tree) => ({ [name]: tree }))
    const many = (name: string, of: 'thing' | 'group' | 'part' | 'label') =>
      fc.oneof(
        {
          weight: 3,
          arbitrary: fc
            .constantFrom('some', 'none', 'every')
            .chain((quantifier) => tie(of).map((tree) => ({ [name]: { [quantifier]: tree } }))),
        },
        {
          weight: 1,
          arbitrary: ordered(fc.integer({ min: -1, max: 5 })).map((count) => ({
            [name]: { count },
          })),
        },
        {
          weight: 1,
          arbitrary: fc
            .tuple(ordered(fc.integer({ min: 0, max: 4 })), tie(of))
            .map(([count, some]) => ({ [name]: { count, some } })),
        },
      )
    const relations = {
      thing: [
        one('group', 'group'),
        one('namesake', 'label'),
        many('parts', 'part'),
        many('labels', 'label'),
      ],
      group: [many('things', 'thing')],
      part: [one('thing', 'thing')],
      label: [many('things', 'thing')],
    }
    const tree = (of: keyof typeof columns) => {
      const leaf = fc.oneof(
        ...Object.entries(columns[of]).map(([name, comparison]) =>
          comparison.map((comparisons) => ({ [name]: comparisons })),
        ),
      )
      return fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        { weight: 4, arbitrary: leaf },
        { weight: 1, arbitrary: fc.tuple(leaf, leaf).map(([a, b]) => ({ ...a, ...b })) },
        {
          weight: 1,
          arbitrary: fc
            .constantFrom('AND', 'OR')
            .chain((name) => fc.array(tie(of), { maxLength: 3 }).map((list) => ({ [name]: list }))),
        },
        { weight: 1, arbitrary: tie(of).map((inner) => ({ NOT: inner })) },
        ...relations[of].map((arbitrary) => ({ weight: 1, arbitrary })),
      )
    }
    return { thing: tree('thing'), group: tree('group'), part: tree('part'), label: tree('label') }
  },
)

eachDatabase((kind, open) => {
  let fixture: Fixture
  beforeAll(async () => {
    fixture = await openThings(open)
  })

  const idsOf = async (where: Tree): Promise<readonly unknown[]> =>
    (
      await fixture.page('things', { list: { where, first: 100 }, selection: select('id') })
    ).rows.map((row) => row['id'])
  const expected = (where: Tree): readonly unknown[] =>
    rows.things.filter((row) => evaluate('thing', row, where) === true).map((row) => row.id)

  test('random filters find the same rows as a reference implementation', async () => {
    await fc.assert(
      fc.asyncProperty(filter, async (where) => {
        expect(await idsOf(where)).toEqual(expected(where))
      }),
      { numRuns: kind === 'pglite' ? 400 : 800 },
    )
  })

  test('a filter and its negation leave out exactly the rows for which it is unknown', async () => {
    await fc.assert(
      fc.asyncProperty(filter, async (where) => {
        const unknown = rows.things
          .filter((row) => evaluate('thing', row, where) === null)
          .map((row) => row.id)
        const [yes, no] = await Promise.all([idsOf(where), idsOf({ NOT: where })])
        expect([...yes, ...no, ...unknown].map(Number).toSorted((a, b) => a - b)).toEqual(
          rows.things.map((row) => row.id),
        )
      }),
      { numRuns: 100 },
    )
  })

  test.each([
    [{ OR: [] }, 0],
    [{ AND: [] }, 40],
    [{}, 40],
    [{ NOT: {} }, 0],
    [{ n: { in: [] } }, 0],
    [{ n: { notIn: [] } }, 40],
    [{ parts: { count: { eq: 0 } } }, 40 - new Set(rows.parts.map((part) => part.thingId)).size],
    [{ parts: { count: { gte: 1, in: [] } } }, 0],
    [{ parts: { some: {} } }, new Set(rows.parts.map((part) => part.thingId)).size],
    [{ parts: { none: { OR: [] } } }, 40],
  ])('%j finds %i', async (where, count) => {
    expect(await idsOf(where)).toHaveLength(count)
  })

  test('a pattern has at most 1,000 characters', async () => {
    for (const name of ['like', 'ilike', 'contains', 'startsWith', 'iEndsWith'])
      expect(
        await fixture.problem('things', {
          list: { where: { word: { [name]: 'a%'.repeat(500) + 'é' } } },
        }),
      ).toMatchObject({
        code: 'VALIDATION_FAILED',
        issues: [
          {
            in: 'where',
            path: ['word', name],
            code: 'too_big',
            message: 'A pattern has at most 1000 characters.',
          },
        ],
      })
    expect(await idsOf({ word: { like: 'é'.repeat(1000) } })).toEqual([])
  })

  test('a pattern that SQL refuses is VALIDATION_FAILED', async () => {
    for (const like of ['\\', 'a\\', 'a\\\\\\']) {
      expect(
        await fixture.problem('things', { list: { where: { word: { like } } } }),
      ).toMatchObject({
        code: 'VALIDATION_FAILED',
        issues: [
          {
            in: 'where',
            path: ['word', 'like'],
            code: 'wrong_type',
            message: 'Expected a pattern; a backslash stands before the character that it escapes.',
          },
        ],
      })
    }
    expect(await idsOf({ word: { like: '\\\\' } })).toEqual(expected({ word: { eq: '\\' } }))
  })

  test('a key that its column cannot hold finds no row or is refused with a message', async () => {
    expect(await idsOf({ id: { eq: 2 ** 31 - 1 } })).toEqual([])
    expect(
      await fixture.problem('things', { list: { where: { id: { eq: 2 ** 31 } } } }),
    ).toMatchObject({
      code: 'VALIDATION_FAILED',
      issues: [
        {
          in: 'where',
          path: ['id', 'eq'],
          code: 'wrong_type',
          message: 'Expected a whole number of 32 bits.',
        },
      ],
    })
  })
})
