// The authorization matrix over the reference store: callers x resources x fields x verbs x paths x faces, against an
// oracle of its own; and for every policy of the store, a gateway without it, on which the matrix must fail.
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import store from '../../app/gateway.ts'
import { access } from '../../app/declare.ts'
import { relations } from '../../app/relations.ts'
import { migrateDatabase } from '../../src/db/store/migrate.ts'
import type { HandlerTransaction } from '../../src/schema/declare/declare.ts'
import { buildModel } from '../../src/schema/build/build-model.ts'
import type { PolicyNode } from '../../src/schema/declare/access.ts'
import { writable } from '../../src/schema/inputs/standard-inputs.ts'
import type { AnyGateway } from '../../src/server/gateway.ts'
import { openTestGateway } from '../../src/testing/test-gateway.ts'
import type { TestGateway } from '../../src/parity/gateway.ts'
import { eachDatabase } from '../support/databases.ts'
import { inTier } from '../support/tier.ts'
import {
  alike,
  type Cell,
  deniedAt,
  listOf,
  requestOf,
  seeAt,
  seeProblem,
  select,
  toCell,
} from './cells.ts'
import { exportCells } from './export-cells.ts'
import { type TestCaller, evaluate, refusalOf, type Row, type Dataset } from './oracle.ts'
import { manyCells } from './many-cells.ts'
import { readCells } from './read-cells.ts'
import { type Failure, failuresOf, readDataset } from './run.ts'
import { type NewRows, writeCells } from './write-cells.ts'

/** `npm test` takes one cell and one policy of 13: a number that divides neither the kinds of callers nor those of cells. */
const SHARE = inTier({ short: 13, long: 1 })
const shareName = SHARE === 1 ? 'every cell' : `one cell of ${SHARE}`
const inShare = (_one: unknown, i: number): boolean => i % SHARE === 0

eachDatabase((kind, open) => {
  let gateway: TestGateway
  let cells: readonly Cell[]
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
    cells = cellsOf(await readDataset(gateway.engine.model, gateway))
  }, 120_000)
  afterAll(() => gateway.close())

  test(
    `${shareName} is answered as the oracle says, on both faces`,
    { timeout: 180_000 },
    async () => {
      expect(cells.length).toBeGreaterThan(2000)
      const failures: Failure[] = []
      for await (const failure of failuresOf(gateway, cells.filter(inShare))) failures.push(failure)
      expect(failures).toEqual([])
    },
  )

  if (kind === 'postgres') return // which rows policies let through is the same there, as the test above shows
  describe('the matrix fails without a policy', () => {
    test.each(policiesOf().filter(inShare))(
      '$id',
      { timeout: 60_000 },
      async ({ id, declaration }) => {
        const about = cells.filter((cell) => cell.about.includes(id))
        expect(about.length, `no cell is about ${id}`).toBeGreaterThan(0)
        const variant = await openTestGateway(declaration, { database: gateway.database })
        try {
          const failure = await failuresOf(variant, about).next()
          expect(failure.done, `${about.length} cells about ${id} hold without it`).toBe(false)
        } finally {
          await variant.app.close()
        }
      },
    )
  })
})

/** Kinds of callers; the newcomer has no profile yet. */
function callersOf({ rows }: Dataset): readonly TestCaller[] {
  const profiles = new Set(rows.get('customerProfile')?.map(({ customerId }) => customerId))
  const busy = rows.get('order')?.find(({ status }) => status === 'placed')?.['customerId']
  const newcomer =
    rows.get('customer')?.find(({ id }) => !profiles.has(id) && id !== busy)?.['id'] ?? null
  return [
    { name: 'anonymous', payload: null },
    { name: 'signed in', payload: { sub: 'nobody' } },
    { name: 'customer', payload: { sub: 'customer', customerId: busy } },
    { name: 'newcomer', payload: { sub: 'newcomer', customerId: newcomer } },
    { name: 'staff', payload: { sub: 'staff', roles: ['staff'] } },
  ]
}

const cellsOf = (dataset: Dataset): readonly Cell[] =>
  callersOf(dataset).flatMap((caller) => [
    ...readCells(dataset, caller),
    ...exportCells(dataset, caller),
    ...writeCells(dataset, caller, newRowsOf(dataset)),
    ...manyCells(dataset, caller, newRowsOf(dataset)),
    ...operationCells(dataset, caller),
  ])

/** For each resource with a create policy, rows that only a policy can refuse: a new customer's and another's. */
function newRowsOf(dataset: Dataset): NewRows {
  const customers: readonly unknown[] = dataset.rows.get('customer')?.map(({ id }) => id) ?? []
  const callers: readonly unknown[] = callersOf(dataset)
    .map(({ payload }) => payload?.['customerId'])
    .filter((id) => id !== undefined)
  const profiles = new Set(dataset.rows.get('customerProfile')?.map(({ customerId }) => customerId))
  const reviewed = new Set(
    dataset.rows
      .get('review')
      ?.map(({ customerId, productId }) => `${String(customerId)} ${String(productId)}`),
  )
  const products =
    dataset.rows
      .get('product')
      ?.filter(({ status }) => status === 'active')
      .map(({ id }) => id) ?? []
  const inFirst = new Set(
    dataset.rows
      .get('collectionProduct')
      ?.filter(({ collectionId }) => collectionId === 1)
      .map(({ productId }) => productId),
  )
  const [busy, newcomer] = callers
  const other = customers.find((id) => !profiles.has(id) && !callers.includes(id))
  const review = (customerId: unknown): Row => ({
    customerId,
    rating: 5,
    productId: products.find((id) => !reviewed.has(`${String(customerId)} ${String(id)}`)),
  })
  return {
    product: [{ sku: 'MTX-9876', name: 'Matrix', price: '1.00', cost: '0.50', categoryId: 1 }],
    category: [{ name: 'Matrix', slug: 'matrix' }],
    collection: [{ name: 'Matrix', slug: 'matrix' }],
    collectionProduct: [{ collectionId: 1, productId: products.find((id) => !inFirst.has(id)) }],
    customer: [{ email: 'matrix@example.com', name: 'Matrix' }],
    customerProfile: [{ customerId: newcomer }, { customerId: other }],
    review: [review(busy), review(newcomer), review(other)],
  }
}

/** A product that is on sale, and orders that are placed with one. */
function placedOf({ rows }: Dataset) {
  const active = new Map(
    rows
      .get('product')
      ?.filter(({ status }) => status === 'active')
      .map((product) => [product['id'], product]),
  )
  const shown = new Set(
    rows
      .get('orderItem')
      ?.filter(({ productId }) => active.has(productId))
      .map(({ orderId }) => orderId),
  )
  return {
    product: [...active.values()].find(({ stock }) => Number(stock) > 3)?.['id'],
    orders:
      rows.get('order')?.filter(({ id, status }) => status === 'placed' && shown.has(id)) ?? [],
  }
}

/** The store's own operations: their callers, their orders, and the answer of the order. */
function operationCells(dataset: Dataset, caller: TestCaller): readonly Cell[] {
  const customerId = caller.payload?.['customerId']
  const { product, orders } = placedOf(dataset)
  const [own, others] = [
    orders.filter((order) => order['customerId'] === customerId),
    orders.filter((order) => order['customerId'] !== customerId),
  ]
  const lines = { lines: [{ productId: product, quantity: 1 }] }
  const onlyCustomers = (expected: string): string =>
    customerId === undefined ? 'FORBIDDEN' : expected
  return [
    operationCell(dataset, caller, 'placeOrder', { input: lines, expected: onlyCustomers('done') }),
    ...own
      .slice(0, 1)
      .flatMap(({ id }) => [
        operationCell(dataset, caller, 'cancelOrder', { input: { id }, expected: 'done' }),
        costCell(caller, 'cancelOrder', { id }),
        costCell(caller, 'placeOrder', lines),
      ]),
    ...others.slice(0, 1).flatMap(({ id }) => [
      operationCell(dataset, caller, 'cancelOrder', {
        input: { id },
        expected: onlyCustomers('NOT_FOUND'),
      }),
      operationCell(dataset, caller, 'shipOrder', { input: { id }, expected: 'done' }),
    ]),
    operationCell(dataset, caller, 'salesSummary', { input: {}, expected: 'done' }),
  ]
}

function operationCell(
  dataset: Dataset,
  caller: TestCaller,
  name: string,
  { input, expected }: { readonly input: Row; readonly expected: string },
): Cell {
  const declared = dataset.model.operations.find((operation) => operation.name === name)
  if (declared === undefined || declared.standard !== null)
    throw new Error(`The store has no operation ${name}.`)
  const selection = declared.output.type === 'value' ? null : select(['customerId'])
  const isRefused = evaluate(dataset, caller, declared.access, null) === 'no'
  return toCell(`${caller.name}: ${name} ${JSON.stringify(input).slice(0, 60)}`, [name], {
    request: requestOf(caller, name, selection, { input }),
    expected: alike(isRefused ? refusalOf(caller) : expected),
    see: (outcome) => seeProblem(outcome) ?? 'done',
  })
}

const costCell = (caller: TestCaller, name: string, input: Row): Cell =>
  toCell(`${caller.name}: ${name} answers the cost of its products`, ['product.cost.read'], {
    request: requestOf(
      caller,
      name,
      select(['id'], {
        name: 'items',
        list: listOf(),
        selection: select([], { name: 'product', list: null, selection: select(['cost']) }),
      }),
      { input },
    ),
    expected: deniedAt('items.product.cost', refusalOf(caller)),
    see: seeAt('items.product.cost', () => 'shown'),
  })

interface Variant {
  readonly id: string
  readonly declaration: AnyGateway
}

type Rules = {
  readonly access: Record<string, unknown>
  readonly fields?: Record<string, Record<string, unknown>>
  readonly computed?: Record<string, Record<string, unknown>>
}

/** The store without one of its policies, for each that closes anything to anybody. */
function policiesOf(): readonly Variant[] {
  const { resources } = buildModel(store)
  const isClosing = (policy: PolicyNode | null): boolean =>
    policy !== null && policy.type !== 'everyone'
  /** Whether strangers may see rows: the exports that the default closes are theirs. */
  const isOpen = (policy: PolicyNode): boolean =>
    policy.type === 'everyone' ||
    policy.type === 'filter' ||
    (policy.type === 'any' && policy.of.some(isOpen))
  const ofResources = [...resources.values()].flatMap((resource): readonly Variant[] => {
    const declared = store.resources[resource.key]
    const rules = declared?.rules as Rules // ResourceRules, with its types forgotten
    const variant = (id: string, changes: object): Variant => ({
      id: `${resource.key}.${id}`,
      declaration: {
        ...store,
        resources: {
          ...store.resources,
          [resource.key]: { ...declared, rules: { ...rules, ...changes } },
        },
      } as unknown as AnyGateway, // the store, but for a policy
    })
    const verbs = (['read', 'create', 'update', 'delete'] as const)
      .filter((verb) => isClosing(resource.access[verb]))
      .map((verb) => variant(verb, { access: { ...rules.access, [verb]: access.everyone } }))
    const fields = [...resource.fields.values()].flatMap((field) => {
      const part = 'sql' in field.source ? 'computed' : 'fields'
      const open = (way: 'read' | 'write') =>
        variant(`${field.name}.${way}`, {
          [part]: {
            ...rules[part],
            [field.name]: { ...rules[part]?.[field.name], [way]: access.everyone },
          },
        })
      // a field that no open verb takes is closed, even where its own policy says yes
      const isWritten = (['create', 'update'] as const).some(
        (verb) =>
          resource.access[verb].type !== 'nobody' && writable(resource, verb).includes(field),
      )
      return [
        ...(isClosing(field.read) ? [open('read')] : []),
        ...(isClosing(field.write) && isWritten ? [open('write')] : []),
      ]
    })
    const isExported = isOpen(resource.access.read) && isClosing(resource.export.access)
    return [
      ...verbs,
      ...fields,
      ...(isExported ? [variant('export', { export: access.everyone })] : []),
    ]
  })
  const ofOperations = Object.entries(store.operations ?? {}).map(([id, operation]): Variant => ({
    id,
    declaration: {
      ...store,
      operations: { ...store.operations, [id]: { ...operation, access: access.everyone } },
    } as unknown as AnyGateway,
  })) // as above
  return [...ofResources, ...ofOperations]
}
