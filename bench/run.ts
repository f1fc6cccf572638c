// `npm run bench`: PostgreSQL, the store, all servers and the load, from start to report. Progress goes to stderr.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compareAnswers } from './compare.ts'
import { runGate } from './gate.ts'
import { type Figures, measure } from './matrix.ts'
import { type Options, readOptions } from './options.ts'
import { openPostgres } from './postgres.ts'
import { writeReport } from './report.ts'
import { type RunningServer, startServer } from './running.ts'
import { openGenerator } from './sample.ts'
import { type ServerName, servers } from './servers.ts'
import { openStore } from './store.ts'
import { isReached, judge, type Judged } from './targets.ts'

const say = (line: string) => process.stderr.write(`${line}\n`)

/** What has to end with the benchmark, the youngest first. */
const closing: (() => Promise<void> | void)[] = []

async function closeAll(): Promise<void> {
  for (let close = closing.pop(); close !== undefined; close = closing.pop()) await close()
}

function installOthers(names: readonly ServerName[]): void {
  const folder = join(import.meta.dirname, 'others')
  if (!names.some((name) => servers[name].other) || existsSync(join(folder, 'node_modules'))) return
  say('installing the other servers (bench/others)')
  execFileSync('npm', ['ci'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
}

/** Everything from the start of PostgreSQL to its end. */
async function run(options: Options): Promise<Figures & { readonly version: string }> {
  try {
    return await measureAll(options)
  } finally {
    await closeAll()
  }
}

async function measureAll(options: Options): Promise<Figures & { readonly version: string }> {
  installOthers(options.servers)
  mkdirSync(options.cache, { recursive: true })
  const postgres = await openPostgres(options.cache, say)
  closing.push(postgres.stop)
  const store = await openStore(postgres.url, {
    products: options.products,
    bifrons: options.bifrons,
    say,
  })
  closing.push(store.close)
  await store.clean()
  const running: RunningServer[] = []
  for (const name of options.servers) {
    const server = await startServer(name, {
      url: store.url,
      bifrons: options.bifrons,
      logs: options.cache,
    })
    running.push(server)
    closing.push(server.stop)
  }
  const generator = openGenerator()
  closing.push(generator.stop)
  if (options.compare) {
    const differences = await compareAnswers(running, { ...options, clean: store.clean })
    if (differences.length > 0)
      throw new Error(
        `The servers do not answer the same, so there is nothing to compare.\n${differences.join('\n')}`,
      )
    say('all servers answer the same')
  }
  return { ...(await measure(options, { running, generator, store, say })), version: store.version }
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2))
  if (options.gate) {
    process.exitCode = await runGate(options, run, say)
    return
  }
  const { figures, memory, version } = await run(options)
  const judged = judge(figures, options.connections.at(-1) ?? 32)
  for (const one of judged) say(toLine(one))
  const result = { node: process.version, postgres: version, options, figures, memory, judged }
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`)
  if (options.report) writeReport(result)
}

function toLine(judged: Judged): string {
  const { workload, against, server, total, targets } = judged
  return [
    isReached(judged) ? 'reached    ' : 'NOT reached',
    workload.padEnd(5),
    `against ${against}:`.padEnd(22),
    `${server.toFixed(2)} of ${targets.server}`.padEnd(12),
    `with PostgreSQL ${total?.toFixed(2) ?? '?'} ${targets.total === undefined ? '' : `of ${targets.total}`}`,
  ].join('  ')
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    closeAll()
      .finally(() => process.exit(130))
      .catch(() => {})
  })
}

try {
  await main()
} catch (error) {
  say(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
