// `bifrons access --mutate`: takes away each policy, one at a time, and runs the team's tests. What no test notices is listed.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { policiesOf, type PolicyHolder } from '../../schema/declare/policy-places.ts'
import { CliError } from '../cli-error.ts'
import { say } from '../terminal.ts'

/** What tests are run with: see testing/taken-away.ts, which alone reads it. */
const POLICY = 'BIFRONS_TEST_WITHOUT_POLICY'
const SEEN = 'BIFRONS_TEST_POLICY_SEEN'

export interface Mutation {
  readonly place: string
  /** `noticed`: a test has failed, or the tests have run into the time limit. */
  readonly result: 'noticed' | 'survived'
}

export interface Mutated {
  readonly done: readonly Mutation[]
  /** How many policies there are to take away. */
  readonly policies: number
  /** Whether it was stopped before all of them were. */
  readonly stopped: boolean
}

interface Options {
  /** A program with its arguments, or one text for the shell. */
  readonly command: readonly string[]
  /** Milliseconds that one run may take; absent, five times as long as the tests as they are, and a minute at least. */
  readonly limit?: number
}

/** @throws CliError where the tests fail as they are, or where no test opens the gateway by `openTestGateway` */
export async function mutate(gateway: PolicyHolder, { command, limit }: Options): Promise<Mutated> {
  const places = [...policiesOf(gateway)].flatMap(([place, { type }]) =>
    type === 'everyone' ? [] : [place],
  )
  const folder = mkdtempSync(join(tmpdir(), 'bifrons-access-'))
  const running = openRunner(command)
  try {
    say('Running the tests as they are …')
    const begun = performance.now()
    const isFit = (await running.run({}, limit ?? Infinity)) === 0
    if (!isFit && !running.isStopped())
      throw new CliError('The tests fail with every policy in place; mend them first.')
    const most = limit ?? Math.max(60_000, 5 * (performance.now() - begun))
    const done: Mutation[] = []
    for (const [i, place] of places.entries()) {
      if (running.isStopped()) break
      const seen = join(folder, String(i))
      const code = await running.run({ [POLICY]: place, [SEEN]: seen }, most)
      if (running.isStopped()) break
      if (!existsSync(seen))
        throw new CliError(
          `No test has opened the gateway without the policy ${place}. Tests have to open it by openTestGateway of "bifrons/testing".`,
        )
      const result = code === 0 ? 'survived' : 'noticed'
      done.push({ place, result })
      say(`${i + 1} of ${places.length}: ${place} ${result}`)
    }
    return { done, policies: places.length, stopped: running.isStopped() }
  } finally {
    running.end()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Runs the tests in a group of processes of their own, which ends with us. */
function openRunner([program = '', ...given]: readonly string[]) {
  let child: ChildProcess | null = null
  let stopped = false
  const kill = (): void => {
    if (child?.pid === undefined || child.exitCode !== null) return
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error // it has ended meanwhile
    }
  }
  const stop = (): void => {
    stopped = true
    kill()
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  return {
    isStopped: () => stopped,
    end() {
      process.off('SIGINT', stop)
      process.off('SIGTERM', stop)
      kill()
    },
    /** The exit code; null where it was ended by the limit or by a signal. */
    run: (env: Readonly<Record<string, string>>, limit: number): Promise<number | null> =>
      new Promise((resolve, reject) => {
        child = spawn(program, given, {
          env: { ...process.env, ...env },
          stdio: 'ignore',
          detached: true,
          shell: given.length === 0,
        })
        const timer = Number.isFinite(limit) ? setTimeout(kill, limit) : undefined
        child.once('error', (cause) => {
          clearTimeout(timer)
          reject(new CliError(`The tests cannot be run: ${cause.message}`, { cause }))
        })
        child.once('exit', (code) => {
          clearTimeout(timer)
          resolve(code)
        })
      }),
  }
}

export function mutationText({ done, policies, stopped }: Mutated): string {
  const survived = done.filter(({ result }) => result === 'survived')
  const lines = survived.map(({ place }) => `  ${place}`)
  return [
    ...(stopped ? [`Stopped after ${done.length} of ${policies} policies.`] : []),
    ...(lines.length === 0
      ? [`The tests notice when a policy is gone: ${done.length} of ${done.length}.`]
      : [
          `No test notices that these policies are gone (${lines.length} of ${done.length}):`,
          ...lines,
        ]),
  ].join('\n')
}
