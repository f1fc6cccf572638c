// Rows related to a row, under its path: the list language of their resource, as if the list were filtered by the row.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, closeShop, openShop, problemOf, type Shop } from './support.ts'

let shop: Shop
const order1 = '00000000-0000-4000-8000-000000000001'
const asked = { as: 'ann' }
const get = (path: string) => call(shop, `GET /api${path}`, asked)
const related = (query: string) => get(`/orders/${order1}/items?${query}`)
/** The same rows by a filter on their own list. */
const filtered = (query: string) => get(`/order-items?orderId=${order1}&${query}`)

beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => closeShop(shop))

describe('the list of a row', () => {
  test.each([
    '',
    'limit=2',
    'limit=0',
    'limit=100',
    'offset=1',
    'offset=1&limit=1',
    'before=end',
    'before=end&limit=2',
    'sort=-quantity',
    'sort=product.name:nullsFirst,-line',
    'sort=product.category.name,line',
    'quantity[gt]=1',
    'quantity=5',
    'line[in]=1,3&quantity[lt]=2',
    'where={"product":{"name":{"startsWith":"B"}}}',
    'where={"OR":[{"line":{"eq":1}},{"quantity":{"gte":5}}]}',
    'count=exact',
    'count=exact&limit=1&quantity[gt]=1',
    'count=none',
    'fields=line',
    'fields=line,product.name,product.category.name',
    'include=product',
    'include=product.category&fields=line',
    'include=product.items&product.items.limit=1&product.items.sort=-line',
  ])('takes %s', async (query) => {
    const [one, other] = [await related(query), await filtered(query)]
    expect(one.status).toBe(200)
    expect(one.body).toEqual(other.body)
  })

  test('is paged by its cursors and by its links, forward and back', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('line', '-quantity', 'product.name', 'quantity,-line'),
        fc.integer({ min: 1, max: 3 }),
        fc.boolean(),
        async (sort, limit, backward) => {
          const whole = (await filtered(`sort=${sort}&limit=100`)).body.data
          const seen: unknown[] = []
          let url: string | undefined =
            `/api/orders/${order1}/items?sort=${sort}&limit=${limit}${backward ? '&before=end' : ''}`
          while (url !== undefined) {
            const page = await call(shop, `GET ${url}`, asked)
            if (backward) seen.unshift(...page.body.data)
            else seen.push(...page.body.data)
            url = new RegExp(`<([^>]+)>; rel="${backward ? 'prev' : 'next'}"`).exec(
              page.headers['link'] ?? '',
            )?.[1]
          }
          expect(seen).toEqual(whole)
        },
      ),
      { numRuns: 20 },
    )
  })

  test('continues where an included list has ended, at any depth', async () => {
    const { body } = await get(`/orders/${order1}?include=items&items.limit=1&items.sort=-quantity`)
    expect((await related(`sort=-quantity&after=${body.items.page.next}`)).body.data).toMatchObject(
      [{ line: 1 }, { line: 3 }],
    )
    const deep = await get(
      '/categories/2?fields=products.items.line&products.limit=1&products.items.limit=1',
    )
    expect(deep.body.products.data).toMatchObject([{ items: { data: [{ line: 1 }] } }])
    const { next } = (await get('/categories/1?include=products&products.limit=1')).body.products
      .page
    expect((await get(`/categories/1/products?after=${next}`)).body.data).toMatchObject([
      { name: 'Candle' },
    ])
    const { previous } = (await related(`sort=-quantity&before=end&limit=1`)).body.page
    expect(
      (await get(`/orders/${order1}?include=items&items.sort=-quantity&items.before=${previous}`))
        .body.items.data,
    ).toMatchObject([{ line: 2 }, { line: 1 }])
  })

  test('has an ETag, and is 304 for a valid copy', async () => {
    const { headers } = await related('limit=1')
    expect(
      (
        await call(shop, `GET /api/orders/${order1}/items?limit=1`, {
          ...asked,
          headers: { 'if-none-match': String(headers['etag']) },
        })
      ).status,
    ).toBe(304)
  })
})

describe('a wrong request for the list of a row is refused', () => {
  test.each<[query: string, expected: readonly string[]]>([
    ['limit=101', ['422 VALIDATION_FAILED', 'page items.limit too_big']],
    ['limit=x', ['422 VALIDATION_FAILED', 'page items.limit wrong_type']],
    ['offset=1&before=end', ['422 VALIDATION_FAILED', 'page items.offset conflict']],
    ['after=x', ['400 BAD_REQUEST', 'page items.after bad_cursor']],
    ['quantity=x', ['422 VALIDATION_FAILED', 'where items.quantity.eq wrong_type']],
    ['where={"nothing":{"eq":1}}', ['422 VALIDATION_FAILED', 'where items.nothing unknown_member']],
    ['sort=nothing', ['422 VALIDATION_FAILED', 'order items.0.nothing unknown_member']],
    ['fields=nothing', ['400 BAD_REQUEST', 'fields items.nothing unknown_member']],
    ['fields=product.cost', ['403 FORBIDDEN', 'fields items.product.cost forbidden']],
    [
      'where={"product":{"cost":{"gt":"1"}}}',
      ['403 FORBIDDEN', 'where items.product.cost forbidden'],
    ],
    ['nothing=1', ['400 BAD_REQUEST', 'document nothing unknown_parameter']],
    [
      'product.limit=1&include=product',
      ['400 BAD_REQUEST', 'document product.limit unknown_parameter'],
    ],
  ])('%s', async (query, expected) => {
    expect(problemOf(await related(query))).toEqual(expected)
  })

  test('a cursor of another order or another list', async () => {
    const { body } = await related('limit=1&sort=-quantity')
    expect(problemOf(await related(`after=${body.page.next}`))).toEqual([
      '400 BAD_REQUEST',
      'page items.after bad_cursor',
    ])
    const products = await get('/products?limit=1')
    expect(problemOf(await related(`after=${products.body.page.next}`))).toEqual([
      '400 BAD_REQUEST',
      'page items.after bad_cursor',
    ])
  })
})
