// Requests that are small to send and were large to answer: each is refused for the price of reading it.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStore, type Store } from './support.ts'

let store: Store
beforeAll(async () => {
  store = await openStore()
})
afterAll(() => store.close())

test('an order along more relations than a selection may have is too complex on both faces', async () => {
  const along = (times: number): object => Array.from({ length: times }).reduce<object>((inner) => ({ parent: inner }), { name: 'ASC' })
  const document = 'query ($orderBy: [CategoryOrder!]) { categories(orderBy: $orderBy, first: 1) { nodes { id } } }'
  expect(await store.call(`GET /api/categories?limit=1&sort=${'parent.'.repeat(8)}name`)).toMatchObject({ status: 200 })
  expect((await store.graphql(document, { variables: { orderBy: [along(8)] } })).body.data.categories.nodes).toHaveLength(1)

  const message = 'The order goes along more than 8 relations.'
  for (const times of [9, 50, 1000]) {
    expect(await store.call(`GET /api/categories?limit=1&sort=${'parent.'.repeat(times)}name`)).toMatchObject({ status: 400, body: { code: 'TOO_COMPLEX', detail: message } })
  }
  expect((await store.graphql(document, { variables: { orderBy: [along(9)] } })).body.errors).toMatchObject([{ message, extensions: { code: 'TOO_COMPLEX' } }])
})
