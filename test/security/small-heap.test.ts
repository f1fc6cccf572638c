// A process with a heap of 256 MB refuses three hostile bodies at once, and goes on with little more memory.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { BODY_BYTES, hostileValues } from './hostile-bodies.ts'

interface Told {
  readonly url: string
  readonly token: string
  /** Resident memory, in bytes: what it is now, and what it was at most since the last collection that was asked for. */
  readonly resident: number
  readonly peak: number
}

/**
 * How much more memory of the system a body may take until it is refused. The heap is bounded beside that: with more than
 * 256 MB of texts and values at once, the process would end.
 */
const MAX_BYTES_PER_BODY = 100 * 1024 * 1024
const AT_ONCE = 3

let child: ChildProcess
let store: Told
beforeAll(async () => {
  const script = fileURLToPath(new URL('./store-process.ts', import.meta.url))
  child = fork(script, [inject('pgliteSnapshot')], {
    execArgv: ['--conditions=source', '--max-old-space-size=256', '--expose-gc'],
  })
  store = await told()
})
afterAll(() => child.kill('SIGKILL'))

async function told(): Promise<Told> {
  const [message] = (await once(child, 'message')) as [Told] // store-process.ts sends this type
  return message
}

async function memory(what: 'collect' | 'peak'): Promise<Told> {
  const answer = told()
  child.send(what)
  return answer
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
  ['tags of a create', '/api/products', (value) => `{${product},"tags":${value},"stock":"many"}`],
  ['several creates', '/api/products/batch', (value) => value],
  [
    'a filter in variables',
    '/graphql',
    (value) =>
      `{"query":"query ($v: ProductFilter) { products(where: $v) { nodes { id } } }","variables":{"v":${value}}}`,
  ],
]

const toMb = (bytes: number): number => Math.round(bytes / 1024 / 1024)

let largest = { bytes: 0, from: 0, what: '' }
afterAll(() => {
  process.stdout.write(
    `The most memory of ${AT_ONCE} bodies at once: ${toMb(largest.bytes)} MB over ${toMb(largest.from)} MB, ${largest.what}.\n`,
  )
})

test.each(bodies)(
  '%s',
  async (name, path, body) => {
    expect((await send(path, body('1'))).status).toBeLessThan(500) // so that one-time allocations are done
    const { resident } = await memory('collect')
    for (const [shape, make] of Object.entries(hostileValues)) {
      const text = body(make(BODY_BYTES - 1000))
      await memory('collect') // what other shapes have left
      const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => send(path, text)))
      expect(
        answers.map(({ status }) => status >= 200 && status < 500),
        shape,
      ).toEqual(Array(AT_ONCE).fill(true))
      await Promise.all(answers.map((answer) => answer.text()))
      const bytes = (await memory('peak')).peak - resident
      if (bytes > largest.bytes) largest = { bytes, from: resident, what: `${name} of ${shape}` }
      expect(bytes, shape).toBeLessThan(AT_ONCE * MAX_BYTES_PER_BODY)
    }
    expect((await fetch(`${store.url}/healthz`)).status).toBe(200)
  },
  120_000,
)
