// Wrong requests over REST: each gets the documented error with its path; no parameter is ignored, cut or coerced.
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sendRaw } from '../server/support.ts'
import { call, closeShop, openShop, problemOf, type Shop } from './support.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => closeShop(shop))

const get = (path: string, asked = {}) => call(shop, `GET /api${path}`, asked)

describe('the query string cannot be read', () => {
  test.each([
    ['/products?foo=1', 'foo unknown_parameter'],
    ['/products?Limit=1', 'Limit unknown_parameter'],
    ['/products?first=1', 'first unknown_parameter'],
    ['/products?page[size]=1', 'page[size] unknown_parameter'],
    ['/products?price[foo]=1', 'price[foo] unknown_parameter'],
    ['/products?price[gte][x]=1', 'price[gte][x] unknown_parameter'],
    ['/products?price[]=1', 'price[] unknown_parameter'],
    ['/products?price[gte=1', 'price[gte unknown_parameter'],
    ['/products?attributes=1', 'attributes unknown_parameter'],
    ['/products?category.name=Lamps', 'category.name unknown_parameter'],
    ['/products?where={"__proto__":{"eq":1}}', 'where.__proto__ forbidden_key'],
    ['/products?__proto__=1', '__proto__ unknown_parameter'],
    ['/products?constructor[name]=1', 'constructor[name] unknown_parameter'],
    ['/products?price[__proto__]=1', 'price[__proto__] unknown_parameter'],
    ['/products?=1', ' unknown_parameter'],
    ['/products?limit=1&limit=1', 'limit repeated_parameter'],
    ['/products?name=a&name=b', 'name repeated_parameter'],
    ['/products?name=a&name[eq]=b', 'name[eq] repeated_parameter'],
    ['/products?li%6Dit=1&limit=1', 'limit repeated_parameter'],
    ['/products?where={', 'where malformed_json'],
    ['/products?where=', 'where malformed_json'],
    ['/products?where={"name":{"eq":"a","eq":"b"}}', 'where.name.eq duplicate_key'],
    ['/products?attributes[contains]={', 'attributes[contains] malformed_json'],
    [
      '/products?attributes[path]={"at":["a"],"at":["b"],"eq":1}',
      'attributes[path].at duplicate_key',
    ],
    ['/products?attributes[eq]=1', 'attributes[eq] unknown_parameter'],
    ['/products?name[in]="a', 'name[in] malformed_list'],
    ['/products?name[in]="a"b', 'name[in] malformed_list'],
    ['/products?sort=', 'sort malformed_sort'],
    ['/products?sort=+price', 'sort malformed_sort'],
    ['/products?sort=--price', 'sort malformed_sort'],
    ['/products?sort=price:desc', 'sort malformed_sort'],
    ['/products?sort=price,', 'sort malformed_sort'],
    ['/products?count=1', 'count invalid_parameter'],
    ['/products?count=constructor', 'count invalid_parameter'],
    ['/products?fields=', 'fields malformed_list'],
    ['/products?fields=id,,name', 'fields malformed_list'],
    ['/products?fields=id name', 'fields malformed_list'],
    ['/products?include=items.', 'include malformed_list'],
    ['/products?items.limit=1', 'items.limit unknown_parameter'],
    ['/products?include=items&items.foo=1', 'items.foo unknown_parameter'],
    ['/products?include=items&items.quantity[gt]=1', 'items.quantity[gt] unknown_parameter'],
    ['/products?include=category&category.limit=1', 'category.limit unknown_parameter'],
    ['/products?include=items&items.where={', 'items.where malformed_json'],
    ['/products?include=items&items.count=all', 'items.count invalid_parameter'],
    ['/products/1?limit=1', 'limit unknown_parameter'],
    ['/products/1/category?sort=name', 'sort unknown_parameter'],
    ['/products/by/sku/L-1?name=Arc', 'name unknown_parameter'],
    ['/echo/a?loud=true&shout=1', 'shout unknown_parameter'],
    ['/echo/a?word=b', 'word unknown_parameter'],
    ['/echo/a?fields=heard', 'fields unknown_parameter'],
    ['/echo/a?deep={"x":1,"x":2}', 'deep.x duplicate_key'],
    ['/echo/a?list="a', 'list malformed_value'],
  ])('%s', async (path, issue) => {
    expect(problemOf(await get(path))).toEqual(['400 BAD_REQUEST', `document ${issue}`])
  })

  test('all faults are reported at once, with the list of allowed names', async () => {
    const reply = await get('/products?foo=1&sort=&count=2')
    expect(problemOf(reply)).toHaveLength(4)
    expect(
      reply.body.issues.find((issue: { path: string[] }) => issue.path[0] === 'foo').message,
    ).toMatch(
      /where, sort, distinctOn, limit, after, before, offset, count, fields, include.*price/,
    )
    expect((await get('/products?price[foo]=1')).body.issues[0].message).toContain('price[gte]')
  })

  test.each([
    '/products?name=%FF',
    '/products?name=%',
    '/products?%zz=1',
    '/products?name=%C0%80',
    '/products?name=%ED%A0%80',
  ])('%s is refused as invalid UTF-8', async (path) => {
    expect(problemOf(await get(path))).toEqual(['400 BAD_REQUEST'])
  })
})

describe('the request does not have the shape, at the path that GraphQL has', () => {
  test.each([
    ['price[gte]=abc', 'where price.gte wrong_type'],
    ['price=1e3', 'where price.eq wrong_type'],
    ['price=', 'where price.eq wrong_type'],
    ['id=0x10', 'where id.eq wrong_type'],
    ['id=1.0', 'where id.eq wrong_type'],
    ['id=', 'where id.eq wrong_type'],
    ['id=+1', 'where id.eq wrong_type'],
    ['id[in]=1,x', 'where id.in.1 wrong_type'],
    ['id[in]=1,', 'where id.in.1 wrong_type'],
    ['fragile=1', 'where fragile.eq wrong_type'],
    ['fragile=TRUE', 'where fragile.eq wrong_type'],
    ['weight[isNull]=yes', 'where weight.isNull wrong_type'],
    ['weight=0x1', 'where weight.eq wrong_type'],
    ['weight=.5', 'where weight.eq wrong_type'],
    ['status=gone', 'where status.eq wrong_type'],
    ['name=%00', 'where name.eq wrong_type'],
    ['createdAt=2026-02-31T00:00:00Z', 'where createdAt.eq wrong_type'],
    ['where={"foo":1}', 'where foo unknown_member'],
    ['where={"price":{}}', 'where price wrong_type'],
    ['where={"price":{"eq":null}}', 'where price.eq wrong_type'],
    ['where={"price":{"eq":10}}', 'where price.eq wrong_type'],
    ['where=[]', 'where  wrong_type'],
    ['where=null', 'where  wrong_type'],
    ['where={"price":{"gte":"x"}}&name=a', 'where AND.0.price.gte wrong_type'],
    ['attributes[contains]=null', 'where attributes.contains wrong_type'],
    ['attributes[path]={"at":["a"]}', 'where attributes.path wrong_type'],
    ['attributes[path]={"eq":1}', 'where attributes.path.at required'],
    ['attributes[path]={"at":["a"],"gt":[]}', 'where attributes.path.gt wrong_type'],
    ['where={"items":{"count":{}}}', 'where items.count wrong_type'],
    ['where={"items":{"count":{"gt":"1"}}}', 'where items.count.gt wrong_type'],
    ['distinctOn=foo', 'order distinctOn.0 wrong_type'],
    ['distinctOn=name', 'order distinctOn conflict'],
    ['distinctOn=name&sort=price,name', 'order distinctOn conflict'],
    ['include=items&items.distinctOn=line', 'order items.distinctOn conflict'],
    ['sort=items.count.x', 'order 0.items.count wrong_type'],
    ['sort=foo', 'order 0.foo unknown_member'],
    ['sort=price,category.foo', 'order 1.category.foo unknown_member'],
    ['sort=tags', 'order 0.tags unknown_member'],
    ['sort=items.line', 'order 0.items.line unknown_member'],
    ['limit=6', 'page limit too_big'],
    ['limit=-1', 'page limit wrong_type'],
    ['limit=1e1', 'page limit wrong_type'],
    ['limit=', 'page limit wrong_type'],
    ['offset=x', 'page offset wrong_type'],
    ['limit=2&before=end&offset=1', 'page offset conflict'],
    ['include=items&items.where={"foo":1}', 'where items.foo unknown_member'],
    ['include=items&items.sort=foo', 'order items.0.foo unknown_member'],
    ['include=items&items.limit=1000', 'page items.limit too_big'],
  ])('%s', async (query, issue) => {
    expect(problemOf(await get(`/products?${query}`)).slice(0, 2)).toEqual([
      '422 VALIDATION_FAILED',
      issue,
    ])
  })

  test.each([
    ['fields=foo', 'foo'],
    ['fields=category', 'category'],
    ['fields=category.foo', 'category.foo'],
    ['fields=foo.bar', 'foo'],
    ['include=foo', 'foo'],
    ['include=items.foo', 'items.foo'],
    ['fields=constructor', 'constructor'],
    ['include=constructor', 'constructor'],
  ])('an unknown field or relation is refused: %s', async (query, path) => {
    expect(problemOf(await get(`/products?${query}`))).toEqual([
      '400 BAD_REQUEST',
      `fields ${path} unknown_member`,
    ])
  })

  test('a forged cursor is refused', async () => {
    expect(problemOf(await get('/products?after=abc'))[0]).toBe('400 BAD_REQUEST')
    const { body } = await get('/products?limit=1&sort=name')
    expect(problemOf(await get(`/products?sort=price&after=${body.page.next}`))[0]).toBe(
      '400 BAD_REQUEST',
    )
  })

  test('too deep is TOO_COMPLEX', async () => {
    const path = Array.from({ length: 9 }, (_, i) => (i % 2 === 0 ? 'category' : 'products')).join(
      '.',
    )
    expect(problemOf(await get(`/products?include=${path}`))).toEqual(['400 TOO_COMPLEX'])
  })
})

test('a field that the caller may not read is refused in a filter and an order', async () => {
  expect(problemOf(await get('/products?cost[gte]=1'))).toEqual([
    '401 UNAUTHENTICATED',
    'where cost unauthenticated',
  ])
  expect(problemOf(await get('/products?sort=cost', { as: 'ann' }))[0]).toBe('403 FORBIDDEN')
  expect((await get('/products?cost[gte]=8&fields=name', { as: 'staff' })).body.data).toEqual([
    { name: 'Draft' },
    { name: 'Ember' },
  ])
})

describe('HTTP', () => {
  test('a wrong method is 405 with Allow, and OPTIONS answers the same methods', async () => {
    for (const [what, allow] of [
      ['PUT /api/products', 'DELETE, GET, HEAD, OPTIONS, PATCH, POST'],
      ['PUT /api/order-items', 'GET, HEAD, OPTIONS, POST'],
      ['POST /api/products/1', 'DELETE, GET, HEAD, OPTIONS, PATCH'],
      ['DELETE /api/products/1/items', 'GET, HEAD, OPTIONS'],
      ['GET /api/memory', 'DELETE, OPTIONS'],
      ['GET /api/feedbacks', 'OPTIONS, POST'],
    ] as const) {
      const reply = await call(shop, what)
      expect(problemOf(reply), what).toEqual(['405 METHOD_NOT_ALLOWED'])
      expect(reply.headers['allow']).toBe(allow)
    }
    const options = await call(shop, 'OPTIONS /api/products/1')
    expect([options.status, options.headers['allow'], options.headers['accept-patch']]).toEqual([
      204,
      'DELETE, GET, HEAD, OPTIONS, PATCH',
      'application/merge-patch+json, application/json',
    ])
    expect((await call(shop, 'OPTIONS /api/order-items')).headers['allow']).toBe(
      'GET, HEAD, OPTIONS, POST',
    )
  })

  test('the absolute form of a URL is the same request', async () => {
    await shop.app.listen({ port: 0, host: '127.0.0.1' })
    const { port } = shop.app.server.address() as AddressInfo // of a listening TCP server
    const answer = await sendRaw(
      port,
      'GET http://shop.example/api/words/a,b?fields=word HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n',
    )
    expect(answer).toMatch(/^HTTP\/1.1 200 /)
    expect(answer).toContain('{"word":"a,b"}')
    const page = await sendRaw(
      port,
      'GET http://shop.example/api/words?limit=1 HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n',
    )
    expect(page).toContain('link: </api/words?limit=1&after=')
  })

  test('an unknown path is a 404 Problem', async () => {
    for (const path of [
      '/',
      '/nothing',
      '/products/',
      '/products/1/',
      '/products/1/nothing',
      '/Products',
      '/products/by/name/x',
      '/never',
      '/products//1',
    ]) {
      expect(problemOf(await get(path)), path).toEqual(['404 NOT_FOUND'])
    }
  })

  test.each([
    [undefined, 200],
    ['*/*', 200],
    ['application/*', 200],
    ['application/json', 200],
    ['application/json; charset=utf-8', 200],
    ['text/html, application/json;q=0.1', 200],
    ['TEXT/html, APPLICATION/JSON', 200],
    ['application/json;q=0, */*', 406],
    ['text/html', 406],
    ['text/csv', 406],
    ['application/xml;q=0.9', 406],
    ['application/json;q=0', 406],
    ['application/json;profile="x"', 200],
    ['application/json;charset=latin1', 200],
  ])('Accept: %s is %i', async (accept, status) => {
    const reply = await get('/products/1', { headers: accept === undefined ? {} : { accept } })
    expect(reply.status).toBe(status)
    if (status === 406) expect(problemOf(reply)).toEqual(['406 NOT_ACCEPTABLE'])
  })

  test('answers vary by credentials and Accept, errors too', async () => {
    expect((await get('/products/1')).headers['vary']).toBe('Authorization, X-API-Key, Accept')
    expect((await get('/products/77')).headers['vary']).toBe('Authorization, X-API-Key, Accept')
  })

  test('CORS is in Vary, and preflights are answered', async () => {
    const open = await openShop({
      env: { CORS_ORIGINS: 'https://shop.example,https://other.example' },
    })
    const reply = await call(open, 'GET /api/products/1', {
      headers: { origin: 'https://shop.example' },
    })
    expect(reply.headers['vary']).toBe('Origin, Authorization, X-API-Key, Accept')
    expect(reply.headers['access-control-allow-origin']).toBe('https://shop.example')
    const preflight = await call(open, 'OPTIONS /api/products/1', {
      headers: { origin: 'https://shop.example', 'access-control-request-method': 'PATCH' },
    })
    expect(preflight.headers['access-control-allow-methods']).toContain('PATCH')
    await closeShop(open)
  })

  test('a weak ETag of the body answers 304 for a valid copy', async () => {
    const { etag } = (await get('/products/1')).headers
    expect(etag).toMatch(/^W\/"[\w-]{27}"$/)
    for (const known of [etag, `"x", ${etag}`, String(etag).slice(2), '*']) {
      const reply = await get('/products/1', { headers: { 'if-none-match': String(known) } })
      expect([reply.status, reply.text, reply.headers['etag']], String(known)).toEqual([
        304,
        '',
        etag,
      ])
    }
    expect((await get('/products/1', { headers: { 'if-none-match': 'W/"other"' } })).status).toBe(
      200,
    )
    expect(
      (await get('/products/1', { as: 'staff', headers: { 'if-none-match': String(etag) } }))
        .status,
    ).toBe(200)
    expect((await get('/products/77', { headers: { 'if-none-match': '*' } })).status).toBe(404)
  })

  test('tags that cannot be parsed are refused without revealing the row', async () => {
    for (const path of ['/products/1', '/products?limit=1']) {
      const reply = await get(path, { headers: { 'if-none-match': 'x' } })
      expect([...problemOf(reply), reply.headers['etag'], reply.headers['link']], path).toEqual([
        '400 BAD_REQUEST',
        'document if-none-match malformed_header',
        undefined,
        undefined,
      ])
    }
  })

  test('HEAD is GET without the body', async () => {
    const [got, head] = [
      await get('/products?limit=1'),
      await call(shop, 'HEAD /api/products?limit=1'),
    ]
    expect(head.text).toBe('')
    for (const name of ['etag', 'link', 'content-type', 'content-length', 'vary'])
      expect(head.headers[name], name).toBe(got.headers[name])
    expect((await call(shop, 'HEAD /api/products/77')).status).toBe(404)
  })

  test.each([
    ['DELETE', 'if-unmodified-since'],
    ['DELETE', 'if-none-match'],
    ['GET', 'idempotency-key'],
    ['GET', 'if-match'],
  ])('%s with %s is refused as unsupported', async (method, name) => {
    expect(
      problemOf(await call(shop, `${method} /api/products/1`, { headers: { [name]: '"x"' } })),
    ).toEqual(['400 BAD_REQUEST', `document ${name} unkept_header`])
  })
})
