// Conflicts: the error of a broken key does not reveal hidden rows.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { customerId, openStore, type Store, toAnswer } from './support.ts'

let store: Store
let [draft, active]: number[] = []
beforeAll(async () => {
  store = await openStore()
  const one = async (status: string): Promise<number> =>
    (await store.call(`GET /api/products?limit=1&status=${status}`, { as: store.staff })).body
      .data[0].id
  draft = await one('draft')
  active = await one('active')
})
afterAll(() => store.close())

const nobody = 999_999
const noSuchRow = (...path: string[]) => ({
  status: 409,
  code: 'CONFLICT',
  issues: [{ in: 'input', path, code: 'no_such_row' }],
})
const notYours = (...path: string[]) => ({
  status: 403,
  code: 'FORBIDDEN',
  issues: [{ in: 'input', path, code: 'forbidden' }],
})
const asCustomer = async (what: string, body: object) =>
  toAnswer(await store.call(what, { as: store.customer, body }))

test("a review in another's name gets the same error for a hidden, an absent and a visible product", async () => {
  const review = (productId: number | undefined) =>
    asCustomer('POST /api/reviews', { customerId: customerId(2), productId, rating: 5 })
  const answer = await review(nobody)
  expect(answer).toMatchObject(notYours('customerId'))
  expect(await review(draft)).toEqual(answer)
  expect(await review(active)).toEqual(answer)
})

test("a review in another's name gets the same error where the other has written one", async () => {
  const [written] = (
    await store.call(`GET /api/reviews?limit=1&customerId=${customerId(2)}`, { as: store.staff })
  ).body.data
  const review = (productId: number) =>
    asCustomer('POST /api/reviews', { customerId: customerId(2), productId, rating: 5 })
  expect(await review(written.productId)).toEqual(await review(nobody))
})

test("a caller's own review gets the same error for a hidden product and an absent one, in an update too", async () => {
  const review = (productId: number | undefined) =>
    asCustomer('POST /api/reviews', { customerId: customerId(1), productId, rating: 5 })
  expect(await review(draft)).toMatchObject(noSuchRow('productId'))
  expect(await review(draft)).toEqual(await review(nobody))
  const [own] = (
    await store.call(`GET /api/reviews?limit=1&customerId=${customerId(1)}`, { as: store.customer })
  ).body.data
  const move = (input: object) => asCustomer(`PATCH /api/reviews/${own.id}`, input)
  expect(await move({ productId: draft })).toEqual(await move({ productId: nobody }))
  const away = await move({ customerId: customerId(2), productId: nobody })
  expect(away).toMatchObject(noSuchRow('customerId'))
  expect(await move({ customerId: customerId(2), productId: draft })).toEqual(away)
  const [theirs] = (
    await store.call(`GET /api/reviews?limit=1&customerId=${customerId(2)}`, { as: store.staff })
  ).body.data
  expect(await move({ customerId: customerId(2), productId: theirs.productId })).toEqual(away)
})

test('a caller does not learn whether another customer has a profile', async () => {
  const profile = (number: number) =>
    asCustomer('POST /api/customer-profiles', { customerId: customerId(number) })
  const [exists, absent] = [await profile(2), await profile(3)] // every third customer of the seed has no profile
  expect(exists).toEqual(absent)
  expect(exists).toMatchObject(notYours('customerId'))
})

test('a caller who may write the row gets the conflict', async () => {
  const notUnique = (...fields: string[]) => ({
    status: 409,
    code: 'CONFLICT',
    issues: fields.map((field) => ({ in: 'input', path: [field], code: 'not_unique' })),
  })
  expect(
    await asCustomer('POST /api/customer-profiles', { customerId: customerId(1) }),
  ).toMatchObject(notUnique('customerId'))
  const [own] = (
    await store.call(`GET /api/reviews?limit=1&customerId=${customerId(1)}`, { as: store.customer })
  ).body.data
  expect(
    await asCustomer('POST /api/reviews', {
      customerId: customerId(1),
      productId: own.productId,
      rating: 1,
    }),
  ).toMatchObject(notUnique('customerId', 'productId'))
  const { email } = (await store.call(`GET /api/customers/${customerId(2)}`, { as: store.staff }))
    .body
  expect(await asCustomer(`PATCH /api/customers/${customerId(1)}`, { email })).toMatchObject(
    notUnique('email'),
  )
})
