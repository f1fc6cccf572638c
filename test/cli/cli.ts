// Runs the command line as its users do: as a process, in a project's folder.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, realpathSync, symlinkSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export const root = join(import.meta.dirname, '../..')

/** Variables of a developer's own shell that must not influence a test. */
const cleanEnv = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) =>
      !/^(DATABASE_|JWT_|PORT$|HOST$|NODE_ENV$|LOG_LEVEL$|NODE_OPTIONS$|DEBUG$|VITEST)/.test(name),
  ),
)

interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

interface Where {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
}

const command = ['--conditions=source', join(root, 'bin/bifrons.js')]

/** Runs `bifrons …` to its end. */
export function bifrons(args: readonly string[], { cwd, env }: Where): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...command, ...args], {
    cwd,
    env: { ...cleanEnv, ...env },
    encoding: 'utf8',
    timeout: 120_000, // a command that runs other commands takes long on a busy machine
  })
  return { code: status, stdout, stderr }
}

export interface RunningCli {
  readonly child: ChildProcess
  /** All output so far, of both streams. */
  said(): string
  /** Waits until the pattern has matched `times` times; returns the last first group, or match. */
  waitFor(pattern: RegExp, times?: number): Promise<string>
  /** Sends SIGTERM, or SIGINT to it and its children, as Ctrl-C does; the exit code. */
  stop(signal?: 'SIGTERM' | 'SIGINT'): Promise<number | null>
}

/** Starts `bifrons …` and leaves it running. */
export function startBifrons(args: readonly string[], { cwd, env }: Where): RunningCli {
  const child = spawn(process.execPath, [...command, ...args], {
    cwd,
    env: { ...cleanEnv, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      said += chunk
    })
  const ended = once(child, 'exit')
  return {
    child,
    said: () => said,
    async waitFor(pattern, times = 1) {
      const all = new RegExp(pattern.source, 'g')
      for (;;) {
        const found = [...said.matchAll(all)]
        const last = found[times - 1]
        if (last !== undefined) return last[1] ?? last[0]
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`It ended before it said ${pattern}:\n${said}`)
        await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data'), ended])
      }
    },
    async stop(signal = 'SIGTERM') {
      const isRunning = child.exitCode === null && child.signalCode === null
      if (isRunning && signal === 'SIGTERM') child.kill(signal)
      else if (isRunning && child.pid !== undefined) process.kill(-child.pid, signal)
      await ended
      return child.exitCode
    },
  }
}

/** A folder that is gone after the test's suite. */
export function makeFolder(onEnd: (cleanUp: () => Promise<void>) => void): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'bifrons-cli-')))
  onEnd(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Does the work of `npm install` with the repository's own packages. */
export function linkPackages(folder: string): void {
  for (const name of ['drizzle-orm', 'drizzle-kit', 'zod', 'typescript', '@types/node']) {
    const link = join(folder, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    if (!existsSync(link)) symlinkSync(join(root, 'node_modules', name), link)
  }
  symlinkSync(root, join(folder, 'node_modules/bifrons'))
}

/** The compiler's messages for the project; empty without faults. */
export function typeCheck(folder: string): string {
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  return spawnSync(process.execPath, [compiler, '--noEmit', '--customConditions', 'source'], {
    cwd: folder,
    encoding: 'utf8',
  }).stdout
}

export async function askGraphql(
  url: string,
  query: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  })
  return response.json()
}

export async function askRest(url: string, path: string, init: RequestInit = {}): Promise<unknown> {
  const response = await fetch(`${url}/api${path}`, init)
  return response.json()
}
