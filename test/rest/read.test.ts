// Reading over REST: rows by every key, lists in the query language, related rows, pages, and their HTTP headers.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, closeShop, names, openShop, problemOf, type Shop } from './support.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => closeShop(shop))

const get = (path: string, asked = {}) => call(shop, `GET /api${path}`, asked)
const order1 = '00000000-0000-4000-8000-000000000001'
const order2 = '00000000-0000-4000-8000-000000000002'

describe('one row', () => {
  test('by its key has its own fields in the order of the model, with values in the wire format', async () => {
    const reply = await get('/products/1')
    expect(reply.status).toBe(200)
    expect(reply.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(reply.text).toBe(
      '{"id":1,"sku":"L-1","name":"Arc","status":"active","price":"12.50","weight":1.5,"tags":["oak","a,b"],' +
        '"attributes":{"a": [1.10, null], "b": 1},"fragile":true,"sold":"9007199254740993","limit":3,"createdAt":"2026-11-23T10:00:00.123456+00:00","categoryId":2,"label":"L-1: Arc"}',
    )
  })

  test('leaves out a field that the caller may not read, and refuses it in fields', async () => {
    expect((await get('/products/1')).body).not.toHaveProperty('cost')
    expect((await get('/products/1', { as: 'staff' })).body.cost).toBe('7.00')
    expect(problemOf(await get('/products/1?fields=id,cost'))).toEqual([
      '401 UNAUTHENTICATED',
      'fields cost unauthenticated',
    ])
    expect(problemOf(await get('/products/1?fields=id,cost', { as: 'ann' }))).toEqual([
      '403 FORBIDDEN',
      'fields cost forbidden',
    ])
  })

  test('NaN is null', async () => {
    expect((await get('/products/2')).body.weight).toBe(null)
  })

  test('does not share a cached request with another one that only looks alike', async () => {
    for (let i = 0; i < 2; i += 1)
      expect((await get('/products/1?fields=id&include=category')).status).toBe(200)
    expect(problemOf(await get('/products/1?fields=id%26include%3Dcategory'))).toEqual([
      '400 BAD_REQUEST',
      'document fields malformed_list',
    ])
  })

  test('is 404 when absent or hidden, and 422 for a key of another type', async () => {
    expect(problemOf(await get('/products/77'))).toEqual(['404 NOT_FOUND'])
    expect(problemOf(await get('/products/4'))).toEqual(['404 NOT_FOUND'])
    expect((await get('/products/4', { as: 'staff' })).body.name).toBe('Draft')
    for (const key of ['x', '1.0', '0x1', '1e0', '01', '99999999999', '%20']) {
      expect(problemOf(await get(`/products/${key}`)), key).toEqual([
        '422 VALIDATION_FAILED',
        'key id wrong_type',
      ])
    }
  })

  test('is found by a composite key, split at raw commas', async () => {
    expect((await get(`/order-items/${order1},2`)).body).toEqual({
      orderId: order1,
      line: 2,
      productId: 2,
      quantity: 5,
    })
    expect(problemOf(await get(`/order-items/${order1}`))).toEqual([
      '400 BAD_REQUEST',
      'key  wrong_count',
    ])
    expect(problemOf(await get(`/order-items/${order1}%2C2`))).toEqual([
      '400 BAD_REQUEST',
      'key  wrong_count',
    ])
    expect(problemOf(await get(`/order-items/${order1},2,3`))).toEqual([
      '400 BAD_REQUEST',
      'key  wrong_count',
    ])
    expect(problemOf(await get('/order-items/,'))).toEqual([
      '422 VALIDATION_FAILED',
      'key orderId wrong_type',
      'key line wrong_type',
    ])
  })

  test('is found by a unique key with any text', async () => {
    expect((await get('/products/by/sku/L-1')).body.name).toBe('Arc')
    expect((await get('/products/by/sku/L%2F2')).body.name).toBe('Bulb')
    expect((await get('/products/by/sku/L%2C3')).body.name).toBe('Candle')
    expect((await get('/products/by/sku/L,3')).body.name).toBe('Candle')
    expect((await get('/products/by/sku/%C3%A9%205')).body.name).toBe('Ember')
    expect(problemOf(await get('/products/by/sku/none'))).toEqual(['404 NOT_FOUND'])
    expect((await get('/words/by/language,rank/en,2')).body.word).toBe('a,b')
    expect(problemOf(await get('/words/by/language,rank/en'))).toEqual([
      '400 BAD_REQUEST',
      'key  wrong_count',
    ])
  })

  test('is found by a text key', async () => {
    expect((await get('/words/a%2Fb')).body.word).toBe('a/b')
    expect((await get('/words/a,b')).body.word).toBe('a,b')
    expect(problemOf(await get('/words/query'))).toEqual(['405 METHOD_NOT_ALLOWED']) // a word of the API: POST …/query is the list
    expect(problemOf(await get('/words/batch'))).toEqual(['405 METHOD_NOT_ALLOWED'])
    expect((await get('/words?word=query')).body.data).toHaveLength(1)
    expect((await get('/words/%2541')).body.word).toBe('%41')
  })

  test('is 400 for a path with invalid UTF-8 or percent-encoding', async () => {
    for (const path of ['/words/%FF', '/words/%zz', '/words/%E9', '/words/%'])
      expect((await get(path)).status, path).toBe(400)
    expect(problemOf(await get('/words/%00'))).toEqual([
      '422 VALIDATION_FAILED',
      'key word wrong_type',
    ])
  })
})

describe('a list', () => {
  test('is a page of the default size in the order of the key', async () => {
    const reply = await get('/products')
    expect(names(reply)).toEqual(['Arc', 'Bulb', 'Candle'])
    expect(reply.body.page).toEqual({ next: expect.any(String), previous: null })
  })

  test.each([
    ['price[gte]=12.50', ['Arc', 'Ember']],
    ['price[gte]=3&price[lt]=20', ['Arc', 'Bulb']],
    ['name=Arc', ['Arc']],
    ['name[eq]=Arc', ['Arc']],
    ['name%5Beq%5D=Arc', ['Arc']],
    ['name[in]=Arc,Bulb', ['Arc', 'Bulb']],
    ['name[in]=Arc%2CBulb', ['Arc', 'Bulb']],
    ['name[in]=', []],
    ['name[in]="Arc","x,\\"y"', ['Arc']],
    ['name[notIn]=Arc,Bulb', ['Candle', 'Ember']],
    ['status=sold+out', ['Bulb']],
    ['status[in]=sold%20out,active&name[startsWith]=B', ['Bulb']],
    ['tags[has]=oak', ['Arc', 'Candle']],
    ['tags[has]=a,b', ['Arc']],
    ['tags[hasEvery]=oak,"a,b"', ['Arc']],
    ['tags=oak', ['Candle']],
    ['tags[isEmpty]=true', ['Bulb', 'Ember']],
    ['weight[isNull]=true', ['Candle']],
    ['weight[isNull]=false&weight[lt]=1e0', ['Ember']],
    ['fragile=true', ['Arc']],
    ['sold=9007199254740993', ['Arc']],
    ['limit[eq]=3', ['Arc', 'Candle']],
    ['createdAt[lte]=2026-11-23T10:00:00.123456Z', ['Arc', 'Bulb', 'Candle', 'Ember']],
    ['where={"category":{"name":{"eq":"Lamps"}}}', ['Arc', 'Ember']],
    [
      `where=${encodeURIComponent('{"OR":[{"name":{"eq":"Bulb"}},{"price":{"gt":"15"}}]}')}&price[lt]=10`,
      ['Bulb'],
    ],
    ['where={"items":{"some":{"quantity":{"gt":1}}}}', ['Arc', 'Bulb']],
    ['where={}', ['Arc', 'Bulb', 'Candle', 'Ember']],
    ['label[startsWith]=L-1', ['Arc']],
  ])('filtered by %s', async (query, expected) => {
    const reply = await get(`/products?limit=5&${query}`)
    expect(reply.body).toHaveProperty('data')
    expect(names(reply)).toEqual(expected)
  })

  test.each([
    ['-price', ['Ember', 'Arc', 'Bulb', 'Candle']],
    ['category.name,-name', ['Ember', 'Arc', 'Candle', 'Bulb']],
    ['limit,name', ['Arc', 'Candle', 'Bulb', 'Ember']],
    ['limit:nullsFirst,name', ['Bulb', 'Ember', 'Arc', 'Candle']],
    ['-limit:nullsLast,-name', ['Candle', 'Arc', 'Ember', 'Bulb']],
  ])('sorted by %s', async (sort, expected) => {
    expect(names(await get(`/products?limit=5&sort=${sort}`))).toEqual(expected)
  })

  test('is read page by page, forward and back, by cursors and by links', async () => {
    const first = await get('/products?limit=2&sort=name&where=%7B%7D&count=exact')
    expect(names(first)).toEqual(['Arc', 'Bulb'])
    expect(first.body.page.total).toBe(4)
    expect(first.headers['link']).toBe(
      `</api/products?limit=2&sort=name&where=%7B%7D&count=exact&after=${first.body.page.next}>; rel="next"`,
    )
    const second = await get(`/products?limit=2&sort=name&after=${first.body.page.next}`)
    expect(names(second)).toEqual(['Candle', 'Ember'])
    expect(second.body.page.next).toBe(null)
    expect(second.headers['link']).toBe(
      `</api/products?limit=2&sort=name&before=${second.body.page.previous}>; rel="prev"`,
    )
    expect(
      names(await call(shop, `GET ${/<(.+)>/.exec(String(second.headers['link']))?.[1]}`)),
    ).toEqual(['Arc', 'Bulb'])
    const last = await get('/products?limit=1&sort=name&before=end')
    expect(names(last)).toEqual(['Ember'])
    expect(
      names(await get(`/products?limit=2&sort=name&before=${last.body.page.previous}`)),
    ).toEqual(['Bulb', 'Candle'])
    expect(names(await get('/products?sort=name&before=end'))).toEqual(['Bulb', 'Candle', 'Ember'])
    const shifted = await get('/products?sort=name&limit=1&offset=1')
    expect(names(shifted)).toEqual(['Bulb'])
    expect(shifted.headers['link']).toContain(
      `</api/products?sort=name&limit=1&after=${shifted.body.page.next}>; rel="next"`,
    )
  })

  test('links keep every filter behind a question mark', async () => {
    const reply = await call(shop, 'GET /api/products?limit=1&name[ne]=a?b&status[ne]=draft', {
      as: 'staff',
    })
    expect(reply.headers['link']).toBe(
      `</api/products?limit=1&name%5Bne%5D=a?b&status%5Bne%5D=draft&after=${reply.body.page.next}>; rel="next"`,
    )
  })

  test('links are valid for characters that a URL must escape', async () => {
    const reply = await get('/products?limit=1&where={"name":{"ne":"<x>"}}')
    expect(reply.headers['link']).toMatch(
      /^<\/api\/products\?limit=1&where=%7B%22name%22:%7B%22ne%22:%22%3Cx%3E%22%7D%7D&after=[\w-]+>; rel="next"$/,
    )
  })

  test('is counted on request only, under the policy', async () => {
    expect((await get('/products?count=none')).body.page).not.toHaveProperty('total')
    expect((await get('/products?count=exact', { as: 'staff' })).body.page.total).toBe(5)
    expect(problemOf(await get('/products?count=all'))).toEqual([
      '400 BAD_REQUEST',
      'document count invalid_parameter',
    ])
  })

  test("has the caller's own rows", async () => {
    expect(problemOf(await get('/orders'))).toEqual(['401 UNAUTHENTICATED'])
    expect((await get('/orders', { as: 'ann' })).body.data).toHaveLength(2)
    expect((await get('/orders', { as: 'eve' })).body.data).toEqual([])
  })
})

describe('fields and includes', () => {
  test.each([
    ['fields=name,id', { id: 1, name: 'Arc' }],
    ['fields=name,category.name', { name: 'Arc', category: { name: 'Lamps' } }],
    ['fields=category.name', { category: { name: 'Lamps' } }],
    ['fields=category.parent.name', { category: { parent: { name: 'Light' } } }],
    ['fields=id&include=category', { id: 1, category: { id: 2, name: 'Lamps', parentId: 1 } }],
    [
      'fields=id&include=category.parent',
      {
        id: 1,
        category: {
          id: 2,
          name: 'Lamps',
          parentId: 1,
          parent: { id: 1, name: 'Light', parentId: null },
        },
      },
    ],
    ['fields=id,category.name&include=category', { id: 1, category: { name: 'Lamps' } }],
    ['fields=id&category.fields=id', { id: 1, category: { id: 2 } }],
    [
      'fields=id,items.quantity',
      { id: 1, items: { data: [{ quantity: 2 }], page: { next: null, previous: null } } },
    ],
    ['fields=id,items.order.id,items.line', null],
  ])('%s', async (query, expected) => {
    const reply = await get(`/products/1?${query}`)
    if (expected === null)
      expect(problemOf(reply)).toEqual([
        '401 UNAUTHENTICATED',
        'fields items.order unauthenticated',
      ])
    else expect(reply.body).toEqual(expected)
  })

  test('a to-one that is absent or hidden is null', async () => {
    expect((await get('/categories/1?include=parent')).body.parent).toBe(null)
    expect((await get(`/order-items/${order2},1?include=product`)).body.product).toBe(null)
  })

  test('arguments of an included list', async () => {
    const path = `/orders/${order1}?fields=id&include=items`
    const asked = { as: 'ann' }
    const sorted = await get(
      `${path}&items.sort=-quantity&items.limit=1&items.fields=line&items.count=exact`,
      asked,
    )
    expect(sorted.body).toEqual({
      id: order1,
      items: { data: [{ line: 2 }], page: { next: expect.any(String), previous: null, total: 3 } },
    })
    const next = await get(
      `${path}&items.sort=-quantity&items.fields=line&items.after=${sorted.body.items.page.next}`,
      asked,
    )
    expect(next.body.items.data).toEqual([{ line: 1 }, { line: 3 }])
    expect(
      (await get(`${path}&items.where={"quantity":{"lte":2}}&items.fields=line`, asked)).body.items
        .data,
    ).toEqual([{ line: 1 }, { line: 3 }])
    expect(
      (await get(`${path}&items.fields=product.name&items.limit=1`, asked)).body.items.data,
    ).toEqual([{ product: { name: 'Arc' } }])
  })

  test('every row of a list has its own included page', async () => {
    const reply = await get(
      '/categories?fields=name,products.name&products.limit=1&products.sort=-name',
    )
    expect(reply.body.data).toEqual([
      {
        name: 'Light',
        products: {
          data: [{ name: 'Candle' }],
          page: { next: expect.any(String), previous: null },
        },
      },
      {
        name: 'Lamps',
        products: { data: [{ name: 'Ember' }], page: { next: expect.any(String), previous: null } },
      },
      { name: 'Empty', products: { data: [], page: { next: null, previous: null } } },
    ])
  })
})

describe('rows related to a row', () => {
  test('are a list with its whole language', async () => {
    const reply = await get(
      `/orders/${order1}/items?sort=-quantity&limit=2&fields=line,product.name&count=exact`,
      { as: 'ann' },
    )
    expect(reply.body).toEqual({
      data: [
        { line: 2, product: { name: 'Bulb' } },
        { line: 1, product: { name: 'Arc' } },
      ],
      page: { next: expect.any(String), previous: null, total: 3 },
    })
    expect(reply.headers['link']).toContain(`</api/orders/${order1}/items?sort=-quantity`)
    const next = await get(`/orders/${order1}/items?sort=-quantity&after=${reply.body.page.next}`, {
      as: 'ann',
    })
    expect(next.body.data).toMatchObject([{ line: 3 }])
    expect(
      (await get(`/orders/${order1}/items?quantity[gt]=4`, { as: 'ann' })).body.data,
    ).toMatchObject([{ line: 2 }])
  })

  test('accept the cursor of an included list', async () => {
    const { body } = await get(`/orders/${order1}?include=items&items.limit=1`, { as: 'ann' })
    expect(
      (await get(`/orders/${order1}/items?after=${body.items.page.next}`, { as: 'ann' })).body.data,
    ).toMatchObject([{ line: 2 }, { line: 3 }])
  })

  test('are the row or 404 for a to-one relation', async () => {
    expect((await get('/products/1/category?fields=name')).body).toEqual({ name: 'Lamps' })
    expect(problemOf(await get('/categories/1/parent'))).toEqual(['404 NOT_FOUND'])
    expect(problemOf(await get(`/order-items/${order2},1/product`))).toEqual(['404 NOT_FOUND'])
    expect((await get(`/order-items/${order1},1/product?fields=name`)).body).toEqual({
      name: 'Arc',
    })
  })

  test('of a row that is absent or hidden are 404, not an empty list', async () => {
    expect(problemOf(await get(`/orders/${order2}/items`, { as: 'ann' }))).toEqual([
      '404 NOT_FOUND',
    ])
    expect(problemOf(await get('/products/4/items'))).toEqual(['404 NOT_FOUND'])
    expect((await get('/products/5/items')).body).toEqual({
      data: [],
      page: { next: null, previous: null },
    })
  })
})
