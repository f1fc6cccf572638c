// Aggregates in GraphQL: groups by selection, with any aliases and fragments, typed for each resource, and wrong requests.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { anonymous } from '../../src/schema/declare/caller.ts'
import { ann, codes, type Library, openLibrary, staff } from './support.ts'

let library: Library
beforeAll(async () => {
  library = await openLibrary()
})
afterAll(() => library.close())
beforeEach(() => {
  library.caller = anonymous
  library.ran.length = 0
})

describe('groups', () => {
  it('have the selected figures, from one statement for each field', async () => {
    const { data, errors } = await library.send(`{
      booksAggregate { count }
      few: booksAggregate(groupBy: [authorId, boughtAtMonth], orderBy: [{ sum: { price: DESC } }]) { ...Figures by: key { authorId boughtAtMonth } }
      book(id: 1) { title }
    }
    fragment Figures on BookAggregate { count __typename sum { price read } ... on BookAggregate { avg { id } min { title } max { title boughtAt } } countDistinct { condition } }`)
    expect(errors).toBeUndefined()
    const group = (authorId: number, sum: object, more: object) => ({
      count: expect.any(Number),
      __typename: 'BookAggregate',
      sum,
      countDistinct: { condition: expect.any(Number) },
      by: { authorId, boughtAtMonth: '2026-11-01T00:00:00+00:00' },
      ...more,
    })
    expect(data).toMatchObject({
      booksAggregate: [{ count: 29 }],
      book: { title: 'Book 1' },
      few: [
        group(
          2,
          { price: '226.50', read: '135107988821115120' },
          {
            avg: { id: '15.0000000000000000' },
            min: { title: 'Book 1' },
            max: { title: 'Book 9', boughtAt: '2026-11-23T10:00:00.123456+00:00' },
          },
        ),
        group(
          1,
          { price: '211.40', read: '126100789566374112' },
          {
            avg: { id: '15.0000000000000000' },
            min: { title: 'Book 10' },
            max: { title: 'Book 8', boughtAt: '2026-11-23T10:00:00.123456+00:00' },
          },
        ),
      ],
    })
    expect(library.ran).toHaveLength(3)
  })

  it('have the names of enums, in keys, values and filters', async () => {
    const query = `query($having: BookHaving, $by: [BookGroupBy!]) { booksAggregate(groupBy: $by, having: $having) { key { condition } count max { condition } } }`
    const [fresh, read] = [
      { key: { condition: 'new' }, count: 28, max: { condition: 'new' } },
      { key: { condition: 'well_read' }, count: 1, max: { condition: 'well_read' } },
    ]
    expect((await library.send(query, { by: 'condition' })).data).toEqual({
      booksAggregate: [fresh, read],
    })
    expect(
      (
        await library.send(query, {
          by: ['condition'],
          having: { max: { condition: { in: ['well_read'] } } },
        })
      ).data,
    ).toEqual({ booksAggregate: [read] })
    expect(
      (
        await library.send(
          '{ booksAggregate(groupBy: condition, having: { min: { condition: { gt: new } } }) { count } }',
        )
      ).data,
    ).toEqual({ booksAggregate: [{ count: 1 }] })
  })

  it('cover the rows that the caller may read', async () => {
    expect(codes(await library.send('{ loansAggregate { count } }'))).toEqual([
      'UNAUTHENTICATED loansAggregate',
    ])
    library.caller = ann
    expect((await library.send('{ loansAggregate { count min { id } } }')).data).toEqual({
      loansAggregate: [{ count: 1, min: { id: '00000000-0000-0000-0000-000000000001' } }],
    })
    library.caller = staff
    expect(
      (
        await library.send(
          '{ loansAggregate { count max { id } } booksAggregate { count sum { cost weight } } }',
        )
      ).data,
    ).toEqual({
      loansAggregate: [{ count: 2, max: { id: '00000000-0000-0000-0000-000000000002' } }],
      booksAggregate: [{ count: 30, sum: { cost: '45.0', weight: null } }],
    })
  })

  it('may be none, and may select no figure', async () => {
    expect(
      (await library.send('{ booksAggregate(where: { OR: [] }, groupBy: [id]) { count } }')).data,
    ).toEqual({ booksAggregate: [] })
    expect(
      (await library.send('{ booksAggregate { __typename sum { __typename } } }')).data,
    ).toEqual({ booksAggregate: [{ __typename: 'BookAggregate', sum: { __typename: 'BookSum' } }] })
  })
})

describe('an aggregate refuses', () => {
  it.each<[string, string, object, string[]]>([
    [
      'an unknown key',
      'groupBy: $by',
      { by: ['condition', 'nothing'] },
      ['VALIDATION_FAILED', 'key 1 wrong_type'],
    ],
    [
      'a key twice',
      'groupBy: $by',
      { by: ['condition', 'condition'] },
      ['VALIDATION_FAILED booksAggregate', 'key  wrong_type'],
    ],
    [
      'a wrong value in a filter on groups',
      'having: $having',
      { having: { sum: { price: { gt: 5 } } } },
      ['VALIDATION_FAILED', 'where having.sum.price.gt wrong_type'],
    ],
    [
      'an unknown member of a filter on groups',
      'having: $having',
      { having: { count: { about: 1 } } },
      ['VALIDATION_FAILED', 'where having.count.about unknown_member'],
    ],
    [
      'an empty comparison',
      'having: $having',
      { having: { avg: { price: {} } } },
      ['VALIDATION_FAILED booksAggregate', 'where having.avg.price wrong_type'],
    ],
    [
      'an absent variable in a filter on groups',
      'having: { count: { gt: $least } }',
      {},
      ['VALIDATION_FAILED', 'where having.count.gt required'],
    ],
    [
      'an order by a key that is not grouped by',
      'orderBy: [{ key: { title: ASC } }]',
      {},
      ['VALIDATION_FAILED booksAggregate', 'order 0.key.title not_grouped'],
    ],
    [
      'an order by two at once',
      'orderBy: $order',
      { order: [{ count: 'ASC', avg: { price: 'ASC' } }] },
      ['VALIDATION_FAILED', 'order 0 wrong_type'],
    ],
    [
      'more groups than the maximum',
      'first: 1001',
      {},
      ['VALIDATION_FAILED booksAggregate', 'page limit too_big'],
    ],
    [
      'a field that the caller may not read',
      'groupBy: [cost]',
      {},
      ['UNAUTHENTICATED booksAggregate', 'key 0 unauthenticated'],
    ],
  ])('%s', async (_what, given, variables, expected) => {
    const used = [
      '$by: [BookGroupBy!]',
      '$having: BookHaving',
      '$least: Int',
      '$order: [BookAggregateOrder!]',
    ].filter((one) => given.includes(one.split(':')[0] ?? ''))
    const query = `query${used.length === 0 ? '' : `(${used.join(', ')})`} { booksAggregate(${given}) { count } }`
    expect(codes(await library.send(query, { ...variables }))).toEqual(expected)
  })

  it('a key that is not grouped by, and a sum of a hidden field', async () => {
    const answered = await library.send(
      '{ booksAggregate(groupBy: [authorId]) { key { authorId title } count } authors { totalCount } }',
    )
    expect(codes(answered)).toEqual([
      'VALIDATION_FAILED booksAggregate',
      'fields key.title not_grouped',
    ])
    expect(answered.data).toEqual({ booksAggregate: null, authors: { totalCount: 2 } })
    expect(codes(await library.send('{ booksAggregate { sum { price cost } } }'))).toEqual([
      'UNAUTHENTICATED booksAggregate',
      'fields sum.cost unauthenticated',
    ])
  })

  it('sums of texts and groups of lists, as invalid documents', async () => {
    expect(
      codes(
        await library.send(
          '{ booksAggregate { ...on BookAggregate { sum { title } } total key { none } } lettersAggregate { count } }',
        ),
      ),
    ).toEqual([
      'BAD_REQUEST',
      'fields sum.title unknown_member',
      'BAD_REQUEST',
      'fields total unknown_member',
      'BAD_REQUEST',
      'fields key.none unknown_member',
      'BAD_REQUEST',
      'document  GRAPHQL_VALIDATION_FAILED',
    ])
    expect(codes(await library.send('{ booksAggregate(groupBy: [tags]) { count } }'))).toEqual([
      'BAD_REQUEST',
      'key 0 wrong_type',
    ])
  })
})
