// Reading: one statement for each root field, and the right rows, for any aliases and fragments.
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
  library.problems.length = 0
})

describe('a row', () => {
  it('has its values in the wire format, with all digits', async () => {
    const answered = await library.send(
      '{ book(id: 2) { id price weight tags facts read boughtAt condition __typename } }',
    )
    expect(answered.status).toBe(200)
    expect(answered.text).toBe(
      JSON.stringify({
        data: {
          book: {
            id: 2,
            price: '2.10',
            weight: null,
            tags: ['a,b', null],
            facts: { big: 0 },
            read: '9007199254740995',
            boughtAt: '2026-11-23T10:00:00.123456+00:00',
            condition: 'well_read',
            __typename: 'Book',
          },
        },
        extensions: { cost: { requested: 1, limit: 1000 } },
      }).replace('"big":0', '"big": 12345678901234567890.10'),
    ) // as PostgreSQL writes it, blanks too
  })

  it('is null when it is absent or hidden', async () => {
    expect((await library.send('{ a: book(id: 99) { id } b: book(id: 30) { id } }')).data).toEqual({
      a: null,
      b: null,
    })
    library.caller = staff
    expect((await library.send('{ b: book(id: 30) { id } }')).data).toEqual({ b: { id: 30 } })
  })

  it('is found by another unique key, and by a composite one', async () => {
    const { data } = await library.send(
      '{ bookByIsbn(isbn: "isbn-3") { id } copy(bookId: 3, number: 2) { shelf } }',
    )
    expect(data).toEqual({ bookByIsbn: { id: 3 }, copy: { shelf: 'S2' } })
  })
})

describe('one statement', () => {
  it('serves a root field at any depth, with aliases', async () => {
    const { data, errors } = await library.send(
      `
      query ($first: Int, $yes: Boolean = true, $no: Boolean = false) {
        books(first: $first, orderBy: [{ author: { name: DESC } }, { id: ASC }], where: { title: { startsWith: "Book" } }) {
          totalCount
          edges { cursor node { ...Deep t: title } }
          nodes { isbn @skip(if: $yes) ... @include(if: $no) { weight } ... on Node { nodeId } }
          pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        }
      }
      fragment Deep on Book {
        id
        writer: author { name, same: name, books(first: 1) { nodes { id } } }
        author { id }
        one: copies(first: 1) { nodes { number } }
        again: copies(first: 1) { nodes { shelf book { prequel { id } } } totalCount }
        two: copies(where: { number: { gt: 1 } }, orderBy: { number: DESC }) { edges { node { number } } }
      }`,
      { first: 2 },
    )
    expect(errors).toBeUndefined()
    expect(library.ran).toHaveLength(1)
    expect(data.books).toMatchObject({
      totalCount: 29,
      pageInfo: { hasNextPage: true, hasPreviousPage: false },
      nodes: [{ nodeId: expect.any(String) as string }, { nodeId: expect.any(String) as string }],
    })
    expect(data.books.nodes[0]).toEqual({ nodeId: expect.any(String) as string })
    expect(data.books.pageInfo.startCursor).toBe(data.books.edges[0].cursor)
    expect(data.books.edges.map(({ node }: { node: object }) => node)).toEqual([
      {
        id: 1,
        t: 'Book 1',
        writer: { name: 'Bob', same: 'Bob', books: { nodes: [{ id: 1 }] } },
        author: { id: 2 },
        one: { nodes: [{ number: 1 }] },
        again: { nodes: [{ shelf: 'S1', book: { prequel: null } }], totalCount: 3 },
        two: { edges: [{ node: { number: 3 } }, { node: { number: 2 } }] },
      },
      {
        id: 3,
        t: 'Book 3',
        writer: { name: 'Bob', same: 'Bob', books: { nodes: [{ id: 1 }] } },
        author: { id: 2 },
        one: { nodes: [{ number: 1 }] },
        again: { nodes: [{ shelf: 'S1', book: { prequel: { id: 2 } } }], totalCount: 3 },
        two: { edges: [{ node: { number: 3 } }, { node: { number: 2 } }] },
      },
    ])
  })

  it('serves a field that is selected several times, and a total alone', async () => {
    const { data } = await library.send(
      '{ books(first: 1) { nodes { id } } books(first: 1) { nodes { title } } total: books { totalCount } }',
    )
    expect(data).toEqual({
      books: { nodes: [{ id: 1, title: 'Book 1' }] },
      total: { totalCount: 29 },
    })
    expect(library.ran).toHaveLength(2)
  })

  it('is not sent where no row is needed', async () => {
    expect((await library.send('{ __typename }')).data).toEqual({ __typename: 'Query' })
    expect(library.ran).toHaveLength(0)
  })
})

describe('pages', () => {
  it('continue at a cursor, in both directions', async () => {
    const page = async (args: string) =>
      (
        await library.send(
          `{ books(${args}) { nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
        )
      ).data.books
    const first = await page('first: 2')
    const second = await page(`first: 2, after: "${first.pageInfo.endCursor}"`)
    expect(second.nodes).toEqual([{ id: 3 }, { id: 4 }])
    const back = await page(`last: 2, before: "${second.pageInfo.startCursor}"`)
    expect(back.nodes).toEqual([{ id: 1 }, { id: 2 }])
    expect((await page('last: 1')).nodes).toEqual([{ id: 29 }])
  })

  it('refuse wrong sizes and cursors', async () => {
    expect(codes(await library.send('{ books(first: 51) { nodes { id } } }'))).toEqual([
      'VALIDATION_FAILED books',
      'page limit too_big',
    ])
    expect(codes(await library.send('{ books(after: "x") { nodes { id } } }'))).toEqual([
      'BAD_REQUEST books',
      'page after bad_cursor',
    ])
    expect(
      codes(await library.send('{ books { nodes { copies(first: 101) { nodes { number } } } } }')),
    ).toEqual(['VALIDATION_FAILED books', 'page copies.limit too_big'])
  })
})

describe('nodes', () => {
  it('are found again by their nodeId', async () => {
    const { data } = await library.send(
      '{ book(id: 7) { nodeId } copy(bookId: 7, number: 2) { nodeId } author(id: 1) { nodeId } }',
    )
    library.ran.length = 0
    const again = await library.send(
      `query ($a: ID!, $b: ID!) {
      a: node(nodeId: $a) { nodeId __typename ... on Book { title author { name } } ... on Copy { shelf } }
      b: node(nodeId: $b) { ...C }
    } fragment C on Copy { shelf number }`,
      { a: data.book.nodeId, b: data.copy.nodeId },
    )
    expect(again.data).toEqual({
      a: { nodeId: data.book.nodeId, __typename: 'Book', title: 'Book 7', author: { name: 'Bob' } },
      b: { shelf: 'S2', number: 2 },
    })
    expect(library.ran).toHaveLength(2)
  })

  it.each([
    'x',
    '',
    'WyJCb29rIl0',
    'WyJOb3RoaW5nIiwxXQ',
    'WyJCb29rIiwiMSJd',
    'bnVsbA',
    'WyJMZXR0ZXIiLDFd',
  ])('refuse %s', async (id) => {
    const answered = await library.send('query ($id: ID!) { node(nodeId: $id) { nodeId } }', { id })
    expect(codes(answered)).toEqual(['BAD_REQUEST node', 'key nodeId malformed_id'])
    expect(library.ran).toHaveLength(0)
  })
})

describe('a field that the caller may not read', () => {
  it('is null with one error at its first path', async () => {
    const answered = await library.send(
      '{ books(first: 3) { nodes { id cost again: cost loans { totalCount } } } author(id: 1) { books(first: 1) { nodes { cost } } } }',
    )
    expect(answered.data.books.nodes).toEqual(
      [1, 2, 3].map((id) => ({ id, cost: null, again: null, loans: null })),
    )
    expect(codes(answered)).toEqual([
      'UNAUTHENTICATED books.nodes.0.cost',
      'UNAUTHENTICATED books.nodes.0.loans',
      'UNAUTHENTICATED author.books.nodes.0.cost',
    ])
    expect(answered.errors?.[0]).toMatchObject({
      path: ['books', 'nodes', 0, 'cost'],
      extensions: { type: 'urn:bifrons:error:unauthenticated' },
    })
    expect(library.problems).toHaveLength(3)
    library.caller = ann
    expect(
      codes(await library.send('{ book(id: 1) { cost loans { nodes { member } } } }')),
    ).toEqual(['FORBIDDEN book.cost'])
    library.caller = staff
    expect(await library.send('{ book(id: 1) { cost loans { totalCount } } }')).toMatchObject({
      data: { book: { cost: '1.5', loans: { totalCount: 2 } } },
      errors: undefined,
    })
  })

  it("in a list's arguments refuses the list, and leaves other root fields", async () => {
    const answered = await library.send('{ loans { nodes { id } } author(id: 1) { name } }')
    expect(answered.data).toEqual({ loans: null, author: { name: 'Ann' } })
    expect(codes(answered)).toEqual(['UNAUTHENTICATED loans'])
    expect(answered.status).toBe(200)
  })

  it('is refused in filters and orders', async () => {
    expect(
      codes(await library.send('{ books(where: { cost: { gt: "1" } }) { totalCount } }')),
    ).toEqual(['UNAUTHENTICATED books', 'where cost unauthenticated'])
    library.caller = ann
    expect(codes(await library.send('{ books(orderBy: { cost: ASC }) { totalCount } }'))[0]).toBe(
      'FORBIDDEN books',
    )
  })
})
