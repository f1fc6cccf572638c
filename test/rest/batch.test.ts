// Several writes in one request: all or none are done, and each is answered as it would be alone.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, closeShop, openShop, problemOf, type Shop } from './support.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => closeShop(shop))

const batch = (requests: unknown, asked = {}) =>
  call(shop, 'POST /api/batch', { body: { requests }, ...asked })
const product = (sku: string) => ({ sku, name: 'New', price: '1.00', categoryId: 1 })
const skus = async () =>
  (await call(shop, 'GET /api/products?sku[startsWith]=B-&sort=sku&fields=sku')).body.data.map(
    ({ sku }: { sku: string }) => sku,
  )

describe('a batch', () => {
  test('does all of its writes and answers each in its order', async () => {
    const reply = await batch([
      { method: 'POST', path: '/api/products?fields=id,sku', body: product('B-1') },
      {
        method: 'POST',
        path: '/api/products',
        body: product('B-2'),
        headers: { prefer: 'return=minimal' },
      },
      { method: 'PATCH', path: '/api/products/1?fields=name', body: { name: 'Renamed' } },
    ])
    expect(reply.status).toBe(200)
    const [one, two, three] = reply.body.results
    const tag = (pattern: RegExp) => expect.stringMatching(pattern) as string
    expect(one).toEqual({
      status: 201,
      headers: {
        etag: tag(/^"[0-9a-f]{16}\.[\w-]{8}"$/),
        location: `/api/products/${one.body.id}`,
      },
      body: { id: one.body.id, sku: 'B-1' },
    })
    expect(two).toEqual({
      status: 201,
      headers: {
        etag: tag(/^"[0-9a-f]{16}"$/),
        location: tag(/^\/api\/products\/\d+$/),
        'preference-applied': 'return=minimal',
      },
    })
    expect(three).toMatchObject({ status: 200, body: { name: 'Renamed' } })
    expect(await skus()).toEqual(['B-1', 'B-2'])
  })

  test('takes versions for its updates and deletes, and refuses them elsewhere', async () => {
    const tag = (await call(shop, 'GET /api/products/1?fields=name')).headers['etag'] ?? ''
    const rename = (headers: object) => ({
      method: 'PATCH',
      path: '/api/products/1?fields=name',
      headers,
      body: { name: 'Renamed' },
    })
    const lost = await batch([rename({ 'if-match': tag }), rename({ 'if-match': tag })])
    expect([problemOf(lost), lost.body.request]).toEqual([['412 PRECONDITION_FAILED'], 1])
    expect((await batch([rename({ 'if-match': tag })])).status).toBe(200)
    expect(
      problemOf(
        await batch([
          {
            method: 'POST',
            path: '/api/products',
            headers: { 'if-match': tag },
            body: product('B-9'),
          },
        ]),
      ),
    ).toEqual(['400 BAD_REQUEST', 'document if-match unkept_header'])
    expect(problemOf(await batch([rename({ 'idempotency-key': 'x' })]))).toEqual([
      '422 VALIDATION_FAILED',
      'input requests.0.headers.idempotency-key unknown_member',
    ])
  })

  test('writes nothing when one request fails, and names it', async () => {
    const reply = await batch([
      { method: 'POST', path: '/api/products', body: product('B-3') },
      { method: 'POST', path: '/api/products', body: product('B-1') },
      { method: 'POST', path: '/api/products', body: product('B-4') },
    ])
    expect(problemOf(reply)).toEqual(['409 CONFLICT', 'input sku not_unique'])
    expect(reply.body.request).toBe(1)
    const absent = await batch([
      { method: 'PATCH', path: '/api/products/1', body: { name: 'Undone' } },
      { method: 'DELETE', path: '/api/products/987654' },
    ])
    expect([problemOf(absent), absent.body.request]).toEqual([['404 NOT_FOUND'], 1])
    expect(await skus()).toEqual(['B-1', 'B-2'])
    expect((await call(shop, 'GET /api/products/1?fields=name')).body).toEqual({ name: 'Renamed' })
  })

  test('refuses wrong requests at their path', async () => {
    const post = (path: string) => ({ method: 'POST', path, body: product('B-9') })
    expect(
      problemOf(
        await batch([
          post('/api/products'),
          post('/api/nothing'),
          { method: 'PUT', path: '/api/products', body: {} },
        ]),
      ),
    ).toEqual([
      '422 VALIDATION_FAILED',
      'input requests.1.path unknown_path',
      'input requests.2.path unknown_path',
    ])
    expect(problemOf(await batch([{ method: 'GET', path: '/api/products' }]))).toEqual([
      '422 VALIDATION_FAILED',
      'input requests.0.method wrong_type',
    ])
    expect(
      problemOf(await batch([{ ...post('/api/products'), headers: { 'x-other': 'a' } }])),
    ).toEqual(['422 VALIDATION_FAILED', 'input requests.0.headers.x-other unknown_member'])
    expect(problemOf(await batch([post('/api/batch')]))).toEqual([
      '422 VALIDATION_FAILED',
      'input requests.0.path unknown_path',
    ])
    expect(problemOf(await batch([]))).toEqual([
      '422 VALIDATION_FAILED',
      'input requests too_small',
    ])
    expect(problemOf(await batch(Array.from({ length: 31 }, () => post('/api/products'))))).toEqual(
      ['400 TOO_COMPLEX'],
    )
    expect(problemOf(await call(shop, 'POST /api/batch'))[0]).toMatch(/^4/)
    expect(
      problemOf(
        await batch([post('/api/products')], {
          headers: { 'content-type': 'application/merge-patch+json' },
        }),
      ),
    ).toEqual(['415 UNSUPPORTED_MEDIA_TYPE'])
    expect(await skus()).toEqual(['B-1', 'B-2'])
  })

  test('authorizes each of its writes for the caller', async () => {
    const reply = await batch([
      { method: 'POST', path: '/api/products', body: { ...product('B-5'), unknown: 1 } },
    ])
    expect([problemOf(reply), reply.body.request]).toEqual([
      ['422 VALIDATION_FAILED', 'input unknown unknown_member'],
      0,
    ])
  })
})
