// `npm run bench:overload`: what `bifrons start` does at several times its capacity with a small heap. Prints the figures as a table.
import { spawn } from 'node:child_process'
import { mkdirSync, openSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { freePort } from '../../test/support/embedded-postgres.ts'
import { openPostgres } from '../postgres.ts'
import { jwtSecret, staffToken } from '../requests.ts'
import { openStore } from '../store.ts'
import {
  measureCapacity,
  openProbe,
  type OpenLoop,
  quantile,
  runOpenLoop,
  type Target,
} from './open-loop.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '30' },
    times: { type: 'string', default: '5' },
    heap: { type: 'string', default: '256' },
    cache: { type: 'string', default: join(tmpdir(), 'bifrons-overload') },
  },
})

const HEAVY = '/api/orders?limit=100&include=items,items.product,customer&sort=-total'
const CALLERS = 50
const root = join(import.meta.dirname, '../..')
const bifrons = [process.execPath, '--conditions=source', join(root, 'bin/bifrons.js')]
const say = (line: string): void => void process.stderr.write(`${line}\n`)

async function start(url: string, log: string) {
  const port = await freePort()
  const adminPort = await freePort()
  const [command = '', ...args] = bifrons
  const file = openSync(log, 'w')
  const child = spawn(
    command,
    [`--max-old-space-size=${values.heap}`, ...args, 'start', join(root, 'app/gateway.ts')],
    {
      env: {
        ...process.env,
        DATABASE_URL: url,
        JWT_SECRET: jwtSecret,
        HOST: '127.0.0.1',
        PORT: String(port),
        ADMIN_PORT: String(adminPort),
        RATE_LIMIT_MAX: '10000000',
        SHUTDOWN_GRACE: '0',
      },
      stdio: ['ignore', file, file],
    },
  )
  process.once('exit', () => child.kill('SIGKILL'))
  for (let tries = 0; tries < 300 && child.exitCode === null; tries += 1) {
    const isUp = await fetch(`http://127.0.0.1:${port}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isUp) return { child, port, adminPort }
    await wait(100)
  }
  throw new Error(`bifrons did not start; see ${log}`)
}

/** The heavy list, asked for by the callers in turn. */
function toNext(): () => string {
  const requests = Array.from(
    { length: CALLERS },
    (_, number) =>
      `GET ${HEAVY} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${staffToken(number)}\r\n\r\n`,
  )
  let at = 0
  return () => requests[at++ % CALLERS] ?? ''
}

const megabytesOf = (pid: number | undefined): number =>
  Math.round(
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024,
  )

function toLines(figures: Readonly<Record<string, string | number>>): string {
  return Object.entries(figures)
    .map(([name, value]) => `| ${name} | ${value} |`)
    .join('\n')
}

function describe({
  sent,
  admitted,
  shed,
  others,
  unsent,
}: OpenLoop): Record<string, string | number> {
  return {
    'requests sent': sent,
    'answered with 200': admitted.length,
    'their p50, p99, ms': `${quantile(admitted, 0.5)}, ${quantile(admitted, 0.99)}`,
    'refused with 503': shed.length,
    'p50, p99 until refused, ms': `${quantile(shed, 0.5)}, ${quantile(shed, 0.99)}`,
    'other statuses (0: no answer)': JSON.stringify(others),
    'not sent for want of sockets': unsent,
  }
}

async function main(): Promise<void> {
  mkdirSync(values.cache, { recursive: true })
  const postgres = await openPostgres(values.cache, say)
  const store = await openStore(postgres.url, { products: 2500, bifrons, say })
  const log = join(values.cache, 'bifrons.log')
  const { child, port, adminPort } = await start(store.url, log)
  try {
    const target: Target = { port, next: toNext() }
    await measureCapacity(target, 8, 3000) // warms up
    const capacity = await measureCapacity(target, 32, 5000)
    const rate = Math.round(capacity * Number(values.times))
    say(`capacity ${Math.round(capacity)}/s; ${rate}/s for ${values.seconds} s`)
    const before = megabytesOf(child.pid)
    const health = openProbe(`http://127.0.0.1:${port}/healthz`, 250)
    const admin = openProbe(`http://127.0.0.1:${adminPort}/healthz`, 100)
    const loop = await runOpenLoop(target, rate, Number(values.seconds) * 1000)
    const probes = { health: await health.stop(), admin: await admin.stop() }
    const after = megabytesOf(child.pid)
    await wait(1000)
    const again = performance.now()
    await (await fetch(`http://127.0.0.1:${port}/readyz`)).text()
    const { times: healthTimes } = probes.health
    process.stdout.write(
      `${toLines({
        'capacity, closed loop of 32, requests/s': Math.round(capacity),
        'load, requests/s': rate,
        ...describe(loop),
        '/healthz p50, p99, max, ms': [0.5, 0.99, 1]
          .map((share) => quantile(healthTimes, share))
          .join(', '),
        '/healthz failed': probes.health.failed,
        'admin port p50, p99, max, ms': [0.5, 0.99, 1]
          .map((share) => quantile(probes.admin.times, share))
          .join(', '),
        'admin port failed': probes.admin.failed,
        'memory before and after, MB': `${before}, ${after}`,
        '/readyz one second later, ms': Math.round(performance.now() - again),
      })}\n`,
    )
  } finally {
    child.kill('SIGTERM')
    await store.close()
    await postgres.stop()
  }
}

await main()
process.exit()
