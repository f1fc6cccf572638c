// Two instances behind HAProxy, restarted one after the other under load: no request fails.
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { createDatabase } from '../support/databases.ts'
import { freePort } from '../support/embedded-postgres.ts'
import { openHaproxy, withHaproxy } from '../support/haproxy.ts'
import { bifrons, makeFolder, root, type RunningCli, startBifrons } from './cli.ts'

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 })

const RATE = 100
const RESTARTS = 3

withHaproxy(() => {
  const cleanUps: (() => Promise<unknown>)[] = []
  afterAll(async () => {
    for (const cleanUp of cleanUps.toReversed()) await cleanUp()
  })
  const cwd = makeFolder((cleanUp) => cleanUps.push(cleanUp))
  const gateway = join(root, 'test/cli/workers/gateway.ts')
  let env: Readonly<Record<string, string>> = {}
  beforeAll(async () => {
    const database = await createDatabase('postgres')
    cleanUps.push(database.drop)
    env = {
      DATABASE_URL: database.url,
      SHUTDOWN_GRACE: '1500', // longer than HAProxy takes to see it, on a busy machine too
      LOG_LEVEL: 'warn',
      RATE_LIMIT_MAX: '0',
      COST_BUDGET: '0',
      OVERLOAD_WAIT: '60000', // how fast the machine is, is not what is tested
      CALLER_CONCURRENCY: '10',
    }
    expect(bifrons(['migrate', gateway], { cwd, env }).code).toBe(0)
  })
  const running = new Set<RunningCli>()
  afterEach(() => {
    for (const { child } of running) if (child.exitCode === null) child.kill('SIGKILL')
  })

  async function start(port: number): Promise<RunningCli> {
    const cli = startBifrons(['start', gateway, '--host', '127.0.0.1', '--port', String(port)], {
      cwd,
      env,
    })
    running.add(cli)
    for (;;) {
      const isReady = await fetch(`http://127.0.0.1:${port}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      )
      if (isReady) return cli
      if (cli.child.exitCode !== null) throw new Error(cli.said())
      await sleep(100)
    }
  }

  it(`${RESTARTS} restarts by SIGTERM at ${RATE} requests a second fail none, and each ends with 0`, async () => {
    const ports = [await freePort(), await freePort()]
    const instances = await Promise.all(ports.map(start))
    const haproxy = await openHaproxy(ports)
    cleanUps.push(haproxy.close)
    const load = openLoad(haproxy.url)
    for (let restart = 0; restart < RESTARTS; restart += 1) {
      await sleep(1000)
      const at = restart % ports.length
      expect(await instances[at]?.stop(), instances[at]?.said()).toBe(0)
      instances[at] = await start(ports[at] ?? 0)
      await sleep(1000) // until HAProxy knows it again
    }
    const answers = await load.stop()
    const total = [...answers.values()].reduce((sum, count) => sum + count, 0)
    expect([...answers]).toEqual([['200', total]])
    expect(total).toBeGreaterThan(RESTARTS * 2 * RATE)
  })
})

/** Sends requests at the rate, some of them long, and counts the answers by status or error. */
function openLoad(url: string) {
  const agent = new Agent({ keepAlive: true })
  const answers = new Map<string, number>()
  const count = (what: string): void => {
    answers.set(what, (answers.get(what) ?? 0) + 1)
  }
  const pending = new Set<Promise<void>>()
  const send = (number: number): void => {
    const path = number % 20 === 0 ? '/api/sleep?ms=300' : '/api/products?limit=2'
    const answered = get(`${url}${path}`, agent).then(
      (status) => count(String(status)),
      (error: unknown) => count(String(error)),
    )
    pending.add(answered)
    void answered.finally(() => pending.delete(answered))
  }
  const began = performance.now()
  let sent = 0
  const timer = setInterval(() => {
    for (; sent < ((performance.now() - began) * RATE) / 1000; sent += 1) send(sent)
  }, 10)
  return {
    async stop(): Promise<ReadonlyMap<string, number>> {
      clearInterval(timer)
      await Promise.all(pending)
      agent.destroy()
      return answers
    },
  }
}

/** The status of an answer whose whole body has come. */
function get(url: string, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { agent }, (answer) => {
      answer.resume()
      answer.on('end', () => resolve(answer.statusCode ?? 0)).on('error', reject)
    })
      .on('error', reject)
      .end()
  })
}
