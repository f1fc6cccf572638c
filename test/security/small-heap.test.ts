// A process with a heap of 256 MB refuses three hostile bodies at once, and goes on with little more memory.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { BODY_BYTES, hostileValues } from './hostile-bodies.ts'

interface Told {
  readonly url: string
  readonly token: string
  /** Resident memory at its highest so far, in bytes. */
  readonly peak: number
}

/** The memory of three at once: texts, values and garbage, which a heap of 256 MB bounds too. */
const MOST_BYTES = 400 * 1024 * 1024

let child: ChildProcess
let store: Told
beforeAll(async () => {
  const script = fileURLToPath(new URL('./store-process.ts', import.meta.url))
  child = fork(script, [inject('pgliteSnapshot')], {
    execArgv: ['--conditions=source', '--max-old-space-size=256'],
  })
  store = await told()
})
afterAll(() => child.kill('SIGKILL'))

async function told(): Promise<Told> {
  const [message] = (await once(child, 'message')) as [Told] // store-process.ts sends this type
  return message
}

async function peak(): Promise<number> {
  const answer = told()
  child.send('peak')
  return (await answer).peak
}

const send = (path: string, body: string): Promise<Response> =>
  fetch(`${store.url}${path}`, {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${store.token}`, 'content-type': 'application/json' },
  })

const product = '"sku":"ABC-1234","name":"n","price":"1","cost":"1","categoryId":1'

const bodies: readonly (readonly [string, string, (value: string) => string])[] = [
  ['requests of a batch', '/api/batch', (value) => `{"requests":${value}}`],
  ['tags of a create', '/api/products', (value) => `{${product},"tags":${value}}`],
  ['several creates', '/api/products/batch', (value) => value],
  [
    'a filter in variables',
    '/graphql',
    (value) =>
      `{"query":"query ($v: ProductFilter) { products(where: $v) { nodes { id } } }","variables":{"v":${value}}}`,
  ],
]

test.each(bodies)(
  '%s',
  async (_, path, body) => {
    expect((await send(path, body('1'))).status).toBeLessThan(500) // so that one-time allocations are done
    const before = await peak()
    for (const [shape, make] of Object.entries(hostileValues)) {
      const text = body(make(BODY_BYTES - 1000))
      const answers = await Promise.all([1, 2, 3].map(() => send(path, text)))
      expect(
        answers.map(({ status }) => status >= 200 && status < 500),
        shape,
      ).toEqual([true, true, true])
      await Promise.all(answers.map((answer) => answer.text()))
    }
    expect((await fetch(`${store.url}/healthz`)).status).toBe(200)
    expect((await peak()) - before).toBeLessThan(MOST_BYTES)
  },
  120_000,
)
