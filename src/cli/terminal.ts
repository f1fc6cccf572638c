// What the commands say: results on stdout, everything about the work on stderr, errors without a stack unless asked for.
import { Problem } from '../errors.ts'
import { CliError } from './cli-error.ts'

/** A result, which may be piped to something else. */
export const print = (text: string): void => console.log(text)

/** A line about what is going on. */
export const say = (text: string): void => console.error(text)

const SILENT = 1000

/** Does the work; says what it is when it takes over a second. */
export async function during<T>(what: string, work: () => Promise<T>): Promise<T> {
  const timer = setTimeout(() => say(`${what} …`), SILENT)
  try {
    return await work()
  } finally {
    clearTimeout(timer)
  }
}

/** Errors whose message is written for the user. */
const meant = new Set(['CliError', 'ModelError', 'ConfigurationError', 'StartError'])

/** Says what went wrong. Errors that are meant for the user have said it all; of others, `--verbose` shows where. */
export function reportError(error: unknown): void {
  const isVerbose = process.argv.includes('--verbose') || (process.env['DEBUG'] ?? '') !== ''
  if (isVerbose) return console.error(error)
  if (!(error instanceof Error)) return say(`bifrons failed: ${String(error)}`)
  if (meant.has(error.name)) return say(error.message)
  if (error instanceof Problem && error.code !== 'INTERNAL') return say(error.message)
  if (error instanceof Problem)
    return say([error.message, ...causesOf(error)].join('\n  because: '))
  say(
    `bifrons failed: ${[error.message, ...causesOf(error)].join('\n  because: ')}\n(--verbose shows where)`,
  )
}

/** Why, as far down as somebody says something new. The one at the terminal runs the database too: nothing is hidden here. */
function causesOf(error: Error): readonly string[] {
  const causes: string[] = []
  for (let cause = error.cause; cause instanceof Error && causes.length < 5; cause = cause.cause) {
    const text = cause.message === '' && 'code' in cause ? String(cause.code) : cause.message
    if (text !== '' && ![error.message, ...causes].some((said) => said.includes(text)))
      causes.push(text)
  }
  return causes
}

/** `1 table`, `3 tables`. */
export const count = (number: number, one: string, many = `${one}s`): string =>
  `${number} ${number === 1 ? one : many}`

/** Reports the error and ends the process, for the commands that run until they are stopped. */
export function exitWith(error: unknown): never {
  reportError(error)
  process.exit(error instanceof CliError ? error.exitCode : 1)
}
