// Bulk writes over REST: lists of new rows, PUT by a key, updates and deletes by filter, and their errors.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, closeShop, openShop, problemOf, type Shop } from './support.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => closeShop(shop))

const order1 = '00000000-0000-4000-8000-000000000001'
const minimal = { headers: { prefer: 'return=minimal' } }
const product = (sku: string, more: object = {}) => ({
  sku,
  name: 'New',
  price: '1.00',
  categoryId: 1,
  ...more,
})

describe('POST …/batch', () => {
  const create = (body: unknown, asked = {}, query = '') =>
    call(shop, `POST /api/products/batch${query}`, { body, ...asked })

  test('answers the stored rows, with null for a row that the caller may not read', async () => {
    const reply = await create(
      [product('B-1', { tags: ['x'] }), product('B-2', { status: 'draft' }), product('B-3')],
      {},
      '?fields=sku,tags,category.name',
    )
    expect([reply.status, reply.headers['location']]).toEqual([201, undefined])
    expect(reply.body).toEqual({
      data: [
        { sku: 'B-1', tags: ['x'], category: { name: 'Light' } },
        null,
        { sku: 'B-3', tags: [], category: { name: 'Light' } },
      ],
    })
  })

  test('answers no body with return=minimal, or where no caller may read the rows', async () => {
    const quiet = await create([product('B-4')], minimal)
    expect([quiet.status, quiet.text, quiet.headers['preference-applied']]).toEqual([
      201,
      '',
      'return=minimal',
    ])
    const feedback = await call(shop, 'POST /api/feedbacks/batch', {
      body: [{ message: 'a' }, { message: 'b' }],
    })
    expect([feedback.status, feedback.text]).toEqual([201, ''])
    expect((await create([])).body).toEqual({ data: [] })
  })

  test.each<[unknown, readonly string[]]>([
    [product('N-1'), ['422 VALIDATION_FAILED', 'input  wrong_type']],
    ['null', ['422 VALIDATION_FAILED', 'input  wrong_type']],
    [
      [product('N-1'), { ...product('N-2'), price: 1, colour: 'red' }],
      ['422 VALIDATION_FAILED', 'input 1.price wrong_type', 'input 1.colour unknown_member'],
    ],
    [
      [product('N-1'), product('N-2', { price: '0' })],
      ['422 VALIDATION_FAILED', 'input 1.price invalid'],
    ],
    [
      [product('N-1'), product('L-1')],
      ['409 CONFLICT', 'input 1.sku not_unique'],
    ],
    [
      [product('N-1'), product('N-2', { categoryId: 77 })],
      ['409 CONFLICT', 'input 1.categoryId no_such_row'],
    ],
    [
      Array.from({ length: 6 }, (_, i) => product(`N-${i}`)),
      ['422 VALIDATION_FAILED', 'input  too_big'],
    ],
  ])('%j is refused, and nothing is written', async (body, expected) => {
    expect(problemOf(await create(body))).toEqual(expected)
    expect(
      (await call(shop, 'GET /api/products?sku[startsWith]=N-&count=exact')).body.page.total,
    ).toBe(0)
  })

  test('refuses a missing body, another media type, and unknown parameters', async () => {
    expect(problemOf(await call(shop, 'POST /api/products/batch'))).toEqual(['400 BAD_REQUEST'])
    expect(
      problemOf(await create([], { headers: { 'content-type': 'application/merge-patch+json' } })),
    ).toEqual(['415 UNSUPPORTED_MEDIA_TYPE'])
    expect(problemOf(await create([], {}, '?limit=1'))).toEqual([
      '400 BAD_REQUEST',
      'document limit unknown_parameter',
    ])
    expect(problemOf(await create([], minimal, '?fields=sku'))).toEqual(['400 BAD_REQUEST'])
    const wrong = await call(shop, 'GET /api/feedbacks/batch')
    expect([wrong.status, wrong.headers['allow']]).toEqual([405, expect.stringContaining('POST')])
  })
})

describe('PUT', () => {
  const put = (sku: string, body: unknown, asked = {}, query = '') =>
    call(shop, `PUT /api/products/by/sku/${sku}${query}`, { body, ...asked })
  const { sku: _, ...rest } = product('')

  test('creates with 201 and Location, updates with 200, and keeps absent columns', async () => {
    const created = await put('P%2F1', { ...rest, tags: ['kept'] })
    expect([created.status, created.headers['location']]).toEqual([
      201,
      `/api/products/${created.body.id}`,
    ])
    const updated = await put('P%2F1', { ...rest, sku: 'P/1', name: 'Changed' })
    expect([updated.status, updated.headers['location']]).toEqual([200, undefined])
    expect(updated.body).toEqual({ ...created.body, name: 'Changed', label: 'P/1: Changed' })
  })

  test('answers no body with return=minimal, or for a row that the caller may not read', async () => {
    const statuses = async (...puts: readonly ReturnType<typeof put>[]) =>
      (await Promise.all(puts)).map(({ status, text, headers }) => [
        status,
        text,
        headers['location'] !== undefined,
      ])
    expect(await statuses(put('P-2', rest, minimal))).toEqual([[201, '', true]])
    expect(await statuses(put('P-2', rest, minimal))).toEqual([[204, '', false]])
    expect(await statuses(put('P-2', { ...rest, status: 'draft' }))).toEqual([[204, '', false]])
    expect(await statuses(put('P-3', { ...rest, status: 'draft' }))).toEqual([[201, '', false]])
    expect(problemOf(await put('P-2', rest))).toEqual(['409 CONFLICT', 'input sku not_unique']) // it is hidden now
  })

  test('takes a primary key that callers give, and no generated one', async () => {
    expect(
      (await call(shop, 'PUT /api/words/new', { body: { language: 'fr', rank: 1 } })).status,
    ).toBe(201)
    expect(
      (await call(shop, 'PUT /api/words/new', { body: { word: 'new', language: 'fr', rank: 2 } }))
        .body,
    ).toEqual({ word: 'new', language: 'fr', rank: 2 })
    expect(
      (await call(shop, 'PUT /api/words/by/language,rank/fr,2', { body: { word: 'new' } })).status,
    ).toBe(200)
    expect(
      problemOf(
        await call(shop, 'PUT /api/words/by/language,rank/fr,2', { body: { word: 'other' } }),
      ),
    ).toEqual(['409 CONFLICT', 'input word not_changeable'])
    expect(
      problemOf(await call(shop, 'PUT /api/words/query', { body: { language: 'fr', rank: 3 } })),
    ).toEqual(['405 METHOD_NOT_ALLOWED'])
    expect(problemOf(await call(shop, 'PUT /api/products/1', { body: rest }))).toEqual([
      '405 METHOD_NOT_ALLOWED',
    ])
  })

  test.each<[string, unknown, readonly string[]]>([
    ['L-1', { ...rest, sku: 'L-2' }, ['422 VALIDATION_FAILED', 'input sku other_key']],
    ['L-1', { ...rest, sku: null }, ['422 VALIDATION_FAILED', 'input sku other_key']],
    [
      'L-1',
      { name: 'x' },
      ['422 VALIDATION_FAILED', 'input price required', 'input categoryId required'],
    ],
    ['L-1', { ...rest, id: 1 }, ['422 VALIDATION_FAILED', 'input id unknown_member']],
    ['L-1', { ...rest, price: '0' }, ['422 VALIDATION_FAILED', 'input price invalid']],
    ['L-1', { ...rest, categoryId: 77 }, ['409 CONFLICT', 'input categoryId no_such_row']],
    ['D-4', rest, ['409 CONFLICT', 'input sku not_unique']],
    ['L-1', [], ['422 VALIDATION_FAILED', 'input  wrong_type']],
  ])('%s with %j is refused', async (sku, body, expected) => {
    expect(problemOf(await put(sku, body))).toEqual(expected)
  })

  test('refuses a missing body, another media type, and unknown parameters', async () => {
    expect(problemOf(await call(shop, 'PUT /api/products/by/sku/L-1'))).toEqual(['400 BAD_REQUEST'])
    expect(
      problemOf(
        await put('L-1', rest, { headers: { 'content-type': 'application/merge-patch+json' } }),
      ),
    ).toEqual(['415 UNSUPPORTED_MEDIA_TYPE'])
    expect(problemOf(await put('L-1', rest, {}, '?where={}'))).toEqual([
      '400 BAD_REQUEST',
      'document where unknown_parameter',
    ])
  })
})

describe('PATCH and DELETE of a list', () => {
  const change = (query: string, body: unknown = { fragile: true }, asked = {}) =>
    call(shop, `PATCH /api/products?${query}`, { body, ...asked })

  test('write the matching rows, and answer them in the order of their keys', async () => {
    await call(shop, 'POST /api/products/batch', {
      body: [
        product('F-2', { limit: 9 }),
        product('F-1', { limit: 9 }),
        product('F-3', { limit: 8 }),
      ],
    })
    const where = encodeURIComponent(
      JSON.stringify({ OR: [{ limit: { eq: 9 } }, { limit: { eq: 8 } }] }),
    )
    const reply = await change(
      `sku[startsWith]=F-&where=${where}&limit[eq]=9&atMost=2&fields=sku,fragile,category.name`,
    )
    expect([reply.status, reply.body]).toEqual([
      200,
      {
        data: [
          { sku: 'F-2', fragile: true, category: { name: 'Light' } },
          { sku: 'F-1', fragile: true, category: { name: 'Light' } },
        ],
      },
    ])
    expect((await call(shop, 'GET /api/products/by/sku/F-3?fields=fragile')).body).toEqual({
      fragile: false,
    })
    const quiet = await change('sku=F-3&atMost=1', { name: 'Q' }, minimal)
    expect([quiet.status, quiet.text, quiet.headers['preference-applied']]).toEqual([
      204,
      '',
      'return=minimal',
    ])
    const hidden = await change(
      'sku=F-3&atMost=1',
      { status: 'draft' },
      { headers: { 'content-type': 'application/merge-patch+json' } },
    )
    expect(hidden.body).toEqual({ data: [null] })
    const shown = await call(shop, 'DELETE /api/products?sku=F-1&atMost=1&fields=sku', {
      headers: { prefer: 'return=representation' },
    })
    expect([shown.status, shown.body]).toEqual([200, { data: [{ sku: 'F-1' }] }])
    const gone = await call(shop, 'DELETE /api/products?sku[in]=F-1,F-2,F-3&atMost=2')
    expect([gone.status, gone.text]).toEqual([204, ''])
    expect(
      (await call(shop, 'GET /api/products?sku[startsWith]=F-', { as: 'staff' })).body.data,
    ).toMatchObject([{ sku: 'F-3', status: 'draft' }])
  })

  test.each<[string, readonly string[]]>([
    ['atMost=5', ['422 VALIDATION_FAILED', 'where  required']],
    ['where={}&atMost=5', ['422 VALIDATION_FAILED', 'where  wrong_type']],
    ['sku=L-1', ['422 VALIDATION_FAILED', 'page atMost required']],
    ['sku=L-1&atMost=6', ['422 VALIDATION_FAILED', 'page atMost too_big']],
    ['sku=L-1&atMost=many', ['422 VALIDATION_FAILED', 'page atMost wrong_type']],
    ['sku=L-1&atMost=1e0', ['422 VALIDATION_FAILED', 'page atMost wrong_type']],
    ['price[gt]=x&atMost=1', ['422 VALIDATION_FAILED', 'where price.gt wrong_type']],
    ['cost[gt]=1&atMost=1', ['401 UNAUTHENTICATED', 'where cost unauthenticated']],
    ['price[gt]=0&atMost=1', ['409 CONFLICT', 'page atMost too_many']],
    ['sku=L-1&atMost=1&limit=1', ['400 BAD_REQUEST', 'document limit unknown_parameter']],
    [
      'sku=L-1&atMost=1&sort=sku&after=x&count=exact',
      [
        '400 BAD_REQUEST',
        'document sort unknown_parameter',
        'document after unknown_parameter',
        'document count unknown_parameter',
      ],
    ],
    ['sku=L-1&atMost=1&atMost=2', ['400 BAD_REQUEST', 'document atMost repeated_parameter']],
    ['where={&atMost=1', ['400 BAD_REQUEST', 'document where malformed_json']],
  ])('%s is refused', async (query, expected) => {
    expect(problemOf(await change(query))).toEqual(expected)
    expect(problemOf(await call(shop, `DELETE /api/products?${query}`))).toEqual(expected)
  })

  test('refuse an update without changes', async () => {
    expect(problemOf(await change('sku=L-1&atMost=1', {}))).toEqual([
      '422 VALIDATION_FAILED',
      'input  wrong_type',
    ])
    expect(problemOf(await change('sku=L-1&atMost=1', { price: '0' }))).toEqual([
      '422 VALIDATION_FAILED',
      'input price invalid',
    ])
    expect(problemOf(await call(shop, 'PATCH /api/products?sku=L-1&atMost=1'))).toEqual([
      '400 BAD_REQUEST',
    ])
    const other = await change('sku=L-1&atMost=1', '[]', {
      headers: { 'content-type': 'application/json-patch+json' },
    })
    expect([...problemOf(other), other.headers['accept-patch']]).toEqual([
      '415 UNSUPPORTED_MEDIA_TYPE',
      'application/merge-patch+json, application/json',
    ])
  })

  test('exist only where a resource opts in', async () => {
    expect(
      problemOf(
        await call(shop, 'PATCH /api/order-items?line=1&atMost=1', { body: { quantity: 1 } }),
      ),
    ).toEqual(['405 METHOD_NOT_ALLOWED'])
    expect(
      problemOf(await call(shop, `DELETE /api/order-items?orderId=${order1}&atMost=1`)),
    ).toEqual(['405 METHOD_NOT_ALLOWED'])
    const options = await call(shop, 'OPTIONS /api/products')
    expect([options.status, options.headers['allow'], options.headers['accept-patch']]).toEqual([
      204,
      'DELETE, GET, HEAD, OPTIONS, PATCH, POST',
      'application/merge-patch+json, application/json',
    ])
  })
})
