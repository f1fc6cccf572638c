// Small requests that had large answers: each is refused for the price of reading it.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStore, type Store } from './support.ts'

let store: Store
beforeAll(async () => {
  store = await openStore()
})
afterAll(() => store.close())

test('an order along more relations than a selection may have is too complex on both faces', async () => {
  const along = (times: number): object =>
    Array.from({ length: times }).reduce<object>((inner) => ({ parent: inner }), { name: 'ASC' })
  const document =
    'query ($orderBy: [CategoryOrder!]) { categories(orderBy: $orderBy, first: 1) { nodes { id } } }'
  expect(
    await store.call(`GET /api/categories?limit=1&sort=${'parent.'.repeat(8)}name`),
  ).toMatchObject({ status: 200 })
  expect(
    (await store.graphql(document, { variables: { orderBy: [along(8)] } })).body.data.categories
      .nodes,
  ).toHaveLength(1)

  const message = 'The order goes along more than 8 relations.'
  for (const times of [9, 50, 1000]) {
    expect(
      await store.call(`GET /api/categories?limit=1&sort=${'parent.'.repeat(times)}name`),
    ).toMatchObject({ status: 400, body: { code: 'TOO_COMPLEX', detail: message } })
  }
  expect(
    (await store.graphql(document, { variables: { orderBy: [along(9)] } })).body.errors,
  ).toMatchObject([{ message, extensions: { code: 'TOO_COMPLEX' } }])
})

test('variables of more values than a document could have are refused before they are coerced', async () => {
  const document =
    'query ($where: ProductFilter) { products(where: $where, first: 1) { nodes { id } } }'
  const asked = async (where: unknown) => {
    const start = performance.now()
    const { body } = await store.graphql(document, { variables: { where } })
    return { code: body.errors?.[0].extensions.code, slow: performance.now() - start > 4000 }
  }
  const empty = (length: number): readonly object[] => Array.from({ length }, () => ({}))
  const unknown = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`a${i}`, 1]))
  expect(await asked({ id: { in: Array(1000).fill(1) } })).toMatchObject({ code: undefined })
  expect(await asked({ AND: empty(9000) })).toMatchObject({ code: 'TOO_COMPLEX' })
  expect(await asked({ AND: empty(300_000) })).toEqual({ code: 'TOO_COMPLEX', slow: false })
  expect(await asked(unknown(90_000))).toEqual({ code: 'TOO_COMPLEX', slow: false })
  expect(await asked({ id: { in: Array(300_000).fill(1) } })).toEqual({
    code: 'TOO_COMPLEX',
    slow: false,
  })
})

test('a path of thousands of relations is refused at once', async () => {
  const path = Array(3900).fill('a').join('.')
  for (const query of [`include=${path}`, `fields=${path}`, `${path}.fields=id`]) {
    expect(await store.call(`GET /api/products?${query}`)).toMatchObject({
      status: 400,
      body: { code: 'TOO_COMPLEX' },
    })
  }
})
