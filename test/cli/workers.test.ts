// `bifrons start --workers`: several processes on one port and one PostgreSQL, as an operator sees them.
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { createDatabase } from '../support/databases.ts'
import { bifrons, makeFolder, root, type RunningCli, startBifrons } from './cli.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 }) // every worker takes a second or two to start on a busy machine

const cleanUps: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp()
})
const folder = makeFolder((cleanUp) => cleanUps.push(cleanUp))
const gateway = join(root, 'test/cli/workers/gateway.ts')

let env: Readonly<Record<string, string>> = {}
let url = ''
beforeAll(async () => {
  const database = await createDatabase('postgres')
  cleanUps.push(database.drop)
  env = { DATABASE_URL: database.url, SHUTDOWN_GRACE: '0', LOG_LEVEL: 'info' }
})

const running: RunningCli[] = []
afterEach(async () => {
  for (const { child } of running.splice(0)) if (child.exitCode === null) child.kill('SIGKILL') // the workers end with it
})

async function start(
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Promise<{ readonly cli: RunningCli; readonly pids: readonly number[] }> {
  const cli = startBifrons(['start', gateway, '--port', '0', '--host', '127.0.0.1', ...args], {
    cwd: folder,
    env: { ...env, ...settings },
  })
  running.push(cli)
  const line = await cli.waitFor(/\d+ workers listen at .*/)
  url = /at (http\S+)/.exec(line)?.[1] ?? ''
  return { cli, pids: (/\(([\d, ]+)\)/.exec(line)?.[1] ?? '').split(', ').map(Number) }
}

/** Sends a request over its own connection: workers get connections, not requests, in turn. */
const ask = (path: string): Promise<Response> =>
  fetch(`${url}${path}`, { headers: { connection: 'close' } })

async function whoAnswers(times: number): Promise<ReadonlySet<number>> {
  const pids = new Set<number>()
  for (let i = 0; i < times; i += 1) {
    const { pid } = (await (await ask('/api/who')).json()) as { readonly pid: number } // the answer of the route below
    pids.add(pid)
  }
  return pids
}

async function countConnections(): Promise<number> {
  const client = new Client({ connectionString: env['DATABASE_URL'], application_name: 'counting' })
  await client.connect()
  try {
    const { rows } = await client.query(
      "select count(*)::int as number from pg_stat_activity where datname = current_database() and application_name <> 'counting'",
    )
    return Number(rows[0]?.number)
  } finally {
    await client.end()
  }
}

describe('several workers', () => {
  it('refuse to start before the migrations, and report it once', () => {
    const { code, stderr } = bifrons(['start', gateway, '--workers', '2', '--port', '0'], {
      cwd: folder,
      env,
    })
    expect(code).toBe(1)
    expect(stderr.match(/Migrations are pending/g)).toHaveLength(1)
    expect(bifrons(['migrate', gateway], { cwd: folder, env }).code).toBe(0)
  })

  it('answer on one port, and divide the connections and the rate limit', async () => {
    const { cli, pids } = await start(['--workers', '2'], {
      DATABASE_POOL_MAX: '5',
      RATE_LIMIT_MAX: '101',
    })
    expect(cli.said()).toContain(
      "Each has 2 of 5 connections, and grants 50 of a caller's 101 requests and 1000 of a caller's 2000 points.",
    )
    expect(pids).toHaveLength(2)
    expect(await whoAnswers(8)).toEqual(new Set(pids))
    expect((await ask('/api/who')).headers.get('ratelimit-policy')).toMatch(
      /"requests";q=50;.*"cost";q=1000;/,
    )

    const sleepers = Array.from({ length: 12 }, () => ask('/api/sleep?ms=800'))
    await new Promise((resolve) => {
      setTimeout(resolve, 400)
    })
    expect(await countConnections()).toBeLessThanOrEqual(4)
    expect(await countConnections()).toBeGreaterThan(2)
    await Promise.all(sleepers)
    expect(await cli.stop()).toBe(0)
  })

  it('tell the sum of their metrics, whichever is asked', async () => {
    const token = 'a-token-for-metrics-of-forty-characters!'
    await start(['--workers', '2'], { METRICS_TOKEN: token })
    const metrics = async () => {
      const headers = { authorization: `Bearer ${token}`, connection: 'close' }
      const told = await fetch(`${url}/metrics`, { headers })
      return /^bifrons_http_requests_total\{.*status="200"\} (\d+)$/m.exec(await told.text())?.[1]
    }
    expect((await whoAnswers(12)).size).toBe(2)
    expect(await Promise.all(Array.from({ length: 4 }, metrics))).toEqual(['12', '12', '12', '12'])
  })

  it('a killed worker is replaced, and the others answer meanwhile', async () => {
    const {
      cli,
      pids: [first = 0, second = 0],
    } = await start(['--workers', '2'])
    process.kill(first, 'SIGKILL')
    await cli.waitFor(
      new RegExp(`Worker ${first} ended \\(SIGKILL\\); another one starts in 100 ms[.]`),
    )
    expect((await ask('/api/who')).status).toBe(200)
    const third = Number(await cli.waitFor(/Worker (\d+) listens[.]/))
    await expect.poll(() => whoAnswers(4)).toEqual(new Set([second, third]))
    expect(await cli.stop()).toBe(0)
  })

  it.each(['SIGTERM', 'SIGINT'] as const)(
    '%s ends all of them with 0, after running requests have finished',
    async (signal) => {
      const { cli, pids } = await start(['--workers', '2'])
      const inFlight = [ask('/api/sleep?ms=1500'), ask('/api/sleep?ms=1500')]
      await new Promise((resolve) => {
        setTimeout(resolve, 500)
      })
      const code = cli.stop(signal) // SIGINT goes to every process of the group, as by Ctrl-C
      expect(await Promise.all(inFlight.map(async (answer) => (await answer).status))).toEqual([
        200, 200,
      ])
      expect(await code).toBe(0)
      for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH')
      expect(cli.said()).not.toContain('another one starts')
    },
  )

  it('a second signal ends them at once', async () => {
    const { cli } = await start(['--workers', '2'], { SHUTDOWN_GRACE: '60000' })
    cli.child.kill('SIGTERM')
    await cli.waitFor(/"stopping"/, 2)
    expect(await cli.stop()).toBe(1)
    await expect
      .poll(() =>
        ask('/healthz').then(
          () => 'answers',
          () => 'silent',
        ),
      )
      .toBe('silent')
  })

  it('an error that keeps a worker from listening ends the start, and is reported once', async () => {
    const { cli } = await start(['--workers', '2'])
    const { code, stderr } = bifrons(
      ['start', gateway, '--workers', '2', '--host', '127.0.0.1', '--port', new URL(url).port],
      { cwd: folder, env },
    )
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^Port \d+ on 127[.]0[.]0[.]1 is in use[.].*\nA worker ended before it listened \(exit code 1\)[.]\n$/,
    )
    expect(await cli.stop()).toBe(0)
  })
})

describe('numbers that are refused', () => {
  const refused = (workers: string, settings: Readonly<Record<string, string>> = {}) => {
    const { code, stderr } = bifrons(['start', gateway, '--workers', workers], {
      cwd: folder,
      env: { ...env, ...settings },
    })
    return [code, stderr]
  }

  it.each(['0', '-1', '1.5', 'all', '257'])('%s is refused as a number of workers', (workers) => {
    expect(refused(workers)).toEqual([
      1,
      expect.stringContaining(
        `WORKERS must be a whole number from 1 to 256, or auto; it is "${workers}".`,
      ),
    ])
  })

  it('each worker needs a connection', () => {
    expect(refused('6', { DATABASE_POOL_MAX: '5' })).toEqual([
      1,
      expect.stringContaining(
        'WORKERS must not be more than DATABASE_POOL_MAX, as each worker needs a connection: they are 6 and 5.',
      ),
    ])
  })

  it('the embedded database allows one process', () => {
    expect(refused('2', { DATABASE_URL: 'pglite:memory' })).toEqual([
      1,
      expect.stringContaining('WORKERS must be 1 with the embedded database'),
    ])
  })
})
