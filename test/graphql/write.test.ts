// Writing and the team's own operations: their inputs, answers and errors.
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
  library.problems.length = 0
})

describe('standard writes', () => {
  it('create, update and delete a row, and answer the selection', async () => {
    library.caller = staff
    const created = await library.send(
      `mutation ($input: BookCreate!) { createBook(input: $input) { id condition read author { name } nodeId } }`,
      {
        input: {
          id: 100,
          isbn: 'new',
          title: 'A new one',
          price: '1.00',
          read: '9223372036854775807',
          condition: 'well_read',
          authorId: 1,
          facts: { a: [1] },
        },
      },
    )
    expect(created.data.createBook).toMatchObject({
      id: 100,
      condition: 'well_read',
      read: '9223372036854775807',
      author: { name: 'Ann' },
    })
    const changed = await library.send(
      'mutation { a: updateBook(id: 100, input: { weight: null, condition: new }) { weight condition facts } b: updateBook(id: 100, input: { title: "Another" }) { title condition } }',
    )
    expect(changed.data).toEqual({
      a: { weight: null, condition: 'new', facts: { a: [1] } },
      b: { title: 'Another', condition: 'new' },
    })
    expect((await library.send('mutation { deleteBook(id: 100) { title } }')).data).toEqual({
      deleteBook: { title: 'Another' },
    })
    expect(codes(await library.send('mutation { deleteBook(id: 100) { title } }'))).toEqual([
      'NOT_FOUND deleteBook',
    ])
  })

  it('of one document are all done or none', async () => {
    library.caller = staff
    const weight = async () => (await library.send('{ book(id: 1) { weight } }')).data.book.weight
    const before = await weight()
    const failed = await library.send(
      'mutation { a: updateBook(id: 1, input: { weight: 2 }) { weight } b: updateBook(id: 999, input: { weight: 2 }) { weight } c: updateBook(id: 1, input: { weight: 3.5 }) { weight } __typename }',
    )
    expect(failed.data).toEqual({ a: null, b: null, c: null, __typename: 'Mutation' })
    expect(codes(failed)).toEqual(['NOT_FOUND b'])
    expect(await weight()).toBe(before)
    const conflict = await library.send(
      'mutation { ...both } fragment both on Mutation { a: updateBook(id: 1, input: { weight: 2 }) { weight } b: updateBook(id: 1, input: { isbn: "isbn-2" }) { weight } }',
    )
    expect([conflict.data, codes(conflict)[0]]).toEqual([{ a: null, b: null }, 'CONFLICT b'])
    expect(await weight()).toBe(before)
    const done = await library.send(
      'mutation { a: updateBook(id: 1, input: { weight: 2 }) { weight } c: updateBook(id: 1, input: { weight: 3.5 }) { weight } }',
    )
    expect([done.data, codes(done)]).toEqual([{ a: { weight: 2 }, c: { weight: 3.5 } }, []])
    expect(await weight()).toBe(3.5)
  })

  it('are bounded in number', async () => {
    library.caller = staff
    const fields = Array.from(
      { length: 30 },
      (_, i) => `m${i}: updateBook(id: 1, input: { weight: ${i} }) { weight }`,
    )
    expect((await library.send(`mutation { ${fields.join(' ')} }`)).data.m29).toEqual({
      weight: 29,
    })
    expect(
      codes(
        await library.send(
          `mutation { ${fields.join(' ')} updateBook(id: 1, input: { weight: 99 }) { weight } }`,
        ),
      ),
    ).toEqual(['TOO_COMPLEX'])
    expect((await library.send('{ book(id: 1) { weight } }')).data).toEqual({
      book: { weight: 29 },
    })
  })

  it('are refused by policy and by validators, at their path', async () => {
    const long = 'mutation ($t: String!) { updateBook(id: 1, input: { title: $t }) { id } }'
    expect(codes(await library.send(long, { t: 'x' }))).toEqual(['UNAUTHENTICATED updateBook'])
    library.caller = ann
    expect(codes(await library.send(long, { t: 'x' }))).toEqual(['FORBIDDEN updateBook'])
    library.caller = staff
    expect(codes(await library.send(long, { t: 'x'.repeat(201) }))).toEqual([
      'VALIDATION_FAILED updateBook',
      'input title too_big',
    ])
    expect(
      codes(
        await library.send('mutation { updateBook(id: 1, input: { isbn: "isbn-2" }) { id } }'),
      )[0],
    ).toBe('CONFLICT updateBook')
  })

  it('of rows that the caller may not read answer null', async () => {
    expect(
      await library.send('mutation { createLetter(input: { body: "Dear library" }) { body } }'),
    ).toMatchObject({ data: { createLetter: null }, errors: undefined })
  })
})

describe("the team's operations", () => {
  it('answer rows with the selection, in their order', async () => {
    expect(
      (
        await library.send(
          '{ cheapest(input: { count: 3 }) { id author { name } copies(first: 1) { nodes { number } } } }',
        )
      ).data,
    ).toEqual({
      cheapest: [
        { id: 1, author: { name: 'Bob' }, copies: { nodes: [{ number: 1 }] } },
        { id: 2, author: { name: 'Ann' }, copies: { nodes: [{ number: 1 }] } },
        { id: 3, author: { name: 'Bob' }, copies: { nodes: [{ number: 1 }] } },
      ],
    })
    expect(codes(await library.send('{ cheapest(input: { count: 11 }) { id } }'))).toEqual([
      'VALIDATION_FAILED cheapest',
      'input count too_big',
    ])
  })

  it('answer values, labels by their GraphQL names', async () => {
    library.caller = ann
    expect(
      (
        await library.send(
          'query ($in: AppraiseInput!) { appraise(input: $in) { total mood parts { title } } }',
          { in: { mood: 'well_read', lines: [{ bookId: 1 }] } },
        )
      ).data,
    ).toEqual({ appraise: { total: '1', mood: 'well_read', parts: [{ title: 'x' }] } })
  })

  it('answer one row, and their own Problems unchanged', async () => {
    library.caller = ann
    const lend = 'a: lend(input: { bookId: 4 }) { member book { title } }'
    const answered = await library.send(`mutation { ${lend} b: lend(input: { bookId: 5 }) { id } }`)
    expect(answered.data).toEqual({ a: null, b: null })
    expect((await library.send(`mutation { ${lend} }`)).data).toEqual({
      a: { member: 'ann', book: { title: 'Book 4' } },
    }) // the first one was undone
    expect(answered.errors).toMatchObject([
      {
        message: 'This book is lent.',
        path: ['b'],
        locations: [{ line: 1, column: 68 }],
        extensions: { code: 'CONFLICT' },
      },
    ])
  })

  it('answer INTERNAL for other exceptions, which only the log has', async () => {
    const answered = await library.send('mutation { burn { id } }')
    expect(codes(answered)).toEqual(['INTERNAL burn'])
    expect(answered.text).not.toContain('secret')
    expect(answered.errors?.[0]?.extensions.requestId).toMatch(/./)
    expect(library.problems).toMatchObject([
      { code: 'INTERNAL', cause: { message: 'secret of the handler' } },
    ])
  })
})
