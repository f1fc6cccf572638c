// Backends of PostgreSQL that die at the worst moment, under `bifrons start`: they end requests, never the process.
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { administer, createDatabase } from '../support/databases.ts'
import { type FatalProxy, type Moment, openFatalProxy } from '../support/fatal-proxy.ts'
import { bifrons, makeFolder, root, type RunningCli, startBifrons } from './cli.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 })

const cleanUps: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp()
})
const folder = makeFolder((cleanUp) => cleanUps.push(cleanUp))
const gateway = join(root, 'test/cli/workers/gateway.ts')
const POOL = 3

let databaseUrl = ''
beforeAll(async () => {
  const database = await createDatabase('postgres')
  cleanUps.push(database.drop)
  databaseUrl = database.url
  expect(
    bifrons(['migrate', gateway], { cwd: folder, env: { DATABASE_URL: databaseUrl } }),
  ).toMatchObject({ code: 0 })
  await administer("insert into collections (name, slug) values ('Lamps', 'lamps')", databaseUrl)
})

let proxy: FatalProxy
let server: RunningCli
let url = ''
beforeAll(async () => {
  proxy = await openFatalProxy(databaseUrl)
  const env = {
    DATABASE_URL: proxy.url,
    DATABASE_POOL_MAX: String(POOL),
    SHUTDOWN_GRACE: '0',
    LOG_LEVEL: 'info',
    RATE_LIMIT_MAX: '0',
  }
  server = startBifrons(['start', gateway, '--port', '0', '--host', '127.0.0.1'], {
    cwd: folder,
    env,
  })
  url = await server.waitFor(/Server listening at (http[^"]+)/)
})
afterAll(async () => {
  server.child.kill('SIGKILL')
  proxy.close()
})

/** Backends die at the first so many of these moments. */
function strike(times: number, isMeant: (moment: Moment) => boolean): void {
  const before = proxy.deaths()
  proxy.strike = (moment) => proxy.deaths() - before < times && isMeant(moment)
}

/** Statuses of requests; a connection that is cut rejects. */
async function ask(path: string): Promise<number> {
  const answer = await fetch(`${url}/api/${path}`)
  await answer.text()
  return answer.status
}
const read = (): Promise<number> => ask('collections')
const transact = (ms: number): Promise<number> => ask(`sleep?ms=${ms}`)
const many = (count: number, request: () => Promise<number>): Promise<readonly number[]> =>
  Promise.all(Array.from({ length: count }, request))

/** Backends have died, every caller was answered, and the same process serves the next one. */
async function expectAlive(statuses: readonly number[], deaths: number): Promise<void> {
  proxy.strike = () => false
  expect(proxy.deaths() - deaths, 'deaths').toBeGreaterThan(0)
  expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([])
  expect([await read(), await transact(1)]).toEqual([200, 200])
  expect([server.child.exitCode, server.child.signalCode], server.said()).toEqual([null, null])
}

describe('a backend that dies', () => {
  let deaths = 0
  beforeEach(() => {
    deaths = proxy.deaths()
  })

  it('as its session starts ends at most the requests that wait for it', async () => {
    proxy.strikeAll() // so that sessions have to be opened
    strike(2, ({ end }) => end === 1)
    await expectAlive(await many(2 * POOL, () => transact(50)), deaths)
  })

  it('as its session starts ends at most the reads that share it', async () => {
    proxy.strikeAll()
    strike(2, ({ end }) => end === 1)
    await expectAlive(await many(4 * POOL, read), deaths)
  })

  it('as it is released, after the end of its statement, ends no request', async () => {
    strike(1, ({ end }) => end > 1)
    const status = await read()
    await expectAlive([status], deaths)
    expect(status).toBe(200)
  })

  it('as its transaction commits, ends no request', async () => {
    await transact(1)
    let ends = 0
    strike(1, ({ end }) => end > 1 && (ends += 1) === 3) // BEGIN, the statement, COMMIT
    const status = await transact(1)
    await expectAlive([status], deaths)
    expect(status).toBe(200)
  })

  it('inside its transaction, ends that request', async () => {
    strike(1, ({ end }) => end > 1) // BEGIN
    const status = await transact(1)
    await expectAlive([status], deaths)
    expect(status).toBe(503)
  })

  it('as a waiting request gets it, ends at most that request', async () => {
    strike(3, ({ end }) => end > 1)
    await expectAlive(await many(6 * POOL, () => transact(20)), deaths)
  })

  it('while it is idle, ends no request', async () => {
    await many(POOL, () => transact(20))
    const before = server.said().length
    proxy.strikeAll()
    await expectAlive(await many(POOL, read), deaths)
    await expect
      .poll(() => server.said().slice(before))
      .toMatch(
        /"message":"terminating connection due to administrator command".*"the database failed outside of requests"/,
      )
  })

  it('now and then under load, ends requests and never the process', async () => {
    let ends = 0
    strike(20, () => (ends += 1) % 5 === 0)
    const statuses = await many(60, () => (ends % 2 === 0 ? read() : transact(2)))
    await expectAlive(statuses, deaths)
    expect(statuses).toContain(200)
  })
})
