// Hand-written fields: typed columns, one statement for all rows of a page, and the engine's rows where a field returns rows.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { extension } from './library.ts'
import { ann, type Library, openLibrary } from './support.ts'

let library: Library
beforeAll(async () => {
  library = await openLibrary({ extension })
})
afterAll(() => library.close())
beforeEach(() => {
  library.ran.length = 0
})

describe('a hand-written field', () => {
  it('with a select is loaded in one statement for all rows', async () => {
    const { data, errors } = await library.send('{ books(first: 20) { nodes { label } } }')
    expect(errors).toBeUndefined()
    expect(data.books.nodes).toHaveLength(20)
    expect(data.books.nodes[19]).toEqual({ label: 'Book 20 at 20.10' })
    expect(library.ran).toHaveLength(2)
  })

  it('shares that statement with other fields of its row', async () => {
    const { data } = await library.send(
      '{ author(id: 2) { books(first: 2) { nodes { id label writer title } } } }',
    )
    expect(data.author.books.nodes).toEqual([
      { id: 1, label: 'Book 1 at 1.10', writer: 'Bob', title: 'Book 1' },
      { id: 3, label: 'Book 3 at 3.10', writer: 'Bob', title: 'Book 3' },
    ])
    expect(library.ran).toHaveLength(2)
  })

  it('without a select gets every column of its type', async () => {
    const { data, errors } = await library.send('{ book(id: 1) { whole } }')
    expect(errors).toBeUndefined()
    expect(data).toEqual({ book: { whole: 'Book 1, 9007199254740995, 2026' } })
  })

  it('may choose its columns by its arguments', async () => {
    const { data, errors } = await library.send(
      '{ authors { nodes { one: titles(count: 1) two: titles(count: 2) } } }',
    )
    expect(errors).toBeUndefined()
    expect(data.authors.nodes[0]).toEqual({
      one: ['Book 2 by Ann'],
      two: ['Book 2 by Ann', 'Book 4 by Ann'],
    })
    expect(library.ran).toHaveLength(3)
  })

  it('that returns a row is read back by the engine, under the policies', async () => {
    const { data, errors } = await library.send(
      '{ copies(where: { bookId: { gte: 29 }, number: { eq: 1 } }) { nodes { bookId volume { id title label author { name } copies(first: 1) { totalCount } } } } }',
    )
    expect(errors).toBeUndefined()
    expect(data.copies.nodes).toEqual([
      {
        bookId: 29,
        volume: {
          id: 29,
          title: 'Book 29',
          label: 'Book 29 at 29.10',
          author: { name: 'Bob' },
          copies: { totalCount: 3 },
        },
      },
      { bookId: 30, volume: null }, // lost, which only staff see
    ])
    expect(library.ran).toHaveLength(4)
  })

  it('that returns a list keeps its order, with null for hidden rows', async () => {
    const { data } = await library.send('{ shelf(name: "S2") { number shelf nodeId book { id } } }')
    expect(data.shelf).toHaveLength(30)
    expect(data.shelf[0]).toMatchObject({
      number: 2,
      shelf: 'S2',
      nodeId: expect.any(String) as string,
      book: null,
    })
    expect(data.shelf.slice(1).map(({ book }: { book: { id: number } }) => book.id)).toEqual(
      Array.from({ length: 29 }, (_, n) => 29 - n),
    )
  })

  it('at the root gets its caller', async () => {
    library.caller = ann
    expect((await library.send('{ whoami }')).data).toEqual({ whoami: 'ann' })
  })
})
