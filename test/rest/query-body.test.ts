// A list request as a JSON body: the same answers, links and errors as the query string, at any length.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, closeShop, names, openShop, problemOf, type Shop } from './support.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => closeShop(shop))

const order1 = '00000000-0000-4000-8000-000000000001'
const post = (path: string, body: unknown, asked = {}) =>
  call(shop, `POST /api${path}`, { body, ...asked })
const get = (path: string, asked = {}) => call(shop, `GET /api${path}`, asked)

describe('a list by a body', () => {
  test.each<[query: string, body: object]>([
    ['', {}],
    ['limit=2&sort=-price&fields=id,name', { limit: 2, sort: '-price', fields: 'id,name' }],
    [
      'sort=category.name,-name&fields=name',
      { sort: ['category.name', '-name'], fields: ['name'] },
    ],
    [
      'where={"price":{"gte":"3"}}&offset=1&count=exact',
      { where: { price: { gte: '3' } }, offset: 1, count: 'exact' },
    ],
    ['before=end&limit=1', { before: 'end', limit: 1 }],
    [
      'include=category,items&items.limit=1&items.sort=-quantity&items.fields=line&items.count=exact&items.where={"quantity":{"gt":1}}',
      {
        include: ['category', 'items'],
        'items.limit': 1,
        'items.sort': '-quantity',
        'items.fields': ['line'],
        'items.count': 'exact',
        'items.where': { quantity: { gt: 1 } },
      },
    ],
  ])('answers as the query string %s does', async (query, body) => {
    for (let times = 0; times < 3; times += 1) {
      // the later ones are prepared
      const [long, short] = [await post('/products/query', body), await get(`/products?${query}`)]
      expect(long.status, long.text).toBe(200)
      expect(long.text).toBe(short.text)
      expect(long.headers['content-type']).toBe(short.headers['content-type'])
    }
  })

  test('takes a request that is too long for a URL', async () => {
    const ids = Array.from({ length: 1000 }, (_, i) => 1_000_000_000 + i)
    const reply = await post('/products/query', {
      where: { id: { in: [1, ...ids.slice(1)] } },
      fields: 'name',
    })
    expect(reply.body.data).toEqual([{ name: 'Arc' }])
    expect((await get(`/products?id[in]=${ids.join(',')}`)).status).toBe(414)
  })

  test('is continued by its links, with the same body', async () => {
    const body = { limit: 2, sort: 'name', fields: 'name' }
    const first = await post('/products/query', body)
    expect(first.headers['link']).toBe(
      `</api/products/query?after=${first.body.page.next}>; rel="next"`,
    )
    const follow = (link: string | undefined, more = {}) =>
      call(shop, `POST ${/<(.+)>/.exec(String(link))?.[1]}`, { body: { ...body, ...more } })
    const second = await follow(first.headers['link'])
    expect(names(second)).toEqual(['Candle', 'Ember'])
    expect(names(await follow(second.headers['link']))).toEqual(['Arc', 'Bulb'])
    expect(names(await follow(first.headers['link'], { offset: 1 }))).toEqual(['Candle', 'Ember'])
    expect(names(await post('/products/query', { ...body, after: first.body.page.next }))).toEqual([
      'Candle',
      'Ember',
    ])
  })

  test('is a read: no ETag, and the read policy decides', async () => {
    expect((await post('/products/query', {})).headers).not.toHaveProperty('etag')
    expect(problemOf(await post('/orders/query', {}))).toEqual(['401 UNAUTHENTICATED'])
    expect((await post('/orders/query', {}, { as: 'ann' })).body.data).toHaveLength(2)
    expect((await call(shop, 'POST /api/feedback/query', { body: {} })).status).toBe(404) // no caller may read it
  })

  test('works for related rows', async () => {
    const body = { sort: '-quantity', limit: 1, fields: ['line', 'product.name'], count: 'exact' }
    const reply = await post(`/orders/${order1}/items/query`, body, { as: 'ann' })
    expect(reply.body).toEqual(
      (
        await get(
          `/orders/${order1}/items?sort=-quantity&limit=1&fields=line,product.name&count=exact`,
          { as: 'ann' },
        )
      ).body,
    )
    const next = await call(shop, `POST ${/<(.+)>/.exec(String(reply.headers['link']))?.[1]}`, {
      as: 'ann',
      body,
    })
    expect(next.body.data).toMatchObject([{ line: 1 }])
    expect(problemOf(await post(`/orders/${order1}/items/query`, {}, { as: 'bob' }))).toEqual([
      '404 NOT_FOUND',
    ])
    expect((await post('/products/1/category/query', {})).status).toBe(404)
  })
})

describe('a body is refused for', () => {
  test.each<[query: string, body: object]>([
    ['where={"prize":{"eq":1}}', { where: { prize: { eq: 1 } } }],
    ['where={"price":{"gte":5}}', { where: { price: { gte: 5 } } }],
    ['where=5', { where: 5 }],
    ['limit=6', { limit: 6 }],
    ['limit=x', { limit: 'x' }],
    ['offset=-1', { offset: -1 }],
    ['after=bm9uZQ', { after: 'bm9uZQ' }],
    ['offset=1&before=end', { offset: 1, before: 'end' }],
    ['sort=nothing', { sort: 'nothing' }],
    ['sort=a b', { sort: ['a b'] }],
    ['fields=nothing', { fields: ['nothing'] }],
    ['fields=', { fields: [] }],
    ['count=all', { count: 'all' }],
    ['include=items&items.limit=101', { include: 'items', 'items.limit': 101 }],
    ['include=items&items.nothing=9', { include: 'items', 'items.nothing': 9 }],
    ['items.limit=1', { 'items.limit': 1 }],
    ['category.limit=1&include=category', { 'category.limit': 1, include: 'category' }],
    ['fields=cost', { fields: 'cost' }],
    ['where={"cost":{"gt":"1"}}', { where: { cost: { gt: '1' } } }],
  ])('is what is wrong with the query string %s', async (query, body) => {
    const [long, short] = [await post('/products/query', body), await get(`/products?${query}`)]
    expect(problemOf(long)).toEqual(problemOf(short))
    expect(long.body.issues).toEqual(short.body.issues)
  })

  test('an unknown member, with the list of the known ones', async () => {
    const reply = await post('/products/query', { filter: {}, 'price[gte]': '1', price: '1' })
    expect(problemOf(reply)).toEqual([
      '400 BAD_REQUEST',
      'document filter unknown_parameter',
      'document price[gte] unknown_parameter',
      'document price unknown_parameter',
    ])
    expect(reply.body.issues[0].message).toBe(
      'There is no member filter here. There is where, sort, distinctOn, limit, after, before, offset, count, fields, include, and arguments of included lists behind their path.',
    )
  })

  test.each<[body: unknown, issues: readonly string[]]>([
    [{ limit: null }, ['document limit wrong_type']],
    [{ where: null }, ['document where wrong_type']],
    [{ sort: { price: 'DESC' } }, ['document sort wrong_type']],
    [{ fields: 5, include: [5] }, ['document fields wrong_type', 'document include wrong_type']],
    [{ count: ['exact'] }, ['document count wrong_type']],
    [{ include: 'items', 'items.fields': [['line']] }, ['document items.fields wrong_type']],
    [[], ['document  wrong_type']],
    ['"x"', ['document  wrong_type']],
    ['{"limit":1,"limit":2}', ['document limit duplicate_key']],
  ])('is a value of another type: %j', async (body, issues) => {
    await post('/products/query', { include: 'items', 'items.fields': ['line'] })
    expect(problemOf(await post('/products/query', body))).toEqual(['400 BAD_REQUEST', ...issues])
  })

  test('a limit that is text', async () => {
    expect(problemOf(await post('/products/query', { limit: '2' }))).toEqual([
      '422 VALIDATION_FAILED',
      'page limit wrong_type',
    ])
    expect(problemOf(await post('/products/query', { after: 5 }))).toEqual([
      '422 VALIDATION_FAILED',
      'page after wrong_type',
    ])
  })

  test('its absence, another media type or method, and other parameters in the URL', async () => {
    expect(problemOf(await call(shop, 'POST /api/products/query'))).toEqual(['400 BAD_REQUEST'])
    expect(
      (
        await post(
          '/products/query',
          {},
          { headers: { 'content-type': 'application/merge-patch+json' } },
        )
      ).status,
    ).toBe(415)
    expect(problemOf(await post('/products/query?limit=1', {}))).toEqual([
      '400 BAD_REQUEST',
      'document limit unknown_parameter',
    ])
    const wrong = await get('/products/query')
    expect(problemOf(wrong)).toEqual(['405 METHOD_NOT_ALLOWED'])
    expect(wrong.headers['allow']).toBe('OPTIONS, POST')
  })

  test('a list of names with an object in it', async () => {
    expect(problemOf(await post('/products/query', { where: [{ toString: 0 }] }))).toEqual([
      '422 VALIDATION_FAILED',
      'where  wrong_type',
    ])
  })

  test('any JSON gets an answer, or a Problem with a path', async () => {
    const member = fc.constantFrom(
      'where',
      'sort',
      'limit',
      'after',
      'before',
      'offset',
      'count',
      'fields',
      'include',
      'items.where',
      'items.limit',
      'items.fields',
      'x',
      '__proto',
    )
    await fc.assert(
      fc.asyncProperty(fc.dictionary(member, fc.jsonValue({ maxDepth: 3 })), async (body) => {
        const reply = await post('/products/query', body)
        expect([200, 400, 422]).toContain(reply.status)
        if (reply.status !== 200) expect(reply.body.issues.length).toBeGreaterThan(0)
      }),
      { numRuns: 200 },
    )
  })
})
