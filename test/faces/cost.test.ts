// The cost of a request: the same on both faces, summed over everything that it holds, and refused before any work.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  aliases,
  type Answer,
  codeIn,
  type CostlyStore,
  openCostlyStore,
  requestedIn,
  type Sent,
} from './costly-store.ts'

let opened: CostlyStore

beforeAll(async () => {
  opened = await openCostlyStore()
})
afterAll(() => opened.close())

const send: CostlyStore['send'] = (...parts) => opened.send(...parts)
const graphql: CostlyStore['graphql'] = (...parts) => opened.graphql(...parts)

const where = (filter: object): string => encodeURIComponent(JSON.stringify(filter))

const cats = 'categories(first: 100) { nodes { products(first: 100) { nodes {'
const deep = `${cats} category { products(first: 100) { nodes { id } } } } } } }`
const wide = deep.replace('{ id }', '{ id sku name description price stock createdAt tags }')
const some3 = {
  products: {
    some: { reviews: { some: { product: { reviews: { some: { body: { contains: 'a' } } } } } } },
  },
}
const some2 = { reviews: { some: { product: { reviews: { some: { body: { contains: 'a' } } } } } } }
const ors = {
  OR: Array.from({ length: 49 }, (_, i) => ({
    reviews: { some: { body: { contains: `a${i}` } } },
  })),
}
const notIn = {
  AND: Array.from({ length: 90 }, (_, i) => ({
    id: { notIn: Array.from({ length: 700 }, (_unused, n) => i * 700 + n) },
  })),
}

const someByOne = {
  category: { products: { some: { category: { products: { some: { name: { eq: 'zz' } } } } } } },
}
const smallPages = (first: number): string => {
  const innermost =
    'products(first: 1, where: { description: { ilike: "%zzq%" } }) { nodes { id } }'
  const level = (inner: string) => `products(first: ${first}) { nodes { category { ${inner} } } }`
  return `{ ${level(level(level(level(innermost))))} }`
}
const behindThree = (name: string) => ({
  product: { category: { parent: { name: { ne: name } } } },
})
const longText = 'x'.repeat(1_040_000)
const words = Array.from({ length: 50 }, (_, i) => `w${i}`).join(' ')
const wildcards = {
  OR: Array.from({ length: 20 }, () => ({ description: { ilike: '%a'.repeat(200) } })),
}
const longTexts = {
  OR: Array.from({ length: 20 }, () => ({ description: { contains: 'a'.repeat(5000) } })),
}
const ratings = {
  OR: Array.from({ length: 12 }, () => ({ rating: { gt: '1', lt: '5', ne: '3' } })),
}

/** Requests that took seconds, or answered more than 8 MB. */
const costly: Readonly<Record<string, () => Promise<Answer>>> = {
  'lists in lists, ids': () => graphql(`{ ${deep} }`),
  'lists in lists, all fields': () => graphql(`{ ${wide} }`),
  'the same on REST': () =>
    send(
      'GET /api/categories?limit=100&include=products,products.category.products&products.limit=100&products.category.products.limit=100',
    ),
  'there and back again': () =>
    graphql(
      `{ products(first: 100) { nodes { category { products(first: 100) { nodes { category { products(first: 100) { nodes { id } } } } } } } } }`,
    ),
  '30 aliases of it': () => graphql(aliases(30, deep)),
  '30 aliases, over the limit with the last': () =>
    graphql(
      aliases(30, 'categories(first: 80) { nodes { products(first: 100) { nodes { id } } } }'),
    ),
  'a related list in an export': () =>
    send(
      'GET /api/products?include=category.products,category.products.category.products&category.products.limit=100&category.products.category.products.limit=100',
      { headers: { accept: 'application/x-ndjson' }, roles: ['nobody'] },
    ),
  'some in some in some': () => send(`GET /api/categories?where=${where(some3)}`),
  'a count over a nested some': () =>
    send(`GET /api/products?limit=1&count=exact&where=${where(some2)}`),
  'many somes in OR': () => send('POST /api/products/query', { body: { where: ors } }),
  'notIn of 63,000 values': () => send('POST /api/products/query', { body: { where: notIn } }),
  '30 aliases sorted by a computed field, with totals': () =>
    graphql(
      aliases(30, 'products(first: 1, orderBy: [{ rating: DESC }]) { totalCount nodes { id } }'),
    ),
  'small pages, five levels deep, with a pattern': () => graphql(smallPages(9)),
  'ten searches for fifty words': () =>
    graphql(aliases(10, `products(first: 1, search: "${words}") { nodes { id } }`)),
  'patterns of wildcards': () => send('POST /api/products/query', { body: { where: wildcards } }),
  'long texts that fields contain': () =>
    send('POST /api/products/query', { body: { where: longTexts } }),
  'some in some, along to-one relations': () => send(`GET /api/products?where=${where(someByOne)}`),
  'several comparisons of a computed field': () =>
    send('POST /api/products/query', { body: { where: ratings } }),
  'groups filtered and sorted by a computed field': () =>
    graphql(
      '{ productsAggregate(groupBy: [categoryId], having: { OR: [{ avg: { rating: { gt: "1" } } }, { max: { rating: { gt: "1" } } }] }, orderBy: [{ sum: { rating: ASC } }, { min: { rating: ASC } }]) { count } }',
    ),
  'a filter along relations to one row, denied, many times': () =>
    send('POST /api/reviews/query', {
      body: {
        count: 'exact',
        where: { NOT: { OR: Array.from({ length: 24 }, (_, i) => behindThree(`z${i}`)) } },
      },
    }),
  'a text of a megabyte that is compared': () =>
    send('POST /api/products/query', { body: { where: { name: { gt: longText } } } }),
  'a long text inside of JSON': () =>
    send('POST /api/products/query', {
      body: { where: { attributes: { path: { at: ['colour'], eq: longText } } } },
    }),
  'groups filtered by many patterns': () =>
    graphql(
      `{ productsAggregate(groupBy: [id], first: 5, having: { OR: [${`{ max: { description: { like: "${'%a'.repeat(200)}" } } } `.repeat(15)}] }) { count } }`,
    ),
  'distinct by a computed field': () => send('GET /api/products?distinctOn=rating&sort=rating'),
}

describe('requests that cost too much', () => {
  for (const [name, request] of Object.entries(costly)) {
    test(`${name}: refused at once, with nothing done`, async () => {
      let answer = await request()
      let ms = answer.ms
      for (let run = 1; run < 50 && ms > MAX_MS; run += 1) {
        expect(answer.statements).toBe(0)
        answer = await request()
        ms = Math.min(ms, answer.ms)
      }
      expect(answer.statements).toBe(0)
      expect(codeIn(answer), JSON.stringify(answer.body).slice(0, 500)).toBe('TOO_COMPLEX')
      const message: string = answer.body.detail ?? answer.body.errors[0].message
      expect(message).toMatch(
        /^The request may cost [\d,]+ points; at most 1,000 are allowed\. The costliest part is .+\. Ask for smaller pages/,
      )
      expect(requestedIn(answer)).toBeGreaterThan(1000)
      if (!long.includes(name)) expect(ms).toBeLessThan(MAX_MS)
    })
  }
})

/** Milliseconds from the request to its refusal. */
const MAX_MS = 5
/** Their bodies take that long to be read as JSON. */
const long = [
  'notIn of 63,000 values',
  'a text of a megabyte that is compared',
  'a long text inside of JSON',
]

describe('requests within the limit', () => {
  test.each([
    '{ categories { nodes { children { nodes { products { nodes { reviews { nodes { id rating body createdAt } } } } } } } } }',
    '{ customers { nodes { orders { nodes { items { nodes { product { reviews { nodes { id } } } } } } } } } }',
  ])('default pages four levels deep pass: %s', async (query) => {
    const answer = await graphql(query)
    expect(codeIn(answer)).not.toBe('TOO_COMPLEX')
    expect(requestedIn(answer)).toBeGreaterThan(500)
  })

  test('so do they on REST, with all fields', async () => {
    const answer = await send(
      'GET /api/categories?include=children,children.products,children.products.reviews',
    )
    expect(answer.status, JSON.stringify(answer.body)).toBe(200)
  })
})

describe('work without rows has a price', () => {
  const behind = (last: object): object => ({ product: { category: { products: last } } })
  test.each<[string, string, number]>([
    [
      'related rows behind relations to one row',
      `GET /api/reviews?limit=1&where=${where(behind({ some: { stock: { lt: 0 } } }))}`,
      500,
    ],
    [
      'a relation to one row',
      `GET /api/reviews?limit=1&where=${where({ product: { category: { parent: { name: { eq: 'zz' } } } } })}`,
      12,
    ],
    ['an order behind a cursor', 'GET /api/products?limit=1&sort=category.name&after=x', 60],
    [
      'many values that are sought in lists',
      `GET /api/products?limit=1&where=${where({ tags: { hasSome: Array.from({ length: 500 }, (_, i) => `t${i}`) } })}`,
      50,
    ],
    [
      'an order by their number',
      'GET /api/reviews?limit=1&sort=product.category.products.count',
      500,
    ],
    [
      'the number of related rows',
      `GET /api/products?limit=1&where=${where({ reviews: { count: { gt: 100_000 } } })}`,
      40,
    ],
    [
      'pages of four at five levels, with an order',
      `GET /api/products?limit=4&include=category.products.category.products&category.products.limit=4&category.products.category.products.limit=4&category.products.category.products.sort=name`,
      10,
    ],
  ])('%s', async (_name, request, points) => {
    expect(requestedIn(await send(request))).toBeGreaterThanOrEqual(points)
  })

  test('40 of the same in OR are over the limit', async () => {
    const counts = Array.from({ length: 40 }, (_, i) => ({ reviews: { count: { gt: i } } }))
    const answer = await send('POST /api/products/query', { body: { where: { OR: counts } } })
    expect(codeIn(answer)).toBe('TOO_COMPLEX')
  })

  test('a filter of 90,000 members is refused without a look at all of them', async () => {
    const tree = Object.fromEntries(Array.from({ length: 9989 }, (_, i) => [`k${i}`, 1]))
    const body = { where: { OR: Array.from({ length: 9 }, () => tree) } }
    const begin = performance.now()
    JSON.parse(JSON.stringify(body))
    const parsing = performance.now() - begin
    const answers = [
      await send('POST /api/products/query', { body }),
      await send('POST /api/products/query', { body }),
      await send('POST /api/products/query', { body }),
    ]
    for (const answer of answers) expect(codeIn(answer)).toBe('TOO_COMPLEX')
    expect(Math.min(...answers.map(({ ms }) => ms))).toBeLessThan(8 * parsing)
  })
})

describe('the cost in answers', () => {
  test('it is the same on both faces, in a header and in extensions', async () => {
    const [one, other] = [
      await graphql('{ products(first: 50) { nodes { id reviews(first: 5) { nodes { id } } } } }'),
      await send('GET /api/products?limit=50&fields=id,reviews.id&reviews.limit=5'),
    ]
    expect(one.headers['bifrons-cost']).toBe('requested=3, limit=1000, rows=357, statements=1')
    expect(other.headers['bifrons-cost']).toBe(one.headers['bifrons-cost'])
    expect(one.body.extensions).toEqual({ cost: { requested: 3, limit: 1000 } })
  })

  test.each<[string, Sent]>([
    ['GET /api/products', {}],
    ['POST /api/products/query', { body: {} }],
    ['GET /api/products/1', {}],
    ['GET /api/products/1/reviews', {}],
    ['GET /api/products/by/sku/ABC-1234', {}],
    ['GET /api/products/aggregate', {}],
    ['GET /api/products', { headers: { accept: 'text/csv' } }],
    ['GET /graphql?query={products{nodes{id}}}', {}],
    ['POST /graphql', { body: { query: '{ __typename }' } }],
    [
      'POST /graphql',
      { body: { query: 'query ($n: Int) { products(first: $n) { nodes { id } } }' } },
    ],
    ['POST /graphql', { body: { query: '{ productsAggregate { count } }' } }],
    ['POST /api/categories', { body: { name: 'x', slug: 'x' }, roles: ['staff'] }],
    ['POST /api/batch', { body: { requests: [{ method: 'DELETE', path: '/api/products/1' }] } }],
    ['POST /api/orders/place', { body: { lines: [{ productId: 1, quantity: 1 }] } }],
  ])('every door has it: %s', async (what, sent) => {
    const answer = await send(what, sent)
    expect(requestedIn(answer), JSON.stringify(answer.body)).toBeGreaterThan(0)
  })
})

test('work below small pages costs more with every level', async () => {
  expect(requestedIn(await graphql(smallPages(4)))).toBeGreaterThan(150)
})

test('a search has at most 50 words', async () => {
  const answer = await send(`GET /api/products?search=${encodeURIComponent(`${words} more`)}`)
  expect([answer.status, answer.body.issues?.[0].message]).toEqual([422, 'At most 50 words.'])
})

describe('sums', () => {
  const remove = { method: 'DELETE', path: '/api/reviews/1' }

  test('30 aliases cost 30, and so do 30 mutations', async () => {
    expect(requestedIn(await graphql(aliases(30, 'product(id: 1) { id }')))).toBe(30)
    const mutation = `mutation ${aliases(30, 'deleteReview(id: 1) { id }')}`
    expect(requestedIn(await graphql(mutation))).toBe(30)
  })

  test('30 writes of a batch cost 30', async () => {
    const requests = Array.from({ length: 30 }, () => remove)
    expect(requestedIn(await send('POST /api/batch', { body: { requests } }))).toBe(30)
  })

  test('a batch and a document of mutations are charged before their first write', async () => {
    const rows = Array.from({ length: 60 }, (_, i) => ({ name: `n${i}`, slug: `s${i}` }))
    const requests = Array.from({ length: 30 }, () => ({
      method: 'POST',
      path: '/api/categories/batch',
      body: rows,
    }))
    for (const headers of [{}, { 'idempotency-key': 'k' }]) {
      const answer = await send('POST /api/batch', {
        body: { requests },
        roles: ['other'],
        headers,
      })
      expect([codeIn(answer), answer.statements]).toEqual(['TOO_COMPLEX', 0])
      const inputs = `[${rows.map(({ name, slug }) => `{ name: "${name}", slug: "${slug}" }`).join()}]`
      const document = `mutation ${aliases(20, `createCategories(inputs: ${inputs}) { id }`)}`
      const other = await graphql(document, { roles: ['other'], headers })
      expect([codeIn(other), other.statements]).toEqual(['TOO_COMPLEX', 0])
    }
  })

  test('rows along relations are counted', async () => {
    const items = Array.from({ length: 5 }, (_, i) => ({ name: `n${i}`, slug: `s${i}` }))
    const one = await send('POST /api/categories/batch', { body: items, roles: ['staff'] })
    expect(requestedIn(one)).toBe(5)
  })
})

test('a role has a limit of its own', async () => {
  const query = '{ products(first: 100) { nodes { id reviews(first: 100) { nodes { id } } } } }'
  const [staff, intern] = [
    await graphql(query, { roles: ['staff', 'intern'] }),
    await graphql(query, { roles: ['intern'] }),
  ]
  expect(staff.body.extensions.cost.limit).toBe(5000)
  expect([codeIn(intern), intern.body.extensions.cost.limit]).toEqual(['TOO_COMPLEX', 3])
})

test('rows that are longer than they were thought to be are refused when they have come', async () => {
  const { database } = opened.gateway
  await database.query({
    text: "insert into categories (name, slug) select repeat('x', 90000), 'long' || n from generate_series(1, 100) as n",
    values: [],
  })
  const [graph, rest, few] = [
    await graphql('{ categories(first: 100) { nodes { name } } }'),
    await send('GET /api/categories?limit=100&fields=name'),
    await send('GET /api/categories?limit=50&fields=name'),
  ]
  expect([codeIn(graph), codeIn(rest), few.status]).toEqual(['TOO_COMPLEX', 'TOO_COMPLEX', 200])
  expect(rest.body.detail).toMatch(/^The answer has more than 8388608 bytes/)
})
