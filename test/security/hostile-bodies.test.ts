// The largest bodies, of every form, on every kind of route of both faces: refused soon, with a small answer, and never as a 500.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MAX_ECHO_CHARS } from '../../src/errors.ts'
import { BODY_BYTES, hostileValues, shapes } from './hostile-bodies.ts'
import { openStore, type Store } from './support.ts'

let store: Store
beforeAll(async () => {
  store = await openStore()
})
afterAll(() => store.close())

interface Target {
  readonly method: 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  readonly url: string
  /** Around the hostile value. */
  readonly body: (value: string) => string
}

const whole = (value: string): string => value
const graphql = (body: (value: string) => string): Target => ({
  method: 'POST',
  url: '/graphql',
  body,
})
const variables = (document: string): Target =>
  graphql((value) => `{"query":${JSON.stringify(document)},"variables":{"v":${value}}}`)

const product = '"sku":"ABC-1234","name":"n","price":"1","cost":"1","categoryId":1'

const targets: Readonly<Record<string, Target>> = {
  'a create': { method: 'POST', url: '/api/products', body: whole },
  'a list of a create': {
    method: 'POST',
    url: '/api/products',
    body: (value) => `{${product},"tags":${value},"stock":"many"}`,
  },
  'JSON of a create': {
    method: 'POST',
    url: '/api/products',
    body: (value) => `{${product},"attributes":${value},"x":1}`,
  },
  'text of a create': {
    method: 'POST',
    url: '/api/products',
    body: (value) => `{${product},"name":${value},"stock":"many"}`.replace('"name":"n",', ''),
  },
  'several creates': { method: 'POST', url: '/api/products/batch', body: whole },
  'lists in several creates': {
    method: 'POST',
    url: '/api/products/batch',
    body: (value) => `[{"tags":${value}},{"tags":[5,6]}]`,
  },
  'a nested create': {
    method: 'POST',
    url: '/api/orders',
    body: (value) => `{"items":{"create":${value}}}`,
  },
  'an update': { method: 'PATCH', url: '/api/products/1', body: whole },
  'an upsert': { method: 'PUT', url: '/api/products/by/sku/ABC-1234', body: whole },
  'an update by filter': {
    method: 'PATCH',
    url: '/api/products?atMost=1&where={"id":{"eq":1}}',
    body: whole,
  },
  'a list by body': { method: 'POST', url: '/api/products/query', body: whole },
  ...Object.fromEntries(
    [
      'where',
      'sort',
      'fields',
      'include',
      'distinctOn',
      'search',
      'after',
      'limit',
      'count',
      'y',
    ].map((name): [string, Target] => [
      `${name} of a list by body`,
      { method: 'POST', url: '/api/products/query', body: (value) => `{"${name}":${value}}` },
    ]),
  ),
  'a filter of a list by body': {
    method: 'POST',
    url: '/api/products/query',
    body: (value) => `{"where":{"AND":${value}}}`,
  },
  'an operand of a list by body': {
    method: 'POST',
    url: '/api/products/query',
    body: (value) => `{"where":{"id":{"in":${value}}}}`,
  },
  'an operation': { method: 'POST', url: '/api/orders/place', body: whole },
  'a list of an operation': {
    method: 'POST',
    url: '/api/orders/place',
    body: (value) => `{"lines":${value}}`,
  },
  'a batch': { method: 'POST', url: '/api/batch', body: whole },
  'requests of a batch': {
    method: 'POST',
    url: '/api/batch',
    body: (value) => `{"requests":${value}}`,
  },
  'a body in a batch': {
    method: 'POST',
    url: '/api/batch',
    body: (value) => `{"requests":[{"method":"POST","path":"/api/products","body":${value}}]}`,
  },
  'headers in a batch': {
    method: 'POST',
    url: '/api/batch',
    body: (value) =>
      `{"requests":[{"method":"PATCH","path":"/api/products/1","headers":{"if-match":${value},"prefer":${value === '' ? '' : '"y"'}},"body":{}}]}`,
  },
  'a path in a batch': {
    method: 'POST',
    url: '/api/batch',
    body: (value) =>
      `{"requests":[{"method":"POST","path":"/api/products?fields=${value.replaceAll(/["\\]/g, '')}","body":{}}]}`,
  },
  'no address': { method: 'POST', url: '/api/nothing', body: whole },
  'a GraphQL request': graphql(whole),
  'a GraphQL parameter': graphql((value) => `{"query":"{__typename}","y":${value}}`),
  'a document': graphql((value) => `{"query":${value}}`),
  'an operation name': graphql(
    (value) => `{"query":"query a {__typename}","operationName":${value}}`,
  ),
  'all variables': graphql(
    (value) =>
      `{"query":"query ($a: Int) { products(first: $a) { nodes { id } } }","variables":${value}}`,
  ),
  extensions: graphql((value) => `{"query":"{__typename}","y":1,"extensions":${value}}`),
  'a filter in variables': variables(
    'query ($v: ProductFilter) { products(where: $v) { nodes { id } } }',
  ),
  'a list in a filter in variables': variables(
    'query ($v: [ProductFilter!]) { products(where: { AND: $v }) { nodes { id } } }',
  ),
  'an order in variables': variables(
    'query ($v: [ProductOrder!]) { products(orderBy: $v) { nodes { id } } }',
  ),
  'a number in variables': variables('query ($v: Int!) { product(id: $v) { id } }'),
  'text in variables': variables('query ($v: String!) { products(after: $v) { nodes { id } } }'),
  'a create in variables': variables(
    'mutation ($v: ProductCreate!) { createProduct(input: $v) { id } }',
  ),
  'several creates in variables': variables(
    'mutation ($v: [ProductCreate!]!) { createProducts(input: $v) { id } }',
  ),
  'JSON in variables': graphql(
    (value) =>
      `{"query":"mutation ($v: JSON) { createProduct(input: { sku: \\"a\\", name: \\"n\\", price: \\"1\\", cost: \\"1\\", categoryId: 1, attributes: $v, tags: $v }) { id } }","variables":{"v":${value}}}`,
  ),
}

const MOST_CPU_MS = 100
const MOST_TIMES_PARSING = 8
const MOST_BYTES = 64 * 1024

/** Node's own JSON.parse of a valid body of as many bytes: a list of numbers. */
const parsing = cpuOf(() => JSON.parse(hostileValues['numbers']?.(BODY_BYTES) ?? ''))

function cpuOf(work: () => unknown): number {
  return Math.min(
    ...Array.from({ length: 5 }, () => {
      const start = process.cpuUsage()
      work()
      return millisecondsSince(start)
    }),
  )
}

function millisecondsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000
}

interface Refused {
  readonly status: number
  readonly bytes: number
  readonly ms: number
  readonly text: string
}

async function send({ method, url, body }: Target, value: string): Promise<Refused> {
  const payload = Buffer.from(body(value))
  const start = process.cpuUsage()
  const answer = await store.app.inject({
    method,
    url,
    payload,
    headers: {
      authorization: `Bearer ${store.staff}`,
      'content-type': 'application/json',
      accept: 'application/graphql-response+json, application/json',
    },
  })
  return {
    status: answer.statusCode,
    bytes: answer.rawPayload.length,
    ms: millisecondsSince(start),
    text: answer.body,
  }
}

/** One value of each form; the target adds less than 1,000 bytes. */
const values = new Map(
  shapes.map((shape) => [shape, hostileValues[shape]?.(BODY_BYTES - 1000) ?? '']),
)

/** The longest run of the caller's text. */
const longestEcho = (text: string): number =>
  Math.max(0, ...[...text.matchAll(/y{150,}|(?:y ){75,}/g)].map(([found]) => found.length))

let slowest = { ms: 0, what: '' }
afterAll(() => {
  process.stdout.write(
    `The most expensive refusal: ${slowest.ms.toFixed(0)} ms of CPU, ${slowest.what}; JSON.parse of a list of as many bytes: ${parsing.toFixed(0)} ms.\n`,
  )
})

describe.each(Object.entries(targets))('%s', (name, target) => {
  test.each(shapes)('of %s', async (shape) => {
    const value = values.get(shape) ?? ''
    let refused = await send(target, value)
    for (let again = 0; again < 2 && refused.ms > MOST_CPU_MS; again += 1)
      refused = await send(target, value) // the first try ran cold, or beside a garbage collection
    if (refused.ms > slowest.ms) slowest = { ms: refused.ms, what: `${name} of ${shape}` }
    // an unknown variable is ignored, and a fault of a field leaves the others: GraphQL answers 200
    expect(refused.status).toBeGreaterThanOrEqual(target.url === '/graphql' ? 200 : 400)
    expect(refused.status).toBeLessThan(500)
    expect(refused.bytes).toBeLessThanOrEqual(MOST_BYTES)
    expect(longestEcho(refused.text)).toBeLessThanOrEqual(MAX_ECHO_CHARS)
    expect(refused.ms).toBeLessThan(Math.max(MOST_CPU_MS, MOST_TIMES_PARSING * parsing))
  })
})

describe('faults that were found', () => {
  const codesOf = (body: {
    readonly issues?: readonly { readonly code: string }[]
  }): readonly string[] => (body.issues ?? []).map(({ code }) => code)

  test('a batch of 300,000 empty requests is refused', async () => {
    expect(
      await store.call('POST /api/batch', { body: `{"requests":[${'{},'.repeat(299_999)}{}]}` }),
    ).toMatchObject({ status: 400, body: { code: 'TOO_COMPLEX' } })
    const fewer = await store.call('POST /api/batch', {
      body: `{"requests":[${'{},'.repeat(39_999)}{}]}`,
    })
    expect(fewer).toMatchObject({ status: 422, body: { code: 'VALIDATION_FAILED' } })
    expect(codesOf(fewer.body)).toHaveLength(20)
    expect(codesOf(fewer.body).at(-1)).toBe('more')
  })

  test('480,000 numbers as tags, and rows of 5,000 each, are refused', async () => {
    const row = (tags: number): string => `{${product},"tags":[${'5,'.repeat(tags - 1)}5]}`
    const asked = { as: store.staff }
    expect(await store.call('POST /api/products', { ...asked, body: row(480_000) })).toMatchObject({
      status: 400,
      body: { code: 'TOO_COMPLEX' },
    })
    const one = await store.call('POST /api/products', { ...asked, body: row(99_000) })
    expect([one.status, ...codesOf(one.body)]).toEqual([
      422,
      ...Array<string>(19).fill('wrong_type'),
      'more',
    ])
    const several = await store.call('POST /api/products/batch', {
      ...asked,
      body: `[${Array(19).fill(row(5000)).join(',')}]`,
    })
    expect([several.status, ...codesOf(several.body)]).toEqual([
      422,
      ...Array<string>(19).fill('wrong_type'),
      'more',
    ])
  })

  test('long names and values are cut in the answer', async () => {
    const long = 'y'.repeat(900_000)
    const sort = await store.call('POST /api/products/query', { body: { sort: [long] } })
    const named = await store.graphql('query a { __typename }', { operationName: long })
    // A denied field is reported once for each root field above it, with its path.
    const roots = Array.from(
      { length: 29 },
      (_, i) => `r${i}: products(first: 1) { nodes { ...F } }`,
    )
    const nested = await store.graphql(
      `{ ${roots.join(' ')} } fragment F on Product { ${'a'.repeat(10_000)}: cost }`,
    )
    for (const { body } of [sort, named, nested]) {
      expect(JSON.stringify(body.errors ?? body).length).toBeLessThan(MOST_BYTES)
      expect(longestEcho(JSON.stringify(body))).toBeLessThanOrEqual(MAX_ECHO_CHARS)
    }
    expect(nested.body.errors.at(-1).message).toMatch(
      /^There are \d+ more errors; these are the first \d+\.$/,
    )
  })

  test('a fault of shape is found after many faults of validators', async () => {
    const bad = { sku: 'no', name: 'n', price: '-1', cost: '1', categoryId: 1 }
    const rows = [...Array.from({ length: 60 }, () => bad), { ...bad, stock: 'many' }]
    const { status, body } = await store.call('POST /api/products/batch', {
      as: store.staff,
      body: rows,
    })
    expect([status, body.issues]).toEqual([
      422,
      [expect.objectContaining({ path: [60, 'stock'], code: 'wrong_type' })],
    ])
  })
})
