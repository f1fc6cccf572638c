// Processes that the command line cannot start: it says so, and tries again or ends, and never dies of it.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { createDatabase } from '../support/databases.ts'
import { bifrons, makeFolder, root, type RunningCli, startBifrons } from './cli.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const cleanUps: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp()
})
const folder = makeFolder((cleanUp) => cleanUps.push(cleanUp))
const gateway = join(root, 'test/cli/workers/gateway.ts')
const preload = new URL('./no-processes.ts', import.meta.url).href
const env: Record<string, string> = {
  NODE_OPTIONS: `--import=${preload}`,
  SHUTDOWN_GRACE: '0',
  LOG_LEVEL: 'info',
}

const running: RunningCli[] = []
const start = (
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): RunningCli => {
  const cli = startBifrons(args, { cwd: folder, env: { ...env, ...more } })
  running.push(cli)
  return cli
}
afterEach(() => {
  for (const { child } of running.splice(0)) if (child.exitCode === null) child.kill('SIGKILL')
})

describe('several workers', () => {
  const command = ['start', gateway, '--workers', '2', '--port', '0', '--host', '127.0.0.1']
  beforeAll(async () => {
    const database = await createDatabase('postgres')
    cleanUps.push(database.drop)
    env['DATABASE_URL'] = database.url
    expect(bifrons(['migrate', gateway], { cwd: folder, env })).toMatchObject({ code: 0 })
  })

  it('of which the first cannot be started end the start, and say why', () => {
    const { code, stderr } = bifrons(command, {
      cwd: folder,
      env: { ...env, NO_PROCESSES: 'true' },
    })
    expect([code, stderr]).toEqual([
      1,
      'A worker ended before it listened (spawn /nowhere/node ENOENT).\n',
    ])
  })

  it('of which one cannot be replaced try again until it can', async () => {
    const cli = start(command)
    const line = await cli.waitFor(/workers listen at .*/)
    const [first = 0] = (/\((\d+), \d+\)/.exec(line) ?? []).slice(1).map(Number)
    cli.child.kill('SIGUSR2')
    process.kill(first, 'SIGKILL')
    await cli.waitFor(/A worker ended \(spawn [^)]* ENOENT\); another one starts in 200 ms[.]/)
    cli.child.kill('SIGUSR2')
    await cli.waitFor(/Worker \d+ listens[.]/)
    expect(await cli.stop()).toBe(0)
  })
})

describe('dev', () => {
  it('waits for a change where the server cannot be started, and stops when told', async () => {
    for (const [name, text] of [
      ['package.json', '{}'],
      ['gateway.ts', ''],
    ] as const)
      writeFileSync(join(folder, name), text)
    const cli = start(['dev'], { NO_PROCESSES: 'true' })
    await cli.waitFor(/Waiting for a change/)
    expect(cli.said()).toContain('The server: spawn /nowhere/node ENOENT.')
    expect(await cli.stop()).toBe(0)
  })
})
