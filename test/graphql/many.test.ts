// Bulk writes in GraphQL: lists of new rows, upserts, updates and deletes by filter, their payloads and errors.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { anonymous } from '../../src/schema/declare/caller.ts'
import { ann, codes, type Library, openLibrary, staff } from './support.ts'

let library: Library
beforeAll(async () => {
  library = await openLibrary()
})
afterAll(() => library.close())
beforeEach(() => {
  library.caller = staff
})

const book = (id: number, more: object = {}) => ({
  id,
  isbn: `new-${id}`,
  title: `No. ${id}`,
  price: '1.00',
  authorId: 1,
  ...more,
})

describe('several creates', () => {
  const createBooks =
    'mutation ($inputs: [BookCreate!]!) { createBooks(inputs: $inputs) { id condition author { name } copies(first: 1) { totalCount } } }'

  it('answer a list of rows', async () => {
    const answered = await library.send(createBooks, {
      inputs: [book(100, { condition: 'well_read' }), book(101)],
    })
    expect(answered).toMatchObject({
      errors: undefined,
      data: {
        createBooks: [
          { id: 100, condition: 'well_read', author: { name: 'Ann' }, copies: { totalCount: 0 } },
          { id: 101, condition: 'new', author: { name: 'Ann' }, copies: { totalCount: 0 } },
        ],
      },
    })
    expect(
      (
        await library.send(
          'mutation { createBooks(inputs: { id: 102, isbn: "new-102", title: "One", price: "1", authorId: 2 }) { __typename } }',
        )
      ).data,
    ).toEqual({ createBooks: [{ __typename: 'Book' }] })
    expect(
      (await library.send('mutation { createLetters(inputs: [{ body: "a" }]) { body } }')).data,
    ).toEqual({ createLetters: null })
  })

  it('are refused at the row, in a variable as in a literal', async () => {
    expect(
      codes(
        await library.send(createBooks, {
          inputs: [book(110), { ...book(111), price: 5, colour: 'red' }, null],
        }),
      ),
    ).toEqual([
      'VALIDATION_FAILED',
      'input 1.price wrong_type',
      'input 1.colour unknown_member',
      'input 2 wrong_type',
    ])
    expect(
      codes(
        await library.send(createBooks, { inputs: [book(110), book(111, { isbn: 'isbn-1' })] }),
      ),
    ).toEqual(['CONFLICT createBooks', 'input 1.isbn not_unique'])
    expect(
      codes(
        await library.send(createBooks, {
          inputs: [book(110), book(111, { title: 'x'.repeat(201) })],
        }),
      ),
    ).toEqual(['VALIDATION_FAILED createBooks', 'input 1.title too_big'])
    expect(
      codes(
        await library.send(createBooks, {
          inputs: Array.from({ length: 51 }, (_, i) => book(200 + i)),
        }),
      ),
    ).toEqual(['VALIDATION_FAILED createBooks', 'input  too_big'])
    library.caller = ann
    expect(codes(await library.send(createBooks, { inputs: [] }))).toEqual([
      'FORBIDDEN createBooks',
    ])
  })
})

describe('upsert', () => {
  const upsert =
    'mutation ($input: BookCreate!) { upsertBookByIsbn(input: $input) { created book { id title condition nodeId } } }'

  it('says whether it created, beside the row', async () => {
    expect(
      (await library.send(upsert, { input: book(120, { condition: 'well_read' }) })).data
        .upsertBookByIsbn,
    ).toMatchObject({ created: true, book: { id: 120, condition: 'well_read' } })
    expect(
      (await library.send(upsert, { input: book(120, { title: 'Changed' }) })).data
        .upsertBookByIsbn,
    ).toMatchObject({ created: false, book: { id: 120, title: 'Changed', condition: 'well_read' } })
    const other = await library.send(
      'mutation { a: upsertBook(input: { id: 120, isbn: "x-120", title: "T", price: "2", authorId: 1 }) { created } b: upsertBook(input: { id: 121, isbn: "x-121", title: "T", price: "2", authorId: 1 }) { it: book { title } __typename } }',
    )
    expect(other.data).toEqual({
      a: { created: false },
      b: { it: { title: 'T' }, __typename: 'BookUpsert' },
    })
  })

  it('has a selection under the row of its payload, with errors at their path', async () => {
    const answered = await library.send(
      'mutation ($input: BookCreate!) { upsertBookByIsbn(input: $input) { ...on BookUpsert { book { ...shown } } book { author { name } } } } fragment shown on Book { title cost }',
      { input: book(122) },
    )
    expect(answered.data).toEqual({
      upsertBookByIsbn: { book: { title: 'No. 122', cost: '1.5', author: { name: 'Ann' } } },
    })
  })

  it('is refused with the error of a create', async () => {
    expect(codes(await library.send(upsert, { input: { isbn: 'isbn-1', colour: 1 } }))).toEqual([
      'VALIDATION_FAILED',
      'input id required',
      'input title required',
      'input price required',
      'input authorId required',
      'input colour unknown_member',
    ])
    expect(codes(await library.send(upsert, { input: book(999, { isbn: 'isbn-1' }) }))).toEqual([
      'CONFLICT upsertBookByIsbn',
      'input id not_changeable',
    ])
    library.caller = anonymous
    expect(codes(await library.send(upsert, { input: book(123) }))).toEqual([
      'UNAUTHENTICATED upsertBookByIsbn',
    ])
  })
})

describe('writes by filter', () => {
  const update =
    'mutation ($where: BookFilter!, $input: BookUpdate!, $atMost: Int!) { updateBooks(where: $where, input: $input, atMost: $atMost) { id condition } }'
  const input = { condition: 'well_read' }

  it('answer the written rows, in the order of their keys', async () => {
    expect(
      (await library.send(update, { where: { id: { in: [12, 11] } }, input, atMost: 2 })).data,
    ).toEqual({
      updateBooks: [
        { id: 11, condition: 'well_read' },
        { id: 12, condition: 'well_read' },
      ],
    })
    await library.send(
      'mutation ($inputs: [BookCreate!]!) { createBooks(inputs: $inputs) { id } }',
      { inputs: [book(131), book(130)] },
    )
    expect(
      (
        await library.send(
          'mutation { deleteBooks(where: { isbn: { in: ["new-130", "new-131"] } }, atMost: 5) { id } }',
        )
      ).data,
    ).toEqual({ deleteBooks: [{ id: 130 }, { id: 131 }] })
    expect(
      (
        await library.send(
          'mutation { deleteBooks(where: { isbn: { in: ["new-130", "new-131"] } }, atMost: 5) { id } }',
        )
      ).data,
    ).toEqual({ deleteBooks: [] })
  })

  it('are refused at the path of the fault', async () => {
    const refused = async (variables: object) =>
      codes(
        await library.send(update, {
          where: { id: { in: [1, 2] } },
          input,
          atMost: 5,
          ...variables,
        }),
      )
    expect(await refused({ atMost: 1 })).toEqual(['CONFLICT updateBooks', 'page atMost too_many'])
    expect(await refused({ where: {} })).toEqual([
      'VALIDATION_FAILED updateBooks',
      'where  wrong_type',
    ])
    expect(await refused({ where: { colour: {} }, atMost: 'five', input: {} })).toEqual([
      'VALIDATION_FAILED',
      'where colour unknown_member',
      'page atMost wrong_type',
      'input  wrong_type',
    ])
    expect(await refused({ atMost: 51 })).toEqual([
      'VALIDATION_FAILED updateBooks',
      'page atMost too_big',
    ])
    const absent =
      'mutation ($id: Int) { deleteBooks(where: { id: { eq: $id } }, atMost: 5) { id } }'
    expect(codes(await library.send(absent))).toEqual(['VALIDATION_FAILED', 'where id.eq required'])
    expect(codes(await library.send('mutation { deleteBooks(atMost: 5) { id } }'))[0]).toBe(
      'BAD_REQUEST',
    )
    library.caller = ann
    expect(
      codes(
        await library.send(
          'mutation { deleteBooks(where: { cost: { gt: "1" } }, atMost: 5) { id } }',
        ),
      ),
    ).toEqual(['FORBIDDEN deleteBooks'])
  })
})
