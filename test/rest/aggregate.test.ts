// Aggregates over REST: a list of groups in JSON by a query string, and wrong requests.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, closeShop, openShop, problemOf, type Shop } from './support.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => closeShop(shop))

const get = (path: string, asked = {}) => call(shop, `GET /api${path}`, asked)
const groups = async (path: string, asked = {}) => (await get(path, asked)).body

describe('groups', () => {
  test('without keys are one, of the rows that the caller may read, with a count by default', async () => {
    expect(await groups('/products/aggregate')).toEqual([{ count: 4 }])
    expect(await groups('/products/aggregate', { as: 'staff' })).toEqual([{ count: 5 }])
    expect(await groups('/orders/aggregate', { as: 'ann' })).toEqual([{ count: 2 }])
    expect(await groups('/orders/aggregate', { as: 'nobody' })).toEqual([{ count: 0 }])
  })

  test('have their key and the selected figures', async () => {
    expect(
      await groups(
        '/products/aggregate?groupBy=categoryId&fields=count,sum.price,avg.price,sum.sold,max.weight&sort=-sum.price',
      ),
    ).toEqual([
      {
        key: { categoryId: 2 },
        count: 2,
        sum: { price: '32.50', sold: '9007199254740993' },
        avg: { price: '16.2500000000000000' },
        max: { weight: 1.5 },
      },
      {
        key: { categoryId: 1 },
        count: 2,
        sum: { price: '4.20', sold: '5' },
        avg: { price: '2.1000000000000000' },
        max: { weight: null },
      },
    ])
    expect(
      await groups('/products/aggregate?groupBy=status,createdAtDay&fields=min.status'),
    ).toEqual([
      {
        key: { status: 'active', createdAtDay: '2026-11-23T00:00:00+00:00' },
        min: { status: 'active' },
      },
      {
        key: { status: 'sold out', createdAtDay: '2026-11-23T00:00:00+00:00' },
        min: { status: 'sold out' },
      },
    ])
  })

  test('take filters, in the short form too, also on columns with the names of parameters', async () => {
    expect(
      await groups('/products/aggregate?price[gte]=3&where={"category":{"name":{"eq":"Lamps"}}}'),
    ).toEqual([{ count: 2 }])
    expect(
      await groups('/products/aggregate?limit[eq]=3&fields=countDistinct.limit,sum.limit'),
    ).toEqual([{ countDistinct: { limit: 1 }, sum: { limit: '6' } }])
  })

  test('can be filtered, sorted and limited', async () => {
    expect(await groups('/orderItems/aggregate'.replace('orderItems', 'order-items'))).toEqual([
      { count: 4 },
    ])
    const path = '/order-items/aggregate?groupBy=productId&fields=sum.quantity'
    expect(await groups(`${path}&having={"sum":{"quantity":{"gte":"2"}}}`)).toEqual([
      { key: { productId: 1 }, sum: { quantity: '2' } },
      { key: { productId: 2 }, sum: { quantity: '5' } },
    ])
    expect(await groups(`${path}&sort=-sum.quantity,-key.productId&limit=2`)).toEqual([
      { key: { productId: 2 }, sum: { quantity: '5' } },
      { key: { productId: 1 }, sum: { quantity: '2' } },
    ])
    expect(await groups(`${path}&sort=-sum.quantity,-key.productId&limit=2&offset=3`)).toEqual([
      { key: { productId: 3 }, sum: { quantity: '1' } },
    ])
    expect(await groups(`${path}&limit=0`)).toEqual([])
  })

  test('have an ETag, and are served by GET only', async () => {
    const { headers } = await get('/products/aggregate')
    expect(headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      vary: expect.stringContaining('Authorization'),
    })
    expect(
      (await get('/products/aggregate', { headers: { 'if-none-match': headers['etag'] } })).status,
    ).toBe(304)
    const posted = await call(shop, 'POST /api/products/aggregate', { body: {} })
    expect([posted.status, posted.headers['allow']]).toEqual([405, 'GET, HEAD, OPTIONS'])
    expect((await get('/feedbacks/aggregate')).status).toBe(404)
  })
})

describe('a request that cannot be read', () => {
  test.each([
    ['include=category', 'document include unknown_parameter'],
    ['after=x', 'document after unknown_parameter'],
    ['count=exact', 'document count unknown_parameter'],
    ['groupby=status', 'document groupby unknown_parameter'],
    ['aggregate=count', 'document aggregate unknown_parameter'],
    ['groupBy=status&groupBy=id', 'document groupBy repeated_parameter'],
    ['having={', 'document having malformed_json'],
    ['having={"count":{"eq":1,"eq":2}}', 'document having.count.eq duplicate_key'],
    ['fields=', 'document fields malformed_list'],
    ['fields=count,', 'document fields malformed_list'],
    ['sort=count:desc', 'document sort malformed_sort'],
    ['fields=price', 'fields price unknown_member'],
    ['fields=sum.name', 'fields sum.name unknown_member'],
    ['fields=sum.__proto__', 'fields sum.__proto__ unknown_member'],
    ['fields=constructor', 'fields constructor unknown_member'],
    ['fields=key', 'fields key unknown_member'],
  ])('%s', async (query, issue) => {
    expect(problemOf(await get(`/products/aggregate?${query}`))).toEqual(['400 BAD_REQUEST', issue])
  })

  test('gets the list of allowed names', async () => {
    const { body } = await get('/products/aggregate?first=1')
    expect(body.issues[0].message).toMatch(
      /where, groupBy, fields, having, sort, limit, offset, .*price/,
    )
    expect((await get('/products/aggregate?fields=avg.name')).body.issues[0].message).toContain(
      'count, countDistinct.id,',
    )
  })
})

describe('a request of the wrong shape', () => {
  test.each([
    ['groupBy=foo', 'key 0 wrong_type'],
    ['groupBy=status,', 'key 1 wrong_type'],
    ['groupBy=status,status', 'key  wrong_type'],
    ['groupBy=category.name', 'key 0 wrong_type'],
    ['groupBy=createdAtQuarter', 'key 0 wrong_type'],
    ['having=[]', 'where having wrong_type'],
    ['having={"count":{"gte":"2"}}', 'where having.count.gte wrong_type'],
    ['having={"sum":{"price":{"gte":2}}}', 'where having.sum.price.gte wrong_type'],
    ['having={"sum":{"price":{"like":"2"}}}', 'where having.sum.price.like unknown_member'],
    ['having={"sum":{"name":{"eq":"x"}}}', 'where having.sum.name unknown_member'],
    ['having={"OR":[{"min":{}}]}', 'where having.OR.0.min wrong_type'],
    ['where={"foo":1}', 'where foo unknown_member'],
    ['price[gte]=abc', 'where price.gte wrong_type'],
    ['sort=price', 'order 0.price unknown_member'],
    ['sort=-sum.name', 'order 0.sum.name unknown_member'],
    ['sort=sum', 'order 0.sum wrong_type'],
    ['sort=key.status', 'order 0.key.status not_grouped'],
    ['fields=key.status', 'fields key.status not_grouped'],
    ['limit=1001', 'page limit too_big'],
    ['limit=-1', 'page limit wrong_type'],
    ['limit=', 'page limit wrong_type'],
    ['offset=x', 'page offset wrong_type'],
  ])('%s', async (query, issue) => {
    expect(problemOf(await get(`/products/aggregate?${query}`))).toEqual([
      '422 VALIDATION_FAILED',
      issue,
    ])
  })
})

test('fields that the caller may not read are refused in every place, all at once', async () => {
  const query =
    'groupBy=cost&fields=sum.cost&having={"avg":{"cost":{"gt":"1"}}}&sort=-max.cost&cost[isNull]=false'
  const issues = [
    'where cost',
    'key 0',
    'fields sum.cost',
    'where having.avg.cost',
    'order 0.max.cost',
  ]
  expect(problemOf(await get(`/products/aggregate?${query}`))).toEqual([
    '401 UNAUTHENTICATED',
    ...issues.map((issue) => `${issue} unauthenticated`),
  ])
  expect(problemOf(await get(`/products/aggregate?${query}`, { as: 'ann' }))).toEqual([
    '403 FORBIDDEN',
    ...issues.map((issue) => `${issue} forbidden`),
  ])
  expect(await groups(`/products/aggregate?${query}`, { as: 'staff' })).toEqual(
    [50, 9, 7].map((cost) => expect.objectContaining({ sum: { cost: `${cost}.00` } })),
  )
  expect(problemOf(await get('/orders/aggregate'))).toEqual(['401 UNAUTHENTICATED'])
})
