// Filters on JSON: random documents and filters against a reference implementation. No input of a caller is an error of the database.
import { defineRelations, sql } from 'drizzle-orm'
import { integer, json, jsonb, pgTable } from 'drizzle-orm/pg-core'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { declare } from '../../src/schema/declare/declare.ts'
import { eachDatabase } from '../support/databases.ts'
import { runFullPath, runCached, formOf } from './forms.ts'
import { openFixture, select, type Fixture } from './support.ts'
import { anonymous } from '../../src/schema/declare/caller.ts'

const documents = pgTable('documents', {
  id: integer().primaryKey(),
  binary: jsonb(),
  plain: json(),
  several: jsonb().array(),
})
const relations = defineRelations({ documents })
const { resource, access } = declare({ relations })

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }
type Truth = boolean | null

const all: readonly Json[] = [
  null,
  true,
  0,
  1.5,
  'a',
  '',
  [],
  {},
  { a: 1 },
  { a: '1' },
  { a: 1, b: 2 },
  { a: { b: [1, 2, { c: 'x' }] } },
  { a: null },
  { a: [] },
  ['a', 'b'],
  [1, [2, 3]],
  [{ a: 1 }, { a: 2 }],
  { a: true },
  { a: { b: null } },
  { 'a.b': 1, '': { '%': 'y' }, 'ü"\\': 'z' },
  { a: 1e300 },
  { a: -2 },
  { a: 'é' },
  { b: 2, a: 1 },
  { a: 'B' },
  { a: 'b' },
  { 0: 'zero' },
  { a: 1.0 },
]
const rows = all.map((document, i) => ({ id: i + 1, document }))

/** As jsonb compares: numbers by value, members in any order. */
const same = (a: Json, b: Json): boolean => text(a) === text(b)
const text = (value: Json): string =>
  JSON.stringify(value, (_name, member: unknown) =>
    isObject(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([x], [y]) => (x < y ? -1 : 1)))
      : member,
  )
const isObject = (value: unknown): value is { readonly [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isList = (value: Json): value is readonly Json[] => Array.isArray(value)

function contains(whole: Json, part: Json): boolean {
  if (isList(whole) && isList(part))
    return part.every((one) =>
      whole.some((other) => contains(other, one) && isList(other) === isList(one)),
    )
  if (isObject(whole) && isObject(part))
    return Object.entries(part).every(
      ([name, one]) => Object.hasOwn(whole, name) && containsNested(whole[name] ?? null, one),
    )
  return same(whole, part)
}
const containsNested = (whole: Json, part: Json): boolean =>
  isList(whole) === isList(part) && contains(whole, part)
/** Only at the top level does a list contain a value that is neither a list nor an object. */
const containsAtTop = (whole: Json, part: Json): boolean =>
  contains(whole, part) ||
  (isList(whole) && !isList(part) && !isObject(part) && whole.some((one) => same(one, part)))

function valueAt(whole: Json, at: readonly string[]): Json | undefined {
  const [step, ...rest] = at
  if (step === undefined) return whole
  const inner = isList(whole)
    ? /^-?\d+$/.test(step)
      ? whole.at(Number(step))
      : undefined
    : isObject(whole) && Object.hasOwn(whole, step)
      ? whole[step]
      : undefined
  return inner === undefined ? undefined : valueAt(inner, rest)
}

// oxlint-disable-next-line complexity -- one arm for each operator
function comparedAt(value: Json | undefined, operator: string, operand: Json): Truth {
  if (operator === 'isNull') return (value === undefined || value === null) === operand
  if (value === undefined || value === null)
    return operator === 'in' && same(operand, [])
      ? false
      : operator === 'notIn' && same(operand, [])
        ? true
        : null
  switch (operator) {
    case 'eq':
      return same(value, operand)
    case 'ne':
      return !same(value, operand)
    case 'in':
      return (operand as readonly Json[]).some((one) => same(value, one))
    case 'notIn':
      return !(operand as readonly Json[]).some((one) => same(value, one))
    default:
      return compareOrdered(value, operator, operand)
  }
}

function compareOrdered(value: Json, operator: string, operand: Json): Truth {
  if (typeof value !== typeof operand) return null
  const order =
    typeof value === 'string'
      ? Buffer.compare(Buffer.from(value), Buffer.from(operand as string))
      : Number(value) - Number(operand)
  return operator === 'gt'
    ? order > 0
    : operator === 'gte'
      ? order >= 0
      : operator === 'lt'
        ? order < 0
        : order <= 0
}

type Comparison = Readonly<Record<string, Json>>

function holds(document: Json, comparison: Comparison): Truth {
  return Object.entries(comparison).reduce<Truth>((truth, [operator, operand]) => {
    const one: Truth =
      operator === 'contains'
        ? containsAtTop(document, operand)
        : operator === 'hasKey'
          ? (isObject(document) && Object.hasOwn(document, operand as string)) ||
            (isList(document) && document.includes(operand)) ||
            document === operand
          : operator === 'path'
            ? pathHolds(document, operand as Comparison)
            : operand === false
    return truth === false || one === false ? false : truth === null || one === null ? null : true
  }, true)
}

const pathHolds = (document: Json, { at, ...comparisons }: Comparison): Truth =>
  Object.entries(comparisons).reduce<Truth>((truth, [operator, operand]) => {
    const one = comparedAt(valueAt(document, at as readonly string[]), operator, operand)
    return truth === false || one === false ? false : truth === null || one === null ? null : true
  }, true)

const values = fc.constantFrom<Json>(
  ...all.filter((one) => one !== null),
  1,
  2,
  'x',
  'b',
  [1],
  { b: [2] },
  { c: 'x' },
  [{ a: 1 }],
  [[3]],
  '1',
  false,
  -2,
  { a: { b: [] } },
)
const steps = fc.array(
  fc.constantFrom(
    'a',
    'b',
    '0',
    '1',
    '-1',
    '2',
    'a.b',
    '',
    '%',
    'ü"\\',
    'c',
    'x',
    '99999999999999',
  ),
  { minLength: 1, maxLength: 3 },
)
const path = fc
  .tuple(
    steps,
    fc.array(
      fc.oneof(
        fc.tuple(fc.constantFrom('eq', 'ne'), values),
        fc.tuple(fc.constantFrom('in', 'notIn'), fc.array(values, { maxLength: 3 })),
        fc.tuple(fc.constant('isNull'), fc.boolean()),
        fc.tuple(
          fc.constantFrom('gt', 'gte', 'lt', 'lte'),
          fc.constantFrom<Json>(0, 1, -2, 1e300, 'a', 'B', '', 'é'),
        ),
      ),
      { minLength: 1, maxLength: 2 },
    ),
  )
  .map(([at, of]): Json => ({ at, ...Object.fromEntries(of) }))
const comparison: fc.Arbitrary<Comparison> = fc.oneof(
  { weight: 2, arbitrary: values.map((contained) => ({ contains: contained })) },
  { weight: 1, arbitrary: fc.constantFrom('a', 'b', '', 'x', '0').map((hasKey) => ({ hasKey })) },
  { weight: 5, arbitrary: path.map((of) => ({ path: of })) },
  {
    weight: 1,
    arbitrary: fc.tuple(path, values).map(([of, contained]) => ({ path: of, contains: contained })),
  },
)

eachDatabase((kind, open) => {
  let fixture: Fixture
  beforeAll(async () => {
    fixture = await openFixture(
      open,
      { documents },
      {
        name: 'Documents',
        relations,
        resources: {
          document: resource('documents', {
            access: { read: access.everyone },
            computed: { part: { type: 'json', sql: (own) => sql`${own.binary} -> 'a'` } },
          }),
        },
      },
    )
    for (const { id, document } of rows)
      await fixture.sql(
        'insert into documents values ($1, $2::text::jsonb, $2::text::json, array[$2::text::jsonb])',
        String(id),
        JSON.stringify(document),
      )
    await fixture.sql('insert into documents values (99, null, null, null)')
  })
  const idsOf = async (where: object): Promise<readonly unknown[]> =>
    (
      await fixture.page('documents', { list: { where, first: 100 }, selection: select('id') })
    ).rows.map((row) => row['id'])

  test('random filters find the same rows as a reference implementation, in both types, and as cached reads', async () => {
    const form = formOf(fixture, 'documents', select('id'))
    await fc.assert(
      fc.asyncProperty(comparison, fc.boolean(), async (compared, negated) => {
        const wheres = ['binary', 'plain'].map((column) =>
          negated ? { NOT: { [column]: compared } } : { [column]: compared },
        )
        const expected = rows
          .filter(({ document }) => holds(document, compared) === !negated)
          .map(({ id }) => id)
        for (const where of wheres) {
          expect(
            (await idsOf(where)).filter((id) => id !== 99),
            JSON.stringify(where),
          ).toEqual(expected)
          const ask = { lists: [{ where, first: 100 }], caller: anonymous }
          expect(await runCached(fixture, form, ask)).toBe(await runFullPath(fixture, form, ask))
        }
      }),
      { numRuns: kind === 'pglite' ? 150 : 400 },
    )
  })

  test('a null column is unknown, as a missing value at a path is', async () => {
    expect(await idsOf({ binary: { isNull: true } })).toEqual([99])
    expect(
      await idsOf({ OR: [{ binary: { hasKey: 'a' } }, { NOT: { binary: { hasKey: 'a' } } }] }),
    ).not.toContain(99)
    expect(await idsOf({ binary: { path: { at: ['a'], isNull: true } } })).toContain(99)
    expect(await idsOf({ part: { path: { at: ['b', '0'], eq: 1 } } })).toEqual([12])
    expect(await idsOf({ several: { isEmpty: false } })).toHaveLength(rows.length)
  })

  test('no input of a caller is an error of the database', async () => {
    const deep = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels))
    const operands = fc.oneof(
      fc.jsonValue(),
      fc.json().map((one): unknown => JSON.parse(one)),
      fc.constantFrom<unknown>(
        1e308,
        5e-324,
        '\0',
        '\uD800',
        { '\0': 1 },
        Infinity,
        Number.NaN,
        undefined,
        null,
        deep(1200),
        'x'.repeat(50_000),
      ),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(
          'contains',
          'hasKey',
          'eq',
          'ne',
          'in',
          'notIn',
          'gt',
          'lte',
          'isNull',
          'at',
        ),
        operands,
        fc.array(fc.string({ unit: 'binary' }), { maxLength: 3 }),
        async (operator, operand, at) => {
          const binary =
            operator === 'contains' || operator === 'hasKey'
              ? { [operator]: operand }
              : { path: { at, [operator]: operand } }
          const problem = await idsOf({ binary }).then(
            () => null,
            (error: unknown) => error,
          )
          if (problem !== null)
            expect(problem).toMatchObject({
              code: 'VALIDATION_FAILED',
              issues: expect.arrayContaining([expect.objectContaining({ in: 'where' })]),
            })
        },
      ),
      { numRuns: kind === 'pglite' ? 150 : 300 },
    )
  })

  test.each([
    [{ contains: null }, ['contains'], 'Expected JSON other than null.'],
    [
      { contains: { a: Infinity } },
      ['contains'],
      'Expected JSON without NUL, lone surrogates and numbers too large for a float.',
    ],
    [{ hasKey: 1 }, ['hasKey'], 'Expected text.'],
    [{ path: { eq: 1 } }, ['path', 'at'], 'This is required.'],
    [{ path: { at: [], eq: 1 } }, ['path', 'at'], 'At least 1 member.'],
    [{ path: { at: ['a', 1], eq: 1 } }, ['path', 'at', 1], 'Expected text.'],
    [{ path: { at: ['a'] } }, ['path'], 'Name what the value at the path is compared with.'],
    [{ path: { at: ['a'], gt: [1] } }, ['path', 'gt'], 'Expected a number or text.'],
    [{ path: { at: ['a'], in: [1, null] } }, ['path', 'in', 1], 'Expected JSON other than null.'],
    [
      { path: { at: ['a'], like: 'x' } },
      ['path', 'like'],
      'There is no like here. Allowed are at, eq, ne, in, notIn, gt, gte, lt, lte, isNull.',
    ],
    [{ eq: {} }, ['eq'], 'There is no eq here. Allowed are contains, hasKey, path, isNull.'],
  ])('%j is refused at its path', async (binary, path_, message) => {
    expect(await fixture.problem('documents', { list: { where: { binary } } })).toMatchObject({
      code: 'VALIDATION_FAILED',
      issues: [{ in: 'where', path: ['binary', ...path_], message }],
    })
  })
})
