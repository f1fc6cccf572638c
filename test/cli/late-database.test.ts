// `bifrons start` before its database: it waits and then serves; what waiting cannot mend ends it with 1, also with workers.
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { openDatabase } from '../../src/db/open.ts'
import { migrateDatabase } from '../../src/db/store/migrate.ts'
import { createDatabase } from '../support/databases.ts'
import { freePort } from '../support/embedded-postgres.ts'
import { openFaultyProxy } from '../support/faulty-proxy.ts'
import { bifrons, makeFolder, root, type RunningCli, startBifrons } from './cli.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const cleanUps: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp()
})
const cwd = makeFolder((cleanUp) => cleanUps.push(cleanUp))
const gateway = join(root, 'test/cli/workers/gateway.ts')

let target = ''
beforeAll(async () => {
  const made = await createDatabase('postgres')
  cleanUps.push(made.drop)
  target = made.url
  const database = await openDatabase({
    url: target,
    poolMax: 1,
    statementTimeout: 5000,
    lockTimeout: 2000,
    idleInTransactionTimeout: 10_000,
    connectTimeout: 2000,
  })
  await migrateDatabase(database, { folder: join(root, 'app/drizzle') })
  await database.close()
})

const running: RunningCli[] = []
afterEach(() => {
  for (const { child } of running.splice(0)) if (child.exitCode === null) child.kill('SIGKILL')
})

/** Starts before the database; `appear` makes it be there. */
async function startEarly(workers: number, password?: string) {
  const url = new URL(target)
  const databasePort = await freePort()
  url.port = String(databasePort)
  if (password !== undefined) url.password = password
  const port = await freePort()
  const cli = startBifrons(
    ['start', gateway, '--host', '127.0.0.1', '--port', String(port), '--workers', String(workers)],
    { cwd, env: { DATABASE_URL: url.href, SHUTDOWN_GRACE: '0', LOG_LEVEL: 'info' } },
  )
  running.push(cli)
  await cli.waitFor(/cannot be reached: ECONNREFUSED[.] The next attempt is in/)
  return {
    cli,
    statusOf: async (path: string): Promise<number | string> =>
      fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close' } }).then(
        ({ status }) => status,
        () => 'no answer yet',
      ),
    async appear(): Promise<void> {
      const proxy = await openFaultyProxy(target, databasePort)
      onTestFinished(() => proxy.close())
    },
  }
}

describe.each([
  { name: 'one process', workers: 1 },
  { name: 'two workers', workers: 2 },
])('$name before the database', ({ workers }) => {
  it('waits, alive and not ready, then serves', async () => {
    const { cli, statusOf, appear } = await startEarly(workers)
    await expect.poll(() => statusOf('/healthz'), { timeout: 30_000 }).toBe(200)
    expect(await Promise.all(['/readyz', '/api/collections'].map(statusOf))).toEqual([503, 503])
    if (workers > 1) await cli.waitFor(/2 workers listen at/) // each has waited
    await appear()
    await cli.waitFor(/The database is there[.]/, workers)
    expect(await Promise.all(['/readyz', '/api/collections'].map(statusOf))).toEqual([200, 200])
    expect(await cli.stop()).toBe(0)
  })

  it('ends with 1 when the password turns out to be wrong', async () => {
    const { cli, appear } = await startEarly(workers, 'not-the-password')
    const ended = once(cli.child, 'exit')
    await appear()
    expect((await ended)[0]).toBe(1)
    expect(cli.said()).toMatch(/refuses the connection: password authentication failed/)
    expect(cli.said()).not.toContain('not-the-password')
  })
})

it('a folder with files of others in place of an embedded database ends it with 1', () => {
  const folder = makeFolder((cleanUp) => cleanUps.push(cleanUp))
  writeFileSync(join(folder, 'letter.txt'), 'dear')
  const env = {
    DATABASE_URL: `pglite:${folder}`,
    JWT_SECRET: 'of-this-test-and-nothing-else-0123456789',
  }
  for (const command of ['start', 'migrate']) {
    const { code, stderr } = bifrons([command, gateway], { cwd, env })
    expect([code, readdirSync(folder)], stderr).toEqual([1, ['letter.txt']])
    expect(stderr).toContain('has other files in it (letter.txt)')
  }
})
