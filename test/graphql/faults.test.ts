// Wrong documents and variables: their errors before anything is executed.
import { getIntrospectionQuery } from 'graphql'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { codes, type Library, openLibrary } from './support.ts'

let library: Library
let closed: Library
beforeAll(async () => {
  library = await openLibrary()
  closed = await openLibrary({ introspection: false })
})
afterAll(() => Promise.all([library.close(), closed.close()]))
beforeEach(() => {
  library.ran.length = 0
})

describe('a document', () => {
  it('that is not GraphQL gets an error with its position', async () => {
    const answered = await library.send('{ books {')
    expect(answered).toMatchObject({ status: 400, data: undefined })
    expect(codes(answered)).toEqual(['BAD_REQUEST', 'document  GRAPHQL_PARSE_FAILED'])
    expect(answered.errors?.[0]?.locations).toEqual([{ line: 1, column: 10 }])
  })

  it('with unknown names gets an issue for each', async () => {
    const answered = await library.send(
      '{ books { nodes { tittle } } author(id: "x") { id } more }',
    )
    expect(codes(answered)).toEqual([
      'BAD_REQUEST',
      'fields tittle unknown_member',
      'BAD_REQUEST',
      'document  GRAPHQL_VALIDATION_FAILED',
      'BAD_REQUEST',
      'document  GRAPHQL_VALIDATION_FAILED',
    ])
    const [field, literal, operation] = answered.errors ?? []
    expect(field).toMatchObject({
      message: expect.stringMatching(
        /^There is no tittle here. Allowed are id, .*title, .*author, .*copies/,
      ),
      locations: [{ line: 1, column: 19 }],
    })
    expect(literal).toMatchObject({
      message: 'Int cannot represent non-integer value: "x"',
      locations: [{ line: 1, column: 41 }],
    })
    expect(operation).toMatchObject({
      message: expect.stringMatching(/^Cannot query field "more" on type "Query"/),
      locations: [{ line: 1, column: 53 }],
    })
  })

  it('with unknown fields gets issues whose paths follow the relations, in fragments too', async () => {
    const query = `{ book(id: 1) { author { books { edges { node { nothing { id } } } } } ...on Book { prequel { no } } ...F } node(nodeId: "x") { ...on Author { books { nodes { none } } } } }
      fragment F on Book { copies { nodes { book { never } } } }`
    expect(codes(await library.send(query)).filter((code) => code !== 'BAD_REQUEST')).toEqual([
      'fields author.books.nothing unknown_member',
      'fields prequel.no unknown_member',
      'fields books.none unknown_member',
      'fields copies.book.never unknown_member',
    ])
  })

  it.each([
    ['{ books(where: { price: { gt: 5 } }) { totalCount } }', 'where price.gt wrong_type'],
    [
      '{ books(where: { boughtAt: { gt: "yesterday" } }) { totalCount } }',
      'where boughtAt.gt wrong_type',
    ],
    [
      '{ books(where: { condition: { eq: well } }) { totalCount } }',
      'where condition.eq wrong_type',
    ],
    [
      '{ books(where: { nothing: { eq: 1 }, title: { like: 1 } }) { totalCount } }',
      'where title.like wrong_type',
      'where nothing unknown_member',
    ],
    ['{ books(orderBy: { id: ASC, title: ASC }) { totalCount } }', 'order 0 wrong_type'],
    [
      '{ books { nodes { author { books(orderBy: [{ nothing: ASC }]) { totalCount } } } } }',
      'order author.books.0.nothing unknown_member',
    ],
    ['mutation { createLetter(input: {}) { id } }', 'input body required'],
    [
      '{ books(where: { read: { eq: 99999999999999999999 } }) { totalCount } }',
      'where read.eq wrong_type',
    ],
    [
      'query ($n: Int) { a: books(where: { price: { gt: 5 } }, first: $n) { totalCount } }',
      'where price.gt wrong_type',
    ],
  ])('with a wrong literal gets the issue of the value: %s', async (query, ...issues) => {
    const answered = await library.send(query)
    expect(codes(answered)).toEqual(issues.flatMap((issue) => ['BAD_REQUEST', issue]))
    expect(answered.errors?.every(({ locations = [] }) => locations.length > 0)).toBe(true)
    expect(library.ran).toHaveLength(0)
  })

  it('with the same wrong field twice gets one issue', async () => {
    expect(
      codes(
        await library.send(
          '{ books(first: "x") { totalCount } books(first: "x") { nodes { id } } b: books(where: { price: { gt: 5 } }) { totalCount } }',
        ),
      ),
    ).toEqual(['BAD_REQUEST', 'page limit wrong_type', 'BAD_REQUEST', 'where price.gt wrong_type'])
  })

  it("with other faults beside its literals gets GraphQL's own message", async () => {
    expect(codes(await library.send('{ __typename @include(if: "x") }'))).toEqual([
      'BAD_REQUEST',
      'document  GRAPHQL_VALIDATION_FAILED',
    ]) // no operation takes it
    expect(
      codes(
        await library.send('query A { books(first: "x") { totalCount } } query B { __typename }'),
      ),
    ).toEqual(['BAD_REQUEST', 'document  GRAPHQL_VALIDATION_FAILED']) // neither of them suggests a name
  })

  it('may have a BigInt as an integer literal, with all its digits', async () => {
    expect(
      (await library.send('{ books(where: { read: { eq: 9007199254740995 } }) { nodes { id } } }'))
        .data,
    ).toEqual({ books: { nodes: [{ id: 2 }] } })
  })

  it('over a limit gets the limit in its message', async () => {
    const refused = async (query: string) => {
      const answered = await library.send(query)
      expect(answered.status).toBe(400)
      expect(codes(answered)).toEqual(['TOO_COMPLEX'])
      return answered.errors?.[0]?.message
    }
    expect(await refused(`{ __typename } # ${'x'.repeat(16_384)}`)).toBe(
      'The document has 16401 bytes; at most 16384 are allowed.',
    )
    expect(await refused(`{ ${'id '.repeat(2000)} }`)).toBe(
      'The document has 2002 tokens; at most 2000 are allowed.',
    )
    expect(
      await refused(`{ ${Array.from({ length: 31 }, (_, n) => `a${n}: __typename`).join(' ')} }`),
    ).toBe('The document has 31 aliases; at most 30 are allowed.')
    expect(await refused(`{ __typename ${'@skip(if: false) '.repeat(21)} }`)).toBe(
      'The document has 21 directives; at most 20 are allowed.',
    )
    const fragments = (levels: number): string =>
      Array.from(
        { length: levels },
        (_, n) =>
          `fragment F${n} on Book { prequel { ...F${n + 1} } sequels { nodes { ...F${n + 1} } } copies { nodes { book { ...F${n + 1} } } } }`,
      ).join(' ')
    const last = 'fragment F6 on Book { id }'
    expect(await refused(`{ book(id: 1) { ...F0 } } ${last} ${fragments(6)}`)).toBe(
      'With its fragments written out, the document has 2914 fields; at most 2000 are allowed.',
    )
    expect(
      await refused(`{ books(first: "x") { nodes { ...F0 } } } ${last} ${fragments(6)}`),
    ).toMatch(/^With its fragments written out/) // the limit is checked before a wrong literal
    expect(await refused(`{ book(id: 1) { ...F0 } } ${fragments(8)}`)).toBe(
      'A fragment contains itself, or the document has more than 32000 parts with its fragments written out.',
    )
    expect(library.ran).toHaveLength(0)
  })

  it('may be 8 relations deep', async () => {
    const deep = (levels: number): string =>
      levels === 0 ? 'id' : `prequel { ${deep(levels - 1)} }`
    expect((await library.send(`{ book(id: 20) { ${deep(8)} } }`)).errors).toBeUndefined()
    expect(codes(await library.send(`{ book(id: 20) { ${deep(9)} } }`))).toEqual([
      'TOO_COMPLEX book',
    ])
  })

  it("of GraphiQL's introspection is within the limits", async () => {
    const query = getIntrospectionQuery({
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      schemaDescription: true,
      inputValueDeprecation: true,
      oneOf: true,
    })
    expect((await library.send(query)).errors).toBeUndefined()
  })

  it('is parsed once', async () => {
    const query = '{ books(first: 1) { nodes { id } } }'
    for (let n = 0; n < 3; n += 1)
      expect((await library.send(query)).data).toEqual({ books: { nodes: [{ id: 1 }] } })
  })
})

describe('a variable that does not fit', () => {
  const list =
    'query ($where: BookFilter, $order: [BookOrder!], $first: Int, $price: Decimal) { a: books(where: $where, orderBy: $order, first: $first) { totalCount } b: books(where: { author: { books: { some: { price: { lt: $price } } } } }) { totalCount } }'

  it.each([
    [{ where: { nothing: { eq: 1 } } }, ['where nothing unknown_member']],
    [{ where: { price: { gt: 5 } } }, ['where price.gt wrong_type']],
    [
      { where: { OR: [{ title: { eq: 1 } }, { condition: { in: ['new', 'burnt'] } }] } },
      ['where OR.0.title.eq wrong_type', 'where OR.1.condition.in.1 wrong_type'],
    ],
    [{ order: [{ title: 'UP' }] }, ['order 0.title wrong_type']],
    [{ order: [{ id: 'ASC', title: 'ASC' }] }, ['order 0 wrong_type']],
    [{ first: 1.5 }, ['page limit wrong_type']],
    [{ price: '12,50' }, ['where author.books.some.price.lt wrong_type']],
    [
      { first: 'x', price: 1 },
      ['page limit wrong_type', 'where author.books.some.price.lt wrong_type'],
    ],
  ])('has its issues in the part of the request that uses it: %j', async (variables, issues) => {
    const answered = await library.send(list, { price: '1', ...variables })
    expect(answered).toMatchObject({ status: 422, data: undefined })
    expect(codes(answered)).toEqual(['VALIDATION_FAILED', ...issues])
    expect(library.ran).toHaveLength(0)
  })

  it('has its issues in keys, inputs and lists of relations', async () => {
    expect(codes(await library.send('query ($id: Int!) { author(id: $id) { id } }'))).toEqual([
      'VALIDATION_FAILED',
      'key id required',
    ])
    expect(
      codes(
        await library.send(
          'mutation ($input: LetterCreate!) { createLetter(input: $input) { id } }',
          { input: { body: 1, more: 2 } },
        ),
      ),
    ).toEqual(['VALIDATION_FAILED', 'input body wrong_type', 'input more unknown_member'])
    expect(
      codes(
        await library.send('query ($input: CheapestInput!) { cheapest(input: $input) { id } }', {
          input: { count: '1' },
        }),
      ),
    ).toEqual(['VALIDATION_FAILED', 'input count wrong_type'])
    expect(
      codes(
        await library.send(
          'query ($n: Int) { books { nodes { author { ...A } } } } fragment A on Author { books(first: $n) { totalCount } }',
          { n: true },
        ),
      ),
    ).toEqual(['VALIDATION_FAILED', 'page author.books.limit wrong_type'])
  })

  it('is named itself where no operation uses it', async () => {
    expect(
      codes(
        await library.send('query ($yes: Boolean!) { __typename @include(if: $yes) }', {
          yes: 'x',
        }),
      ),
    ).toEqual(['VALIDATION_FAILED', 'document yes wrong_type'])
    expect(
      codes(await library.send('query ($id: ID!) { node(nodeId: $id) { nodeId } }', { id: [] })),
    ).toEqual(['VALIDATION_FAILED', 'document id wrong_type'])
  })

  it('may be one value where a list is taken, and absent where it has a default', async () => {
    expect(
      (
        await library.send(
          `query ($order: [BookOrder!], $n: Int = 1) { books(orderBy: $order, first: $n) { nodes { id } } }`,
          { order: { id: 'DESC' } },
        )
      ).data,
    ).toEqual({ books: { nodes: [{ id: 29 }] } })
  })

  it('is refused at its field when null overrides its default', async () => {
    expect(
      codes(await library.send('query ($id: Int = 1) { author(id: $id) { id } }', { id: null }))[0],
    ).toBe('VALIDATION_FAILED author')
  })

  it('is never taken for an absent filter', async () => {
    expect(
      codes(
        await library.send(
          'query ($price: Decimal) { books(where: { price: { lt: $price } }) { totalCount } }',
        ),
      ),
    ).toEqual(['VALIDATION_FAILED', 'where price.lt required'])
    expect(
      codes(
        await library.send(
          'query ($constructor: Decimal) { books(where: { price: { lt: $constructor } }) { totalCount } }',
        ),
      ),
    ).toEqual(['VALIDATION_FAILED', 'where price.lt required'])
    expect(
      codes(
        await library.send(
          'query ($price: DecimalFilter) { books(where: { price: $price }) { totalCount } }',
        ),
      ),
    ).toEqual(['VALIDATION_FAILED', 'where price required'])
    expect(
      codes(
        await library.send(
          'query ($price: DecimalFilter) { authors { nodes { books(where: { AND: [{ price: $price }] }) { totalCount } } } }',
        ),
      ),
    ).toEqual(['VALIDATION_FAILED', 'where AND.0.price required'])
    expect(
      codes(
        await library.send(
          'query ($price: Decimal = "3") { books(where: { price: { lt: $price } }) { totalCount } }',
        ),
      ),
    ).toEqual([])
    expect(
      codes(
        await library.send('query ($where: BookFilter) { books(where: $where) { totalCount } }'),
      ),
    ).toEqual([])
    expect(
      codes(
        await library.send('query ($where: BookFilter) { books(where: $where) { totalCount } }', {
          where: null,
        }),
      ),
    ).toEqual(['VALIDATION_FAILED books', 'where  wrong_type'])
  })
})

describe('without introspection', () => {
  it('an error reveals no name of the schema', async () => {
    expect(codes(await closed.send('{ __schema { types { name } } }'))[0]).toBe('BAD_REQUEST')
    expect(codes(await closed.send('{ __type(name: "Book") { name } }'))[0]).toBe('BAD_REQUEST')
    expect((await closed.app.inject('/schema.graphql')).statusCode).toBe(404)
    expect((await closed.send('{ __typename }')).data).toEqual({ __typename: 'Query' })
  })

  it('an error has no suggestions', async () => {
    const said = async (query: string, variables?: Record<string, unknown>) => {
      const { text, errors } = await closed.send(query, variables)
      expect(errors).toBeDefined()
      expect(text).not.toContain('Did you mean')
    }
    await said('{ bookz { totalCount } }')
    await said('{ books { nodes { tittle } } }')
    await said('{ books(wher: {}) { totalCount } }')
    await said('{ books(where: { titel: { eq: "x" } }) { totalCount } }')
    await said('{ books(where: { condition: { eq: neww } }) { totalCount } }')
    await said('{ book(id: 1) { ... on Bok { id } } }')
    await said('query ($where: BookFilter) { books(where: $where) { totalCount } }', {
      where: { titel: { eq: 'x' } },
    })
    await said(
      'query ($c: BookCondition!) { __typename books(where: { condition: { eq: $c } }) { totalCount } }',
      { c: 'neww' },
    )
  })
})
