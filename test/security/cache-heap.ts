// A process that fills the caches of the store, and tells the heap that each of them held and the weight that it had.
import { openStore } from './support.ts'
import { type Kind, patient, requestsOf } from './flood.ts'

/** One cache, after it was filled and when it was emptied. */
export interface Measured {
  readonly name: string
  readonly entries: number
  /** The sum of the weights. */
  readonly weight: number
  /** What the heap lost when it was emptied. */
  readonly heap: number
}

/** Those that refer to others first. */
const order = [
  'query strings',
  'read queries',
  'prepared requests',
  'compiled operations',
  'plans',
  'documents',
]

function heapUsed(): number {
  for (let i = 0; i < 4; i += 1) globalThis.gc?.()
  const { heapUsed: heap, external } = process.memoryUsage()
  return heap + external
}

const [, , snapshot = '', databaseUrl = ''] = process.argv
const store = await openStore(
  { CACHE_MEMORY: '1073741824', ...patient, DATABASE_URL: databaseUrl },
  snapshot,
)

async function fill(kind: Kind, count: number, from: number): Promise<void> {
  for (const { url, body } of requestsOf(kind, count, from)) {
    const answer = await store.app.inject({
      method: body === undefined ? 'GET' : 'POST',
      url,
      ...(body === undefined
        ? {}
        : {
            headers: {
              'content-type': 'application/json',
              ...(body.startsWith('mutation') ? { authorization: `Bearer ${store.staff}` } : {}),
            },
            payload: JSON.stringify({ query: body }),
          }),
    })
    if (answer.statusCode !== 200 || answer.body.startsWith('{"errors"'))
      throw new Error(`${url} ${body ?? ''} ${answer.body}`)
  }
}

function empty(): readonly Measured[] {
  const { cacheBudget } = store.engine
  return order.map((name) => {
    const { entries = 0, bytes: weight = 0 } =
      cacheBudget.figures().find((one) => one.name === name) ?? {}
    const before = heapUsed()
    cacheBudget.clear(name)
    return { name, entries, weight, heap: before - heapUsed() }
  })
}

process.on('message', ({ kind, count }: { readonly kind: Kind; readonly count: number }) => {
  void (async () => {
    await fill(kind, 30, 0) // what the process itself takes once
    empty()
    await fill(kind, count, 100)
    process.send?.(empty())
  })()
})
process.send?.('ready')
