// Limits of one request, checked before any statement.
import { beforeAll, expect, test } from 'vitest'
import type { Selection } from '../../src/engine/request.ts'
import { onDatabase } from '../support/databases.ts'
import { hasNearest } from '../../src/engine/parse/limits.ts'
import { related, select, type Fixture } from './support.ts'
import { openThings } from './things.ts'

onDatabase('pglite', (open) => {
  let fixture: Fixture
  beforeAll(async () => {
    fixture = await openThings(open)
  })
  const asked = async (where: unknown) => {
    fixture.statements.length = 0
    const answer = await fixture.page('things', { list: { where } }).then(
      () => 'answered',
      (problem: { code: string; message: string }) => `${problem.code}: ${problem.message}`,
    )
    expect(fixture.statements).toHaveLength(answer === 'answered' ? 1 : 0)
    return answer
  }
  const nested = (wrap: (inner: unknown) => unknown, times: number): unknown =>
    Array.from({ length: times }).reduce<unknown>(wrap, { id: { gt: 1 } })

  const many =
    'TOO_COMPLEX: The filter has more than 100 comparisons, words of logic and relations.'
  const deep = 'TOO_COMPLEX: The filter nests words of logic and relations more than 8 deep.'
  test.each([
    [
      'a word of logic and 99 comparisons',
      { AND: Array.from({ length: 99 }, (_, i) => ({ id: { gt: i } })) },
      'answered',
    ],
    [
      'a word of logic and 100 comparisons',
      { AND: Array.from({ length: 100 }, (_, i) => ({ id: { gt: i } })) },
      many,
    ],
    [
      'two comparisons of one field in each of 50',
      { OR: Array.from({ length: 50 }, () => ({ id: { gt: 1, lt: 5 } })) },
      many,
    ],
    [
      'a word of logic and comparisons at the paths of 25 documents',
      {
        AND: Array.from({ length: 25 }, () => ({
          data: { path: { at: ['a'], gt: 1, lt: 5, ne: 2, gte: 1 } },
        })),
      },
      many,
    ],
    ['empty filters in a list', { AND: Array.from({ length: 100 }, () => ({})) }, many],
    ['8 words of logic around a comparison', nested((inner) => ({ NOT: inner }), 8), 'answered'],
    ['9 words of logic around a comparison', nested((inner) => ({ NOT: inner }), 9), deep],
    [
      '8 relations around a comparison',
      nested((inner) => ({ group: { things: { some: inner } } }), 4),
      'answered',
    ],
    [
      '9 words and relations',
      { NOT: nested((inner) => ({ group: { things: { some: inner } } }), 4) },
      deep,
    ],
    ['hostile nesting', JSON.parse(`${'{"NOT":'.repeat(5000)}{}${'}'.repeat(5000)}`), deep],
  ])('a filter of %s', async (_, where, answer) => {
    expect(await asked(where)).toBe(answer)
  })

  test('a list may have up to 1000 values', async () => {
    const list = (length: number) => Array.from({ length }, (_, i) => i)
    expect(await asked({ id: { in: list(1000) } })).toBe('answered')
    expect(await asked({ id: { notIn: list(1001) } })).toBe(
      'VALIDATION_FAILED: At most 1000 members.',
    )
    expect(await asked({ marks: { hasSome: list(1001).map(String) } })).toBe(
      'VALIDATION_FAILED: At most 1000 members.',
    )
  })

  test('an order may have up to 8 keys', async () => {
    const keys = (length: number) => Array.from({ length }, () => ({ n: 'ASC' }))
    expect(
      (await fixture.page('things', { list: { orderBy: keys(8), first: 1 } })).rows,
    ).toHaveLength(1)
    expect(await fixture.problem('things', { list: { orderBy: keys(9) } })).toMatchObject({
      code: 'VALIDATION_FAILED',
      issues: [{ in: 'order', path: [], message: 'At most 8 members.' }],
    })
  })

  test('a selection may be up to 8 relations deep', async () => {
    const deepSelection = (times: number): Selection =>
      Array.from({ length: times }).reduce<Selection>(
        (inner, _, i) =>
          select(
            'id',
            i % 2 === 0 ? related('group', inner) : related('things', inner, { first: 1 }),
          ),
        select('id'),
      )
    expect(
      (await fixture.page('things', { list: { first: 1 }, selection: deepSelection(7) })).rows,
    ).toHaveLength(1)
    expect(await fixture.problem('things', { selection: deepSelection(9) })).toMatchObject({
      code: 'TOO_COMPLEX',
      message: 'The selection is 9 relations deep; at most 8 are allowed.',
    })
  })
})

test('an order by distance is known by its place, not by the name of a column or a relation', () => {
  expect(hasNearest([{ place: { nearest: { to: [1, 2] } } }])).toBe(true)
  expect(hasNearest([{ shop: { place: { nearest: { to: [1, 2] } } } }])).toBe(true)
  expect(hasNearest([{ nearest: 'ASC' }, { nearest: { name: 'DESC' } }])).toBe(false)
})
