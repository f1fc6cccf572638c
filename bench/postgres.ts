// The PostgreSQL of the benchmark: the server of DATABASE_URL, or an embedded one whose data stays in a cache folder.
import { accessSync, constants, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { startEmbeddedPostgres } from '../test/support/embedded-postgres.ts'

/** What is measured is CPU time, so nothing waits for a disk; what would run at times of its own does not run. */
const settings = [
  'fsync=off',
  'synchronous_commit=off',
  'full_page_writes=off',
  'autovacuum=off',
  'max_wal_size=8GB',
  'checkpoint_timeout=1h',
  'shared_buffers=512MB',
  'max_connections=200',
]

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
  return startEmbeddedPostgres({ databaseDir: folder, persistent: true, settings })
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
  const isRunning = () =>
    existsSync(file) && existsSync(`/proc/${readFileSync(file, 'utf8').split('\n')[0]}`)
  if (isRunning())
    say(
      'another benchmark runs on this data; waiting for it to end (--cache FOLDER has data of its own)',
    )
  while (isRunning()) await wait(500)
}
