// The typed documents of the client against the store: the types hold for the answers, and the answers are right.
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, expectTypeOf, test } from 'vitest'
import store from '../../app/gateway.ts'
import { relations } from '../../app/relations.ts'
import { migrateDatabase } from '../../src/db/store/migrate.ts'
import type { HandlerTransaction } from '../../src/schema/declare/declare.ts'
import { authorizationOf } from '../../src/parity/generate/callers.ts'
import { openTestGateway } from '../../src/testing/test-gateway.ts'
import type { TestGateway } from '../../src/parity/gateway.ts'
import { eachDatabase } from '../support/databases.ts'
import { openClient } from './client.ts'
import {
  createReview,
  deleteReview,
  listProducts,
  placeOrder,
  productsByStatus,
  productWithReviews,
  profile,
  salesSummary,
  stockMovements,
  updateReview,
} from './documents.ts'
import type {
  OrderStatus,
  ProductOrder,
  ProductStatus,
  TypedDocumentString,
} from './generated/graphql.ts'
import { mistyped } from './mistyped.ts'

const ANN = 'c0000000-0000-4000-8000-000000000001'
const callers = {
  anyone: {},
  ann: authorizationOf({ sub: 'customer-1', customerId: ANN }),
  staff: authorizationOf({ sub: 'staff-1', roles: ['staff'] }),
}

eachDatabase((_kind, open) => {
  let gateway: TestGateway
  beforeAll(async () => {
    const database = await open({ relations })
    await migrateDatabase(database, {
      folder: fileURLToPath(new URL('../../app/drizzle', import.meta.url)),
    })
    await database.transaction(
      (tx) =>
        store.seed?.(tx.drizzle as HandlerTransaction<typeof relations>, {
          scale: 1,
          progress: () => {},
        }) ?? Promise.resolve(),
    ) // db/ knows no team's tables
    gateway = await openTestGateway(store, { database })
  })
  afterAll(() => gateway.close())

  /** The answer of a document, after its values were compared with their types. */
  async function ask<Data, Variables>(
    by: keyof typeof callers,
    document: TypedDocumentString<Data, Variables>,
    variables: Variables,
  ) {
    const { data = null, errors = [] } = await openClient(gateway.app, callers[by])(
      document,
      variables,
    )
    if (data !== null) expect(mistyped(document.toString(), data)).toEqual([])
    return { data, errors, codes: errors.map(({ extensions: { code } }) => code) }
  }

  test('a list is filtered, ordered and read page by page', async () => {
    const orderBy: ProductOrder[] = [{ price: 'DESC' }, { id: 'ASC' }]
    const variables = {
      where: { status: { eq: 'active' }, price: { gte: '1200' } },
      orderBy,
      first: 3,
    } as const
    const first = (await ask('anyone', listProducts, variables)).data?.products
    expect(first?.nodes.map(({ price }) => price)).toEqual(['1265.50', '1242.90', '1236.50'])
    expect(first?.nodes[0]).toEqual({
      id: 172,
      sku: 'TBL-0172',
      name: 'Isla Ash Side Table',
      status: 'active',
      price: '1265.50',
      weight: 32,
      tags: [],
      attributes: { colour: 'olive', material: 'ash' },
      createdAt: '2025-10-11T14:42:38+00:00',
    })
    const second = (
      await ask('anyone', listProducts, { ...variables, after: first?.pageInfo.endCursor })
    ).data?.products
    expect(second?.nodes.length).toBe((first?.totalCount ?? 0) - 3)
    expect(second?.pageInfo.hasNextPage).toBe(false)
    expectTypeOf(first?.nodes[0]).toEqualTypeOf<
      | undefined
      | {
          id: number
          sku: string
          name: string
          status: ProductStatus
          price: string
          weight: number | null
          tags: (string | null)[]
          attributes: unknown
          createdAt: string
        }
    >()
  })

  test('a row is read with its related rows', async () => {
    const { data, errors } = await ask('staff', productWithReviews, { id: 1 })
    expect(errors).toEqual([])
    expect(data?.product).toMatchObject({
      name: 'Isla Brass Desk Lamp',
      cost: '54.00',
      category: { name: 'Lighting' },
      reviews: { totalCount: 2 },
    })
    expect(data?.product?.reviews.nodes.map(({ id, customer }) => [id, customer?.name])).toEqual([
      [1, 'Noor Silva'],
      [66, 'Amara Núñez'],
    ])
    expect((await ask('staff', productWithReviews, { id: 999_999 })).data).toEqual({
      product: null,
    })
  })

  test('a refused field is null, as its type says, with an error at its path', async () => {
    const { data, errors, codes } = await ask('anyone', productWithReviews, { id: 1 })
    expect(data?.product).toMatchObject({ name: 'Isla Brass Desk Lamp', cost: null })
    expect(codes).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED'])
    expect(errors[0]?.path).toEqual(['product', 'cost'])
    expectTypeOf(data?.product?.cost).toEqualTypeOf<string | null | undefined>()
  })

  test('in groups, counts are numbers, and sums and averages have all digits', async () => {
    const groups = (await ask('anyone', productsByStatus, { where: { categoryId: { gt: 0 } } }))
      .data?.productsAggregate
    expect(groups).toMatchObject([
      {
        key: { status: 'active' },
        count: 250,
        sum: { stock: '14609' },
        avg: { price: '214.1124000000000000' },
        max: { price: '1265.50' },
      },
    ])
    expectTypeOf(groups?.[0]?.sum).toEqualTypeOf<{ stock: string | null } | undefined>()
  })

  test('integers of 64 bits and times of day are text, and JSON is as it was stored', async () => {
    const { data } = await ask('staff', stockMovements, { where: { id: { gt: '1' } } })
    expect(data?.stockMovements?.nodes[0]?.id).toBe('2')
    const preferences = (await ask('ann', profile, { customerId: ANN })).data?.customerProfile
    expect(preferences).toEqual({
      preferredTime: '12:30:00',
      newsletter: false,
      preferences: { theme: 'light', currency: 'EUR' },
    })
    expectTypeOf(preferences?.preferences).toEqualTypeOf<unknown>()
  })

  test('a row is created, updated at its version, and deleted', async () => {
    const created = (await ask('ann', createReview, { input: { productId: 40, rating: 5 } })).data
      ?.createReview
    expect(created).toMatchObject({ productId: 40, customerId: ANN, rating: 5, body: '' })
    const [id, ifVersion] = [created?.id ?? 0, created?.version ?? '']
    const updated = await ask('ann', updateReview, { id, input: { body: 'Holds.' }, ifVersion })
    expect(updated.data?.updateReview).toMatchObject({ id, rating: 5, body: 'Holds.' })
    expect(
      (await ask('ann', updateReview, { id, input: { body: 'Broke.' }, ifVersion })).codes,
    ).toEqual(['PRECONDITION_FAILED'])
    expect((await ask('ann', deleteReview, { id })).data).toEqual({ deleteReview: { id } })
    expect((await ask('ann', deleteReview, { id })).codes).toEqual(['NOT_FOUND'])
  })

  test('an operation answers its declared type, and its errors have their codes', async () => {
    const { data } = await ask('ann', placeOrder, {
      input: { lines: [{ productId: 1, quantity: 2 }] },
    })
    expect(data?.placeOrder).toMatchObject({
      status: 'placed',
      total: '180.00',
      shippedAt: null,
      items: { nodes: [{ line: 1, quantity: 2, price: '90.00', product: { id: 1 } }] },
    })
    expectTypeOf(data?.placeOrder?.status).toEqualTypeOf<OrderStatus | undefined>()
    expect(
      await ask('ann', placeOrder, { input: { lines: [{ productId: 1, quantity: 1000 }] } }),
    ).toMatchObject({ data: { placeOrder: null }, codes: ['OUT_OF_STOCK'] })
    expect(
      (
        await ask('staff', salesSummary, {
          input: { by: 'month', from: '2026-01-01', to: '2026-01-31' },
        })
      ).data?.salesSummary?.groups,
    ).toEqual([{ key: '2026-01', revenue: '41959.20' }])
  })
})

test('the compiler refuses variables and fields that the schema does not have', () => {
  const wrong = (client: ReturnType<typeof openClient>) => [
    // @ts-expect-error a Decimal is text
    client(listProducts, { where: { price: { gte: 20 } } }),
    // @ts-expect-error one order has one field
    client(listProducts, { orderBy: { price: 'DESC', id: 'ASC' } }),
    // @ts-expect-error the id is required
    client(productWithReviews, {}),
    // @ts-expect-error no such status
    client(listProducts, { where: { status: { eq: 'sold' } } }),
    // @ts-expect-error not in the selection
    client(profile, { customerId: ANN }).then(({ data }) => data?.customerProfile?.version),
  ]
  expect(wrong).toBeTypeOf('function') // never called: `npm run check` compiles it
})
