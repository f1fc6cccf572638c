// Writing over REST: create, update, delete and the team's own operations, their answers and errors.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, closeShop, openShop, problemOf, type Shop } from './support.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => closeShop(shop))

const order1 = '00000000-0000-4000-8000-000000000001'
const product = { sku: 'N-1', name: 'New', price: '1.00', categoryId: 1 }
const create = (body: unknown, asked = {}) => call(shop, 'POST /api/products', { body, ...asked })

describe('create', () => {
  test('answers the row and its Location', async () => {
    const reply = await create({
      ...product,
      sku: 'C-1',
      tags: ['x', null],
      attributes: { a: 1 },
      sold: '5',
    })
    expect(reply.status).toBe(201)
    expect(reply.headers['location']).toBe(`/api/products/${reply.body.id}`)
    expect(reply.body).toMatchObject({
      sku: 'C-1',
      price: '1.00',
      tags: ['x', null],
      attributes: { a: 1 },
      sold: '5',
      status: 'active',
      label: 'C-1: New',
    })
    expect((await call(shop, `GET ${reply.headers['location']}`)).body).toEqual(reply.body)
  })

  test('answers no content for a row that its writer may not read', async () => {
    const hidden = await create({ ...product, sku: 'C-2', status: 'draft' })
    expect([hidden.status, hidden.text, hidden.headers['location']]).toEqual([201, '', undefined])
    const feedback = await call(shop, 'POST /api/feedbacks', { body: { message: 'Nice.' } })
    expect([feedback.status, feedback.text, feedback.headers['location']]).toEqual([
      201,
      '',
      undefined,
    ])
  })

  test('encodes the Location of a row with a text or composite key', async () => {
    const word = await call(shop, 'POST /api/words', {
      body: { word: 'ü/ ,%', language: 'de', rank: 9 },
    })
    expect(word.headers['location']).toBe('/api/words/%C3%BC%2F%20%2C%25')
    expect((await call(shop, `GET ${word.headers['location']}`)).body.word).toBe('ü/ ,%')
    const item = await call(shop, 'POST /api/order-items', {
      as: 'ann',
      body: { orderId: order1, line: 9, productId: 1 },
    })
    expect(item.headers['location']).toBe(`/api/order-items/${order1},9`)
  })

  test('Prefer: return=minimal answers the Location only', async () => {
    const reply = await create(
      { ...product, sku: 'C-3' },
      { headers: { prefer: 'handling=strict, return=minimal' } },
    )
    expect([reply.status, reply.text, reply.headers['preference-applied']]).toEqual([
      201,
      '',
      'return=minimal',
    ])
    expect(reply.headers['location']).toMatch(/^\/api\/products\/\d+$/)
  })

  test('fields and include choose what is answered', async () => {
    const reply = await call(shop, 'POST /api/products?fields=sku,category.name', {
      body: { ...product, sku: 'C-4' },
    })
    expect(reply.body).toEqual({ sku: 'C-4', category: { name: 'Light' } })
    expect(reply.headers['location']).toMatch(/^\/api\/products\/\d+$/)
    expect(
      problemOf(
        await call(shop, 'POST /api/products?fields=sku', {
          body: product,
          headers: { prefer: 'return=minimal' },
        }),
      ),
    ).toEqual(['400 BAD_REQUEST'])
    expect(problemOf(await call(shop, 'POST /api/products?limit=1', { body: product }))).toEqual([
      '400 BAD_REQUEST',
      'document limit unknown_parameter',
    ])
  })

  test.each<[unknown, readonly string[]]>([
    [{ ...product, price: 1 }, ['422 VALIDATION_FAILED', 'input price wrong_type']],
    [{ ...product, price: '0' }, ['422 VALIDATION_FAILED', 'input price invalid']],
    [{ ...product, price: '1.001' }, ['422 VALIDATION_FAILED', 'input price invalid']],
    [{ ...product, foo: 1 }, ['422 VALIDATION_FAILED', 'input foo unknown_member']],
    [{ ...product, id: 7 }, ['422 VALIDATION_FAILED', 'input id unknown_member']],
    [{ ...product, label: 'x' }, ['422 VALIDATION_FAILED', 'input label unknown_member']],
    [
      { name: 'x' },
      [
        '422 VALIDATION_FAILED',
        'input sku required',
        'input price required',
        'input categoryId required',
      ],
    ],
    [[], ['422 VALIDATION_FAILED', 'input  wrong_type']],
    ['null', ['422 VALIDATION_FAILED', 'input  wrong_type']],
    ['7', ['422 VALIDATION_FAILED', 'input  wrong_type']],
    ['{"sku":', ['400 BAD_REQUEST', 'document  malformed_json']],
    ['', ['400 BAD_REQUEST', 'document  empty_body']],
    [{ ...product, sku: 'L-1' }, ['409 CONFLICT', 'input sku not_unique']],
    [{ ...product, categoryId: 77 }, ['409 CONFLICT', 'input categoryId no_such_row']],
  ])('%j is refused', async (body, expected) => {
    expect(problemOf(await create(body))).toEqual(expected)
  })

  test('without a body, or with another media type, is refused', async () => {
    expect(problemOf(await call(shop, 'POST /api/products'))).toEqual(['400 BAD_REQUEST'])
    const patch = await create(product, {
      headers: { 'content-type': 'application/merge-patch+json' },
    })
    expect([...problemOf(patch), patch.headers['accept-post']]).toEqual([
      '415 UNSUPPORTED_MEDIA_TYPE',
      'application/json',
    ])
    expect(
      problemOf(
        await create('sku=1', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
      ),
    ).toEqual(['415 UNSUPPORTED_MEDIA_TYPE'])
  })

  test('is refused where the policy says no', async () => {
    const body = { id: 9, name: 'x' }
    expect(problemOf(await call(shop, 'POST /api/categories', { body }))).toEqual([
      '401 UNAUTHENTICATED',
    ])
    expect(problemOf(await call(shop, 'POST /api/categories', { body, as: 'ann' }))).toEqual([
      '403 FORBIDDEN',
    ])
    expect((await call(shop, 'POST /api/categories', { body, as: 'staff' })).status).toBe(201)
  })
})

describe('update', () => {
  test.each(['application/json', 'application/merge-patch+json'])(
    'by %s sets null for null, and leaves absent columns unchanged',
    async (type) => {
      const reply = await call(shop, 'PATCH /api/products/1', {
        body: { limit: null, name: 'Arc 2' },
        headers: { 'content-type': type },
      })
      expect(reply.status).toBe(200)
      expect(reply.body).toMatchObject({ id: 1, name: 'Arc 2', limit: null, sku: 'L-1' })
    },
  )

  test('Prefer: return=minimal answers no body', async () => {
    const reply = await call(shop, 'PATCH /api/products/1', {
      body: { name: 'Arc' },
      headers: { prefer: 'return="minimal"' },
    })
    expect([reply.status, reply.text, reply.headers['preference-applied']]).toEqual([
      204,
      '',
      'return=minimal',
    ])
  })

  test('of a row that the caller may no longer read answers 204', async () => {
    const made = await create({ ...product, sku: 'U-1' })
    const reply = await call(shop, `PATCH ${made.headers['location']}`, {
      body: { status: 'draft' },
    })
    expect([reply.status, reply.text]).toEqual([204, ''])
    expect(
      problemOf(await call(shop, `PATCH ${made.headers['location']}`, { body: { name: 'x' } })),
    ).toEqual(['404 NOT_FOUND'])
  })

  test.each<[string, unknown, readonly string[]]>([
    ['1', {}, ['422 VALIDATION_FAILED', 'input  wrong_type']],
    ['1', { id: 2 }, ['422 VALIDATION_FAILED', 'input id unknown_member']],
    ['1', { name: null }, ['422 VALIDATION_FAILED', 'input name wrong_type']],
    ['x', { name: 'x' }, ['422 VALIDATION_FAILED', 'key id wrong_type']],
    ['77', { name: 'x' }, ['404 NOT_FOUND']],
    ['4', { name: 'x' }, ['404 NOT_FOUND']],
  ])('%s with %j is refused', async (key, body, expected) => {
    expect(problemOf(await call(shop, `PATCH /api/products/${key}`, { body })).slice(0, 2)).toEqual(
      expected,
    )
  })

  test('another media type is 415 with Accept-Patch', async () => {
    const reply = await call(shop, 'PATCH /api/products/1', {
      body: '[]',
      headers: { 'content-type': 'application/json-patch+json' },
    })
    expect([...problemOf(reply), reply.headers['accept-patch']]).toEqual([
      '415 UNSUPPORTED_MEDIA_TYPE',
      'application/merge-patch+json, application/json',
    ])
    expect(problemOf(await call(shop, 'PATCH /api/products/1'))).toEqual(['400 BAD_REQUEST'])
  })

  test('finds a row by a composite key', async () => {
    expect(
      (await call(shop, `PATCH /api/order-items/${order1},1`, { body: { quantity: 7 } })).body
        .quantity,
    ).toBe(7)
  })
})

describe('delete', () => {
  test('answers 204, and the deleted row with return=representation', async () => {
    const [a, b] = [
      await create({ ...product, sku: 'X-1' }),
      await create({ ...product, sku: 'X-2' }),
    ]
    const gone = await call(shop, `DELETE ${a.headers['location']}`)
    expect([gone.status, gone.text]).toEqual([204, ''])
    const shown = await call(shop, `DELETE ${b.headers['location']}?fields=sku,category.name`, {
      headers: { prefer: 'return=representation' },
    })
    expect([shown.status, shown.body, shown.headers['preference-applied']]).toEqual([
      200,
      { sku: 'X-2', category: { name: 'Light' } },
      'return=representation',
    ])
    expect(problemOf(await call(shop, `DELETE ${b.headers['location']}`))).toEqual([
      '404 NOT_FOUND',
    ])
  })

  test('refuses fields without a body to answer, and rows that others refer to', async () => {
    expect(problemOf(await call(shop, 'DELETE /api/products/1?fields=sku'))).toEqual([
      '400 BAD_REQUEST',
    ])
    for (const body of [{}, { sku: 'other' }])
      expect(problemOf(await call(shop, 'DELETE /api/products/1', { body }))).toEqual([
        '400 BAD_REQUEST',
      ])
    expect(
      problemOf(
        await call(shop, 'DELETE /api/products?sku=F-1&atMost=1', { body: { sku: 'F-2' } }),
      ),
    ).toEqual(['400 BAD_REQUEST'])
    expect(problemOf(await call(shop, 'DELETE /api/products/1'))[0]).toBe('409 CONFLICT')
  })
})

describe('operations of the team', () => {
  test('a query reads its input from path and query string, strictly by type', async () => {
    const heard = async (path: string) =>
      JSON.parse((await call(shop, `GET /api/echo/${path}`)).body.heard)
    expect(
      await heard(
        'a%2Fb?loud=true&times=3&ratio=1e0&big=90071992547409930&list=a,"b,c"&deep={"x":1}',
      ),
    ).toEqual({
      word: 'a/b',
      loud: true,
      times: 3,
      ratio: 1,
      big: '90071992547409930',
      list: ['a', 'b,c'],
      deep: { x: 1 },
    })
    expect(await heard('a,b')).toEqual({ word: 'a,b' })
    expect(
      problemOf(
        await call(shop, 'GET /api/echo/a?loud=yes&times=1.5&ratio=0x1&deep={"x":"1","y":2}'),
      ),
    ).toEqual([
      '422 VALIDATION_FAILED',
      'input loud wrong_type',
      'input times wrong_type',
      'input ratio wrong_type',
      'input deep.x wrong_type',
      'input deep.y unknown_member',
    ])
  })

  test('rows come as data, with the selected fields', async () => {
    expect((await call(shop, 'GET /api/dearest?count=2&fields=name')).body).toEqual({
      data: [{ name: 'Ember' }],
    })
    expect(
      (await call(shop, 'GET /api/dearest?count=2&fields=name', { as: 'staff' })).body,
    ).toEqual({ data: [{ name: 'Draft' }, { name: 'Ember' }] })
    expect(problemOf(await call(shop, 'GET /api/dearest?statuses=active,gone'))).toEqual([
      '422 VALIDATION_FAILED',
      'input statuses.1 wrong_type',
    ])
  })

  test('a mutation takes path and body', async () => {
    const restock = (id: string, asked = {}) =>
      call(shop, `POST /api/products/${id}/restock?fields=name,status`, { as: 'staff', ...asked })
    expect((await restock('2')).body).toEqual({ name: 'Bulb', status: 'active' })
    expect((await restock('2', { body: { name: 'Bulb 2' } })).body).toEqual({
      name: 'Bulb 2',
      status: 'active',
    })
    expect(problemOf(await restock('2', { body: { name: 'x' } }))).toEqual([
      '422 VALIDATION_FAILED',
      'input name too_small',
    ])
    expect(problemOf(await restock('2', { body: { id: 3 } }))).toEqual([
      '422 VALIDATION_FAILED',
      'input id unknown_member',
    ])
    expect(problemOf(await restock('x'))).toEqual(['422 VALIDATION_FAILED', 'input id wrong_type'])
    expect(problemOf(await restock('2', { as: 'ann' }))).toEqual(['403 FORBIDDEN'])
    expect((await restock('77')).status).toBe(204)
  })

  test('answers the status that it names', async () => {
    const reply = await call(shop, 'DELETE /api/memory')
    expect([reply.status, reply.body]).toEqual([202, { done: true }])
    for (const [body, path] of [
      [{ x: 1 }, 'input  unknown_member'],
      ['null', 'input  wrong_type'],
      [[], 'input  wrong_type'],
    ] as const) {
      expect(problemOf(await call(shop, 'DELETE /api/memory', { body }))).toEqual([
        '422 VALIDATION_FAILED',
        path,
      ])
    }
  })

  test('an operation for GraphQL only is absent', async () => {
    expect((await call(shop, 'GET /api/never')).status).toBe(404)
  })
})
