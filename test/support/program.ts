// Tests of a program of the machine, which npm does not install. `.ci/run` installs it, and a run of CI without it fails.
// A run elsewhere prints one skipped test, which names the program.
import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'

/** With the folder in which Debian keeps servers, and which is on the path of root alone. */
export const programEnv = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` }

function isInstalled(program: string, versionFlag: string): boolean {
  try {
    execFileSync(program, [versionFlag], { stdio: 'ignore', env: programEnv })
    return true
  } catch {
    return false
  }
}

/** The suite where the program is installed. @param versionFlag has it print its version and end */
export function withProgram(
  title: string,
  [program, versionFlag]: readonly [string, string],
  suite: () => void,
): void {
  const why = `${program} is not installed`
  const tellWhy = (): void => {
    test.skipIf(process.env['CI'] !== 'true')(`not run: ${why}`, () => expect.unreachable(why))
  }
  describe(title, isInstalled(program, versionFlag) ? suite : tellWhy)
}
