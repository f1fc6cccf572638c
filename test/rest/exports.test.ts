// Exports: a list whole, as CSV or as NDJSON, with the filter, order and fields of the list.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, closeShop, openShop, problemOf, type Shop } from './support.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => closeShop(shop))

const order1 = '00000000-0000-4000-8000-000000000001'
const csv = { headers: { accept: 'text/csv' } }
const ndjson = { headers: { accept: 'application/x-ndjson' } }
const staff = { as: 'staff' }

describe('NDJSON', () => {
  test("has each row's JSON of the list on a line, for all rows", async () => {
    const reply = await call(
      shop,
      'GET /api/products?sort=-price&include=category,items&items.limit=1',
      { ...staff, ...ndjson },
    )
    const list = await call(
      shop,
      'GET /api/products?sort=-price&include=category,items&items.limit=1&limit=5',
      staff,
    )
    expect(reply.status).toBe(200)
    expect(reply.headers).toMatchObject({
      'content-type': 'application/x-ndjson',
      'content-disposition': 'attachment; filename="products.ndjson"',
      'cache-control': 'no-store',
    })
    expect(reply.headers).not.toHaveProperty('etag')
    expect(
      `{"data":[${reply.text.trimEnd().split('\n').join(',')}],"page":{"next":null,"previous":null}}`,
    ).toBe(list.text)
    expect(reply.text.endsWith('}\n')).toBe(true)
  })

  test('is empty for no rows', async () => {
    expect((await call(shop, 'GET /api/products?name=none', ndjson)).text).toBe('')
  })
})

describe('CSV', () => {
  test('has a header line, empty cells for null, to-one fields by a dotted name, and to-many and JSON as JSON', async () => {
    const reply = await call(
      shop,
      'GET /api/products?fields=id,sku,weight,tags,attributes,cost,fragile,createdAt,category.name,category.parent.name,items.quantity&items.limit=1',
      { ...staff, ...csv },
    )
    expect(reply.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="products.csv"',
    })
    expect(reply.text.split('\r\n')).toEqual([
      'id,sku,cost,weight,tags,attributes,fragile,createdAt,category.name,category.parent.name,items',
      '1,L-1,7.00,1.5,"[""oak"",""a,b""]","{""a"": [1.10, null], ""b"": 1}",true,2026-11-23T10:00:00.123456+00:00,Lamps,Light,"{""data"":[{""quantity"":2}],""page"":{""next"":null,""previous"":null}}"',
      '2,L/2,1.00,,[],,false,2026-11-23T10:00:00.123456+00:00,Light,,"{""data"":[{""quantity"":5}],""page"":{""next"":null,""previous"":null}}"',
      '3,"L,3",,,"[""oak""]",,false,2026-11-23T10:00:00.123456+00:00,Light,,"{""data"":[{""quantity"":1}],""page"":{""next"":null,""previous"":null}}"',
      '4,D-4,50.00,,[],,false,2026-11-23T10:00:00.123456+00:00,Light,,"{""data"":[{""quantity"":1}],""page"":{""next"":null,""previous"":null}}"',
      '5,é 5,9.00,0.1,[],,false,2026-11-23T10:00:00.123456+00:00,Lamps,Light,"{""data"":[],""page"":{""next"":null,""previous"":null}}"',
      '',
    ])
  })

  test('is the header line for no rows', async () => {
    expect((await call(shop, 'GET /api/products?name=none&fields=id,name', csv)).text).toBe(
      'id,name\r\n',
    )
  })

  test('quotes cells where needed, distinguishes null from an empty text, and prevents formulas', async () => {
    const notes = [
      '',
      null,
      'a,b',
      '"q"',
      'a\nb',
      '=1+1',
      '+49',
      '-',
      '@x',
      '\tx',
      '＝1',
      ' x ',
      'null',
      'é🎉\\',
    ]
    const customers = notes.map((_, i) => `c${String(i).padStart(2, '0')}`)
    for (const [i, note] of notes.entries())
      await shop.database.query({
        text: 'insert into orders (customer, note) values ($1, $2)',
        values: [customers[i], note],
      })
    const reply = await call(
      shop,
      'GET /api/orders?customer[startsWith]=c&sort=customer&fields=note,customer',
      { ...staff, ...csv },
    )
    expect(reply.text).toBe(
      [
        'customer,note',
        ...customers.map(
          (customer, i) =>
            `${customer},${
              [
                '""',
                '',
                '"a,b"',
                '"""q"""',
                '"a\nb"',
                "'=1+1",
                "'+49",
                "'-",
                "'@x",
                "'\tx",
                "'＝1",
                ' x ',
                'null',
                'é🎉\\',
              ][i]
            }`,
        ),
        '',
      ].join('\r\n'),
    )
    const alone = await call(
      shop,
      'GET /api/orders?customer[in]=c00,c01,c02&sort=customer&fields=note',
      { ...staff, ...csv },
    )
    expect(alone.text).toBe('note\r\n""\r\n""\r\n"a,b"\r\n')
    await shop.database.query({ text: 'delete from orders where customer like $1', values: ['c%'] })
  })
})

describe('an export', () => {
  test('takes filter, order, limit, offset and a cursor', async () => {
    const ids = async (query: string) =>
      (await call(shop, `GET /api/products?fields=id&${query}`, { ...staff, ...csv })).text
        .trimEnd()
        .split('\r\n')
        .slice(1)
        .map(Number)
    expect(await ids('')).toEqual([1, 2, 3, 4, 5])
    expect(await ids('limit=2')).toEqual([1, 2])
    expect(await ids('limit=1000')).toEqual([1, 2, 3, 4, 5]) // more than a page may have
    expect(await ids('limit=0')).toEqual([])
    expect(await ids('sort=-id&offset=1&limit=2')).toEqual([4, 3])
    expect(await ids('price[lt]=10&sort=name')).toEqual([2, 3])
    const { body } = await call(shop, 'GET /api/products?limit=2', staff)
    expect(await ids(`after=${body.page.next}`)).toEqual([3, 4, 5])
  })

  test('of a list request in a body', async () => {
    const reply = await call(shop, 'POST /api/products/query', {
      ...csv,
      body: { where: { price: { lt: '10' } }, fields: ['name'], sort: '-name' },
    })
    expect(reply.text).toBe('name\r\nCandle\r\nBulb\r\n')
  })

  test('of rows related to a row', async () => {
    const items = (order: string, query = '', as = 'ann') =>
      call(shop, `GET /api/orders/${order}/items?${query}`, { as, ...csv })
    const reply = await items(
      order1,
      'sort=-quantity&fields=line,product.name,product.items.line&product.items.limit=1',
    )
    expect(reply.headers['content-disposition']).toBe('attachment; filename="items.csv"')
    expect(reply.text.split('\r\n').map((line) => line.split(',', 2).join())).toEqual([
      'line,product.name',
      '2,Bulb',
      '1,Arc',
      '3,Candle',
      '',
    ])
    expect((await items(order1, 'fields=line&limit=1&offset=1')).text).toBe('line\r\n2\r\n')
    expect((await items(order1, 'fields=line&line[gt]=2')).text).toBe('line\r\n3\r\n')
    expect((await items('00000000-0000-4000-8000-000000000003', 'fields=line')).text).toBe(
      'line\r\n',
    )
    expect((await items(order1, 'fields=line&limit=0')).text).toBe('line\r\n')
    expect(problemOf(await items(order1, '', 'bob'))).toEqual(['404 NOT_FOUND'])
    const posted = await call(shop, `POST /api/orders/${order1}/items/query`, {
      as: 'ann',
      ...ndjson,
      body: { fields: 'line', sort: '-line' },
    })
    expect(posted.text).toBe('{"line":3}\n{"line":2}\n{"line":1}\n')
  })

  test.each([50, 150])('of %i related rows has all of them', async (rows) => {
    await shop.database.query({
      text: `insert into order_items (order_id, line, product_id) select $1::uuid, 100 + i, 1 from generate_series(1, ${rows} - 3) as i`,
      values: [order1],
    })
    const { text } = await call(shop, `GET /api/orders/${order1}/items?fields=line`, {
      as: 'ann',
      ...csv,
    })
    await shop.database.query({ text: 'delete from order_items where line > 100', values: [] })
    expect(text.trimEnd().split('\r\n')).toEqual([
      'line',
      '1',
      '2',
      '3',
      ...Array.from({ length: rows - 3 }, (_, i) => String(101 + i)),
    ])
    expect(text).toMatch(/\d\r\n$/)
  })

  test('has only the rows and fields that the caller may read', async () => {
    expect((await call(shop, 'GET /api/products?fields=id', csv)).text).toBe(
      'id\r\n1\r\n2\r\n3\r\n5\r\n',
    )
    expect((await call(shop, 'GET /api/products', csv)).text.split('\r\n')[0]).not.toContain('cost')
    expect(
      (await call(shop, 'GET /api/products', { ...staff, ...csv })).text.split('\r\n')[0],
    ).toContain('cost')
    expect(problemOf(await call(shop, 'GET /api/products?fields=cost', csv))).toEqual([
      '401 UNAUTHENTICATED',
      'fields cost unauthenticated',
    ])
    expect(problemOf(await call(shop, 'GET /api/orders', csv))).toEqual(['401 UNAUTHENTICATED'])
    expect((await call(shop, 'GET /api/orders?fields=customer', { as: 'bob', ...csv })).text).toBe(
      'customer\r\nbob\r\n',
    )
  })

  test.each<[query: string, expected: readonly string[]]>([
    ['before=end', ['422 VALIDATION_FAILED', 'page before conflict']],
    ['count=exact', ['400 BAD_REQUEST', 'document count conflict']],
    ['include=items&items.count=estimated', ['400 BAD_REQUEST', 'document count conflict']],
    ['limit=x', ['422 VALIDATION_FAILED', 'page limit wrong_type']],
    ['limit=-1', ['422 VALIDATION_FAILED', 'page limit wrong_type']],
    ['include=items&items.limit=101', ['422 VALIDATION_FAILED', 'page items.limit too_big']],
    ['nothing=1', ['400 BAD_REQUEST', 'document nothing unknown_parameter']],
    ['where={"nothing":{}}', ['422 VALIDATION_FAILED', 'where nothing unknown_member']],
  ])('refuses %s with a status, before any row', async (query, expected) => {
    expect(problemOf(await call(shop, `GET /api/products?${query}`, csv))).toEqual(expected)
    expect(problemOf(await call(shop, `GET /api/products?${query}`, ndjson))).toEqual(expected)
  })

  test('by HEAD has the headers only', async () => {
    const reply = await call(shop, 'HEAD /api/products', csv)
    expect([reply.status, reply.headers['content-type'], reply.text]).toEqual([
      200,
      'text/csv; charset=utf-8; header=present',
      '',
    ])
  })
})

describe('Accept', () => {
  test.each<[accept: string, type: string]>([
    ['*/*', 'application/json'],
    ['application/*', 'application/json'],
    ['text/*', 'text/csv'],
    ['text/csv', 'text/csv'],
    ['TEXT/CSV; charset=UTF-8', 'text/csv'],
    ['text/csv;header=present', 'text/csv'],
    ['application/x-ndjson', 'application/x-ndjson'],
    ['text/csv, application/json', 'application/json'],
    ['text/csv, application/json;q=0.9', 'text/csv'],
    ['text/csv, */*', 'text/csv'],
    ['text/html, */*;q=0.8', 'application/json'],
    ['application/json;q=0.2, application/x-ndjson;q=0.3, text/csv;q=0.1', 'application/x-ndjson'],
    ['*/*, application/json;q=0', 'text/csv'],
    ['', 'application/json'],
    ['text/csv;header=absent', 'text/csv'],
    ['text/csv;charset=latin1', 'text/csv'],
  ])('%s is answered with %s', async (accept, type) => {
    expect(
      (await call(shop, 'GET /api/products?limit=1', { headers: { accept } })).headers[
        'content-type'
      ],
    ).toMatch(new RegExp(`^${type}(;|$)`))
  })

  test.each(['text/html', 'text/csv;q=0', 'application/xml, text/csv;q=0'])(
    '%s is not',
    async (accept) => {
      const reply = await call(shop, 'GET /api/products', { headers: { accept } })
      expect(problemOf(reply)).toEqual(['406 NOT_ACCEPTABLE'])
      expect(reply.body.detail).toBe(
        'Answers are application/json, text/csv, application/x-ndjson, errors application/problem+json.',
      )
    },
  )

  test.each([
    'GET /api/products/1',
    'GET /api/products/1/category',
    'GET /api/dearest',
    'DELETE /api/products/1',
    'POST /api/words',
  ])('%s is refused for a route that is not a list', async (what) => {
    expect(
      problemOf(
        await call(shop, what, { ...csv, ...(what.startsWith('POST') ? { body: {} } : {}) }),
      ),
    ).toEqual(['406 NOT_ACCEPTABLE'])
  })

  test('Vary names Accept', async () => {
    expect((await call(shop, 'GET /api/products', csv)).headers['vary']).toContain('Accept')
  })
})
