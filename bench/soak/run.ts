// `npm run soak -- [minutes]`: the store under a mixed load for a long time, with the figures of each minute. It fails where memory
// grows, or where a request fails that should not. DATABASE_URL names a PostgreSQL; without it an embedded one is started.
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { quantile } from '../overload/open-loop.ts'
import { openPostgres } from '../postgres.ts'
import { residentMebibytes } from '../proc.ts'
import { startServer } from '../running.ts'
import { openStore } from '../store.ts'
import { type Load, openLoad } from './load.ts'

const RATE = 40
const PRODUCTS = 2500
const SAMPLE_MS = 10_000
const MOST_GROWTH = 1 // MB a minute
const minutes = Number(process.argv[2] ?? 10)
const cache = join(tmpdir(), 'bifrons-soak')
const figuresFile = join(cache, 'figures.json')
const root = join(import.meta.dirname, '../..')
const bifrons = [process.execPath, '--conditions=source', join(root, 'bin/bifrons.js')]
const preload = pathToFileURL(join(import.meta.dirname, 'heap-on-signal.ts')).href
const say = (line: string): void => void process.stderr.write(`${line}\n`)

interface Memory {
  readonly minute: number
  /** What is left after a collection, buffers outside of the heap too; in MB. */
  readonly live: number
}

async function measureLive(pid: number): Promise<number> {
  rmSync(figuresFile, { force: true })
  process.kill(pid, 'SIGUSR2')
  for (let tries = 0; tries < 200 && !existsSync(figuresFile); tries += 1) await wait(50)
  const { heapUsed, external } = JSON.parse(readFileSync(figuresFile, 'utf8')) as NodeJS.MemoryUsage // as heap-on-signal.ts writes it
  return (heapUsed + external) / 1e6
}

function countSockets(pid: number): number {
  const folder = `/proc/${pid}/fd`
  return readdirSync(folder).filter((name) => {
    try {
      return readlinkSync(join(folder, name)).startsWith('socket:')
    } catch {
      return false // it was closed meanwhile
    }
  }).length
}

/** MB a minute, by least squares over the second half. */
function growthOf(samples: readonly Memory[]): number {
  const half = samples.slice(Math.floor(samples.length / 2))
  const mean = (of: (sample: Memory) => number): number =>
    half.reduce((sum, sample) => sum + of(sample), 0) / half.length
  const [x, y] = [mean(({ minute }) => minute), mean(({ live }) => live)]
  const spread = half.reduce((sum, { minute }) => sum + (minute - x) ** 2, 0)
  return half.reduce((sum, { minute, live }) => sum + (minute - x) * (live - y), 0) / spread
}

interface Soaked {
  readonly samples: readonly Memory[]
  readonly failed: Readonly<Record<string, number>>
}

async function soak(pid: number, load: Load): Promise<Soaked> {
  const samples: Memory[] = []
  const failed: Record<string, number> = {}
  const began = performance.now()
  const perMinute = 60_000 / SAMPLE_MS
  for (let turn = 1; turn <= minutes * perMinute; turn += 1) {
    await wait(Math.max(0, began + turn * SAMPLE_MS - performance.now()))
    const live = await measureLive(pid)
    samples.push({ minute: turn / perMinute, live })
    if (turn % perMinute !== 0) continue
    const figures = load.take()
    for (const [what, count] of Object.entries(figures.failed))
      failed[what] = (failed[what] ?? 0) + count
    const asked = figures.sent - figures.aborted
    const bad = Object.values(figures.failed).reduce((sum, count) => sum + count, 0)
    const share = ((100 * figures.good) / Math.max(1, figures.good + bad)).toFixed(2)
    say(
      `${turn / perMinute} min: ${figures.sent} requests (${figures.aborted} given up), ${share} % of ${asked} good, ` +
        `p50 ${quantile(figures.times, 0.5)} ms, p99 ${quantile(figures.times, 0.99)} ms, ` +
        `live ${live.toFixed(1)} MB, RSS ${residentMebibytes(pid)} MiB, ${countSockets(pid)} sockets`,
    )
  }
  return { samples, failed }
}

async function main(): Promise<boolean> {
  mkdirSync(cache, { recursive: true })
  const postgres = await openPostgres(cache, say)
  const store = await openStore(postgres.url, { products: PRODUCTS, bifrons, say })
  const server = await startServer('bifrons', {
    url: store.url,
    bifrons,
    logs: cache,
    env: {
      NODE_OPTIONS: `--import ${preload}`,
      SOAK_FIGURES: figuresFile,
      OVERLOAD_WAIT: '10000', // a busy machine is no fault here
      DATABASE_POOL_MAX: '20', // half of them may export at a time
      CALLER_CONCURRENCY: '20', // the anonymous are all of one address
    },
  })
  try {
    const load = openLoad(server.port, PRODUCTS, RATE)
    const { samples, failed } = await soak(server.pid, load)
    await load.stop()
    const growth = growthOf(samples)
    say(`memory grew by ${growth.toFixed(2)} MB/min over the second half (at most ${MOST_GROWTH})`)
    if (Object.keys(failed).length > 0) say(`failed: ${JSON.stringify(failed)}`)
    return growth <= MOST_GROWTH && Object.keys(failed).length === 0
  } finally {
    await server.stop()
    await store.clean()
    await store.close()
    await postgres.stop()
  }
}

process.exit((await main()) ? 0 : 1)
