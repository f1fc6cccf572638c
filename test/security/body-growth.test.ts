// The CPU that a hostile body costs grows as the body does, on both faces: twice as long, at most 2.5 times as much.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BODY_BYTES, hostileValues } from './hostile-bodies.ts'
import { openStore, type Store } from './support.ts'

let store: Store
beforeAll(async () => {
  store = await openStore()
})
afterAll(() => store.close())

const MOST_GROWTH = 2.5
const RUNS = 5
/** Beside a collection, less than this says nothing. */
const FLOOR_MS = 8

/** Those that are read to their end, and how long they may be: more values or members are refused unread. */
const longest: Readonly<Record<string, number>> = {
  'as many numbers as are read': 190_000,
  'as many objects as are read': 140_000,
  'a list of names': 380_000,
  'as many members as are read': 96_000,
  'members that are objects': 96_000,
  'a long text': BODY_BYTES - 1000,
  'a long text of words': BODY_BYTES - 1000,
  'a text of escapes': BODY_BYTES - 1000,
  'names by dot': BODY_BYTES - 1000,
  'long names': BODY_BYTES - 1000,
}

const product = '"sku":"ABC-1234","name":"n","price":"1","cost":"1","categoryId":1'
const graphql = (document: string) => (value: string) =>
  `{"query":${JSON.stringify(document)},"variables":{"v":${value}}}`

const targets: Readonly<Record<string, readonly [url: string, body: (value: string) => string]>> = {
  'a list of a create on REST': [
    '/api/products',
    (value) => `{${product},"tags":${value},"stock":"many"}`,
  ],
  'JSON of a create on REST': [
    '/api/products',
    (value) => `{${product},"attributes":${value},"x":1}`,
  ],
  'several creates on REST': ['/api/products/batch', (value) => value],
  'a filter on REST': ['/api/products/query', (value) => `{"where":{"AND":${value}}}`],
  'a batch on REST': ['/api/batch', (value) => `{"requests":${value}}`],
  'a filter on GraphQL': [
    '/graphql',
    graphql('query ($v: ProductFilter) { products(where: $v) { nodes { id } } }'),
  ],
  'a create on GraphQL': [
    '/graphql',
    graphql('mutation ($v: ProductCreate!) { createProduct(input: $v) { id } }'),
  ],
  'a document on GraphQL': ['/graphql', (value) => `{"query":${value}}`],
}

/** CPU of this process while it works, in milliseconds. */
async function cpuOf(work: () => Promise<unknown>): Promise<number> {
  const start = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000
}

/** The least of several runs of both, in turn: what else the machine does falls on both. */
async function growthOf(
  once: () => Promise<unknown>,
  twice: () => Promise<unknown>,
): Promise<{ readonly once: number; readonly twice: number }> {
  const least = { once: Infinity, twice: Infinity }
  for (let run = 0; run < RUNS; run += 1) {
    least.once = Math.min(least.once, await cpuOf(once))
    least.twice = Math.min(least.twice, await cpuOf(twice))
  }
  return least
}

const grows = ({ once, twice }: { readonly once: number; readonly twice: number }): boolean =>
  twice > FLOOR_MS && twice > MOST_GROWTH * once

function send(url: string, payload: string): Promise<unknown> {
  return store.app.inject({
    method: 'POST',
    url,
    payload,
    headers: { authorization: `Bearer ${store.staff}`, 'content-type': 'application/json' },
  })
}

describe.each(Object.entries(targets))('%s', (_, [url, body]) => {
  test.each(Object.entries(longest))('of %s', async (shape, bytes) => {
    const toPayload = (size: number): string => body(hostileValues[shape]?.(size) ?? '')
    const [half, whole] = [toPayload(bytes / 2), toPayload(bytes)]
    const measure = () =>
      growthOf(
        () => send(url, half),
        () => send(url, whole),
      )
    let growth = await measure()
    for (let again = 0; again < 2 && grows(growth); again += 1) growth = await measure()
    expect(grows(growth), JSON.stringify(growth)).toBe(false)
  })
})

test('work that grows as the square of a body is seen', async () => {
  const quadratic = (length: number) => async (): Promise<unknown> =>
    /x+$/.exec(`${'x'.repeat(length)}y`)
  const growth = await growthOf(quadratic(5000), quadratic(10_000))
  expect(grows(growth), JSON.stringify(growth)).toBe(true)
})
