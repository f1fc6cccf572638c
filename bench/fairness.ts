// What two callers who spend all of their budgets cost a third one: the p99 of an honest caller alone, and beside them.
// `npm run bench:fairness -- [seconds]`, with DATABASE_URL or an embedded PostgreSQL. It fails above threefold.
import { fork } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Attack, AttackResult } from './attackers.ts'
import { readOptions } from './options.ts'
import { openPostgres } from './postgres.ts'
import { sign } from './requests.ts'
import { startServer } from './running.ts'
import { quantile, runOpenLoop } from './overload/open-loop.ts'
import { openStore } from './store.ts'

const MOST = 3
/** Requests of the honest caller a second: with the defaults, it stays below each of its limits. */
const RATE = 10
const say = (line: string) => process.stderr.write(`${line}\n`)
const seconds = Number(process.argv[2] ?? 60) // a window of the budget
if (!(seconds > 0)) {
  say(`Usage: npm run bench:fairness -- [seconds]; ${process.argv[2]} is no number of seconds.`)
  process.exit(2)
}
/** Limits to try, from the environment; all others have their defaults. */
const settings = Object.fromEntries(
  ['COST_BUDGET', 'RATE_LIMIT_MAX', 'CALLER_CONCURRENCY'].flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value]]
  }),
)
const options = readOptions(['--servers', 'bifrons', '--products', '2500'])

/** Root fields by the size of their page, from the costliest down. */
const fields: readonly ((first: number) => string)[] = [
  (first) =>
    `products(first: ${first}) { nodes { id reviews(first: 100) { nodes { id body customer { name } } } } }`,
  (first) =>
    `orders(first: ${first}) { nodes { id items(first: 100) { nodes { id product { name } } } } }`,
  (first) => `products(first: ${first}) { nodes { id reviews(first: 20) { nodes { id body } } } }`,
  (first) => `orders(first: ${first}) { nodes { id items { nodes { id } } } }`,
  (first) => `products(first: ${first}) { nodes { id name } }`,
]
/** Aliases with pages of different sizes, since equal ones share a statement. */
const times = (field: (first: number) => string, number: number): string =>
  `{ ${Array.from({ length: number }, (_, i) => `a${i}: ${field(100 - i)}`).join(' ')} }`
/** Read by staff, who may see everything. The first that the server accepts is taken for the costliest accepted one. */
const candidates = fields.flatMap((field) => [10, 3, 1].map((number) => times(field, number)))

function toRequest(query: string, sub: string): string {
  const body = JSON.stringify({ query })
  const token = sign({ sub, roles: ['staff'] })
  return [
    'POST /graphql HTTP/1.1',
    'host: localhost',
    `authorization: Bearer ${token}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n')
}

async function findCostliest(port: number): Promise<string> {
  for (const [i, query] of candidates.entries()) {
    const begun = performance.now()
    const answer = await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${sign({ sub: `probe-${i}`, roles: ['staff'] })}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ query }),
    })
    const text = await answer.text()
    if (answer.status !== 200 || text.includes('"errors"')) continue
    const ms = Math.round(performance.now() - begun)
    say(
      `the costliest accepted request: ${ms} ms, ${text.length} characters, ${query.slice(0, 100)}`,
    )
    return query
  }
  throw new Error('The server accepts none of the candidates.')
}

function openAttackers() {
  const child = fork(join(import.meta.dirname, 'attackers.ts'), {
    execArgv: ['--conditions=source'],
  })
  return {
    attack: (order: Attack) =>
      new Promise<AttackResult>((resolve, reject) => {
        child.once('exit', () => reject(new Error('The attackers ended.')))
        child.once('message', (message) => resolve(message as AttackResult)) // what attackers.ts sends
        child.send(order)
      }),
    stop: () => child.disconnect(),
  }
}

const closing: (() => Promise<void> | void)[] = []
try {
  mkdirSync(options.cache, { recursive: true })
  const postgres = await openPostgres(options.cache, say)
  closing.push(postgres.stop)
  const store = await openStore(postgres.url, { ...options, say })
  closing.push(store.close)
  const server = await startServer('bifrons', {
    url: store.url,
    bifrons: options.bifrons,
    logs: options.cache,
    env: { COST_BUDGET: '', RATE_LIMIT_MAX: '', OVERLOAD_WAIT: '', ...settings },
  })
  closing.push(server.stop)
  const { port } = server
  const attackers = openAttackers()
  closing.push(attackers.stop)
  /** The honest caller is anonymous. It reads a product, `RATE` times a second, whether or not the last answer has come. */
  const target = { port, next: () => 'GET /api/products/1 HTTP/1.1\r\nhost: localhost\r\n\r\n' }
  const honest = async (milliseconds: number): Promise<number> => {
    const { admitted, shed, others } = await runOpenLoop(target, RATE, milliseconds)
    if (shed.length > 0 || Object.keys(others).length > 0)
      throw new Error(
        `${shed.length} were refused, others were answered ${JSON.stringify(others)}.`,
      )
    const [p50, p99, most] = [0.5, 0.99, 1].map((share) => quantile(admitted, share))
    say(`the honest caller: p50 ${p50} ms, p99 ${p99} ms, at most ${most} ms`)
    return p99 ?? 0
  }
  await honest(5000) // warm
  const query = await findCostliest(port)
  const alone = await honest(seconds * 1000)
  const attacking = attackers.attack({
    port,
    requests: ['one', 'other'].map((sub) => toRequest(query, sub)),
    connections: 8,
    milliseconds: seconds * 1000,
  })
  const [beside, spent] = await Promise.all([honest(seconds * 1000), attacking])
  const ratio = beside / alone
  say(`its p99 is ${ratio.toFixed(1)} times as long beside them; at most ${MOST}`)
  say(`the two callers: ${spent.accepted} answers, ${spent.refused} refusals`)
  process.exitCode = ratio <= MOST ? 0 : 1
} finally {
  for (let close = closing.pop(); close !== undefined; close = closing.pop()) await close()
}
