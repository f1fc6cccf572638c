// A database that lacks what the store declares, as its operator meets it: doctor, check --database and the log of start.
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { openDatabase } from '../../src/db/open.ts'
import { migrateDatabase } from '../../src/db/store/migrate.ts'
import { administer, createDatabase } from '../support/databases.ts'
import { askRest, bifrons, makeFolder, root, startBifrons } from './cli.ts'

vi.setConfig({ testTimeout: 120_000 }) // each command is a process of its own, a second or two on a busy machine

const cleanUps: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp()
})
const cwd = makeFolder((cleanUp) => cleanUps.push(cleanUp))
const store = join(root, 'app')

let url = ''
beforeAll(async () => {
  const made = await createDatabase('postgres')
  cleanUps.push(made.drop)
  url = made.url
})
const run = (args: readonly string[], env = {}) =>
  bifrons(args, { cwd, env: { DATABASE_URL: url, ...env } })

it('doctor says what is wrong before the migrations, and where there is no database', () => {
  const { code, stdout, stderr } = run(['doctor', store])
  expect([code, stderr]).toEqual([1, '3 things are wrong.\n'])
  expect(stdout).toMatch(
    /^configuration: ok\nconnection: ok [(]PostgreSQL, test_\w+ on 127.0.0.1:\d+[)]\nserver: ok [(]PostgreSQL \d+.*[)]\nmigrations: bifrons.*_store pending[.] Apply them with "bifrons migrate"[.]\ntables: The database has no table or view "products".*\nown tables: The database has no table or view "bifrons"."api_keys"[.].*\n$/m,
  )
  const gone = run(['doctor', store], { DATABASE_URL: 'postgres://me:secret@127.0.0.1:1/none' })
  expect(gone).toMatchObject({ code: 1, stderr: '1 thing is wrong.\n' })
  expect(gone.stdout).toMatch(/^configuration: ok\nconnection: .*ECONNREFUSED.*\n$/)
  expect(gone.stdout).not.toContain('secret')
  const unreadable = run(['doctor', store], { PORT: 'http' })
  expect(unreadable.stdout).toMatch(/^configuration: The configuration is not usable: PORT must be/)
})

it('doctor, check and the log of start name what is missing, and start serves the rest', async () => {
  const database = await openDatabase({
    url,
    poolMax: 1,
    statementTimeout: 5000,
    lockTimeout: 2000,
    idleInTransactionTimeout: 10_000,
    connectTimeout: 2000,
  })
  await migrateDatabase(database, { folder: join(root, 'app/drizzle') })
  await database.close()
  expect(run(['doctor', store])).toMatchObject({ code: 0, stderr: '' })

  await administer('drop table reviews', url)
  await administer('alter table products drop column weight', url)
  await administer('alter table collections alter column name type integer using 1', url)
  const names = [
    'The database has no table or view "reviews".',
    '"products" has no column "weight".',
    '"collections" has a column "name" of integer, declared as text.',
  ]
  const doctor = run(['doctor', store])
  expect([doctor.code, doctor.stderr]).toEqual([1, '1 thing is wrong.\n'])
  const checked = run(['check', store, '--database'])
  expect(checked.code).toBe(1)
  expect(checked.stderr).toMatch(/^The database lacks what is declared:\n/)

  const server = startBifrons(['start', store, '--port', '0', '--host', '127.0.0.1'], {
    cwd,
    env: { DATABASE_URL: url, SHUTDOWN_GRACE: '0' },
  })
  const address = await server.waitFor(/Server listening at (http[^"]+)/)
  const [warning] = server.said().match(/^.*the database lacks what is declared.*$/m) ?? []
  for (const name of names) {
    for (const said of [doctor.stdout, checked.stderr]) expect(said).toContain(name)
    expect(JSON.parse(warning ?? '')).toMatchObject({
      level: 40,
      drift: expect.arrayContaining([name]),
    })
  }
  const ready = await fetch(`${address}/readyz`)
  expect([ready.status, await ready.json()]).toEqual([200, { status: 'degraded' }])
  for (const path of ['/reviews', '/products', '/collections'])
    expect(await askRest(address, path)).toMatchObject({ status: 503, code: 'UNAVAILABLE' })
  expect(await askRest(address, '/categories')).toMatchObject({ data: [] })
  expect(await server.stop()).toBe(0)
})
