// A failing test fails its command: `npm test`, `npm run test:long`, `.ci/run` and every command that starts a PostgreSQL.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
/** A run of its own, not a part of this one. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|TEST$|MODE$|NODE_ENV$|NODE_OPTIONS$|npm_)/.test(name),
  ),
)

interface Ended {
  readonly status: number
  readonly said: string
}

function run(command: string, args: readonly string[], cwd: string, path = ''): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { cwd, env: { ...env, NO_COLOR: '1', PATH: `${path}${env['PATH'] ?? ''}` } }
    execFile(command, args, options, (error, out, complaints) => {
      resolve({
        status: typeof error?.code === 'number' ? error.code : Number(error !== null),
        said: out + complaints,
      })
    })
  })
}

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bifrons-planted-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A repository with this one's configuration and global setup, and these tests alone. */
function plant(tests: Readonly<Record<string, string>>): string {
  const folder = makeFolder()
  mkdirSync(join(folder, 'test'))
  for (const file of ['package.json', 'vitest.config.ts'])
    cpSync(join(root, file), join(folder, file))
  for (const part of ['node_modules', 'scripts', 'test/support'])
    symlinkSync(join(root, part), join(folder, part), 'dir')
  for (const [path, text] of Object.entries(tests))
    writeFileSync(join(folder, path), `import { expect, test } from 'vitest'\n${text}\n`)
  return folder
}

const passing = `test('passes', () => expect(1).toBe(1))`
const failing = `test('fails', () => expect(1).toBe(2))`

describe('a planted failing test', () => {
  test('fails npm test', { timeout: 180_000 }, async () => {
    const { status, said } = await run(
      'npm',
      ['test'],
      plant({ 'test/planted.test.ts': `${passing}\n${failing}` }),
    )
    expect(said).toMatch(/Tests +1 failed [|] 1 passed/)
    expect(status).toBe(1)
  })

  test(
    'fails npm run test:long, which runs the files named *.long.test.ts with large numbers',
    { timeout: 180_000 },
    async () => {
      const folder = plant({
        'test/planted.test.ts': failing,
        'test/planted.long.test.ts': `import { inTier } from './support/tier.ts'\ntest('is long', () => expect(inTier({ short: 1, long: 2 })).toBe(2))\n${failing}`,
      })
      const { status, said } = await run('npm', ['run', 'test:long'], folder)
      expect(said).toMatch(/Tests +1 failed [|] 1 passed/)
      expect(status).toBe(1)
    },
  )
})

type Status = 'passed' | 'failed' | 'skipped'
interface Tier {
  /** The tests in its report; null where it writes none. */
  readonly tests: readonly Status[] | null
  readonly status: number
}

/** `.ci/run` with the given results of the two tiers, every other step passing. */
function runCi(short: Tier, long: Tier): Promise<Ended> {
  const folder = makeFolder()
  cpSync(join(root, '.ci/run'), join(folder, '.ci/run'))
  const command = (name: string, lines: readonly string[]): void =>
    writeFileSync(join(folder, name), `#!/bin/sh\n${lines.join('\n')}\n`, { mode: 0o755 })
  const tier = (script: string, { tests, status }: Tier): string => {
    const report = {
      testResults: [
        { status: 'passed', assertionResults: (tests ?? []).map((one) => ({ status: one })) },
      ],
    }
    const write =
      tests === null
        ? ''
        : `for arg; do case "$arg" in --outputFile.json=*) echo '${JSON.stringify(report)}' >"\${arg#*=}" ;; esac; done;`
    return `"run ${script}") ${write} exit ${status} ;;`
  }
  command('npm', ['case "$1 $2" in', tier('test', short), tier('test:long', long), 'esac'])
  command('psql', ['echo 180000'])
  for (const program of ['chromium', 'redis-server', 'pgbouncer', 'haproxy']) command(program, []) // nothing is installed
  return run('bash', ['.ci/run'], folder, `${folder}:`)
}

describe('.ci/run', () => {
  const sound: Tier = { tests: ['passed', 'passed', 'skipped'], status: 0 }
  const broken: Tier = { tests: ['passed', 'failed'], status: 1 }
  test.each<readonly [string, number, Tier, Tier, string]>([
    ['passes when both tiers pass', 0, sound, sound, '4 passed, 0 failed, 2 skipped'],
    ['fails when a short test fails', 1, broken, sound, '3 passed, 1 failed, 1 skipped'],
    ['fails when a long test fails', 1, sound, broken, '3 passed, 1 failed, 1 skipped'],
    [
      'fails by the report although the status is 0',
      1,
      { ...broken, status: 0 },
      sound,
      '3 passed, 1 failed, 1 skipped',
    ],
    [
      'fails by the status although the report has no failure',
      1,
      sound,
      { ...sound, status: 1 },
      '4 passed, 0 failed, 2 skipped',
    ],
    [
      'fails when a tier runs no test',
      1,
      sound,
      { tests: [], status: 0 },
      '2 passed, 1 failed, 1 skipped',
    ],
    [
      'fails when a tier skips every test',
      1,
      { tests: ['skipped'], status: 0 },
      sound,
      '2 passed, 1 failed, 2 skipped',
    ],
    [
      'fails when a tier writes no report',
      1,
      { tests: null, status: 0 },
      sound,
      '2 passed, 1 failed, 1 skipped',
    ],
  ])('%s', async (_what, ...[status, short, long, last]) => {
    const ended = await runCi(short, long)
    expect(ended.said.trimEnd().split('\n').at(-1), ended.said).toBe(last)
    expect(ended.status).toBe(status)
  })
})

describe('a process that starts a PostgreSQL', () => {
  /** Starts one with its data in a folder, reports it, and follows the instruction. */
  function startServer(then: string): { readonly data: string; readonly child: ChildProcess } {
    const data = makeFolder() // not within it: the server's own user must reach it
    const text = `import { startEmbeddedPostgres } from ${JSON.stringify(join(root, 'test/support/embedded-postgres.ts'))}
      const server = await startEmbeddedPostgres({ databaseDir: ${JSON.stringify(data)}, persistent: false, settings: ['fsync=off'] })
      process.stdout.write('started')
      ${then}`
    return {
      data,
      child: spawn(process.execPath, ['--input-type=module', '-e', text], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env,
      }),
    }
  }

  test('ends with its own exit code', { timeout: 60_000 }, async () => {
    const { child, data } = startServer('process.exitCode = 3; await server.stop()')
    expect(await once(child, 'exit')).toEqual([3, null])
    expect(existsSync(data)).toBe(false)
  })

  test('leaves neither server nor data when it is killed', { timeout: 60_000 }, async () => {
    const { child, data } = startServer('setInterval(() => {}, 1000)')
    if (child.stdout !== null) await once(child.stdout, 'data')
    expect(existsSync(data)).toBe(true)
    child.kill('SIGKILL')
    await expect.poll(() => existsSync(data), { timeout: 30_000 }).toBe(false)
  })
})
