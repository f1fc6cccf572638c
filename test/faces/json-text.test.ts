// JSON by every way into the server: one reader, so one code and path for each fault.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStore, type Store } from '../security/support.ts'

let store: Store
beforeAll(async () => {
  store = await openStore()
})
afterAll(() => store.close())

const levels = (count: number): string => `${'{"a":'.repeat(count)}1${'}'.repeat(count)}`

const faults: readonly (readonly [json: string, code: string, at: readonly string[]])[] = [
  ['{"id":{"eq":1,"eq":2}}', 'duplicate_key', ['id', 'eq']],
  ['{"id":1,"\\u0069d":2}', 'duplicate_key', ['id']],
  ['{"__proto__":1}', 'forbidden_key', ['__proto__']],
  ['{"constructor":{"prototype":1}}', 'forbidden_key', ['constructor', 'prototype']],
]

test.each(faults)('%s', async (json, code, at) => {
  const encoded = encodeURIComponent(json)
  const document = encodeURIComponent('{ __typename }')
  const issue = (name: string) => ({ in: 'document', path: [name, ...at], code })
  const rest = { status: 400, body: { code: 'BAD_REQUEST', issues: [issue('where')] } }
  expect(await store.call(`GET /api/products?where=${encoded}`)).toMatchObject(rest)
  expect(await store.call('POST /api/products/query', { body: `{"where":${json}}` })).toMatchObject(
    rest,
  )
  expect(await store.call(`GET /api/products/aggregate?having=${encoded}`)).toMatchObject({
    status: 400,
    body: { issues: [issue('having')] },
  })
  const graphql = {
    body: { errors: [{ extensions: { code: 'BAD_REQUEST', issues: [issue('variables')] } }] },
  }
  expect(await store.call(`GET /graphql?query=${document}&variables=${encoded}`)).toMatchObject(
    graphql,
  )
  expect(
    await store.call('POST /graphql', { body: `{"query":"{ __typename }","variables":${json}}` }),
  ).toMatchObject(graphql)
})

test('too many levels, and text that is not JSON, are refused alike', async () => {
  const document = encodeURIComponent('{ __typename }')
  const deep = encodeURIComponent(levels(70))
  expect((await store.call(`GET /api/products?where=${deep}`)).body).toMatchObject({
    code: 'TOO_COMPLEX',
  })
  expect(
    (await store.call('POST /api/products/query', { body: `{"where":${levels(70)}}` })).body,
  ).toMatchObject({ code: 'TOO_COMPLEX' })
  expect(
    (await store.call(`GET /graphql?query=${document}&variables=${deep}`)).body.errors,
  ).toMatchObject([{ extensions: { code: 'TOO_COMPLEX' } }])
  expect((await store.call('GET /api/products?where={')).body.issues).toMatchObject([
    { path: ['where'], code: 'malformed_json' },
  ])
  expect(
    (await store.call(`GET /graphql?query=${document}&variables={`)).body.errors,
  ).toMatchObject([{ extensions: { issues: [{ path: ['variables'], code: 'malformed_json' }] } }])
})

test('Accept with parameters is negotiated alike on both faces', async () => {
  for (const accept of [
    'application/json;charset=latin1',
    'application/json;foo=bar',
    'text/html, application/json;v=2;q=0.5',
    '',
  ]) {
    for (const url of ['/api/products?limit=1', '/graphql?query={__typename}']) {
      const answer = await store.app.inject({ method: 'GET', url, headers: { accept } })
      expect([accept, url, answer.statusCode, answer.headers['content-type']]).toEqual([
        accept,
        url,
        200,
        'application/json; charset=utf-8',
      ])
    }
  }
})
