// Finds the gateway's file, loads its project's .env, and imports its declaration.
import { existsSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AnyGateway } from '../server/gateway.ts'
import { CliError } from './cli-error.ts'
import { nodeRange } from './package.ts'

export interface LoadedGateway {
  readonly gateway: AnyGateway
  readonly file: string
  /** The team's migrations; undefined where there are none. */
  readonly migrations: string | undefined
}

const places = ['gateway.ts', 'src/gateway.ts', 'app/gateway.ts']

/** The file that is meant, by its absolute path, or null when none was named and none is there. */
export function findGateway(given: string | undefined): string | null {
  if (given === undefined) {
    const place = places.find((candidate) => existsSync(candidate))
    return place === undefined ? null : resolve(place)
  }
  if (!existsSync(given)) throw new CliError(`There is no file ${given}.`, { exitCode: 2 })
  if (!statSync(given).isDirectory()) return resolve(given)
  if (existsSync(join(given, 'gateway.ts'))) return resolve(given, 'gateway.ts')
  throw new CliError(`The folder ${given} has no gateway.ts.`, { exitCode: 2 })
}

/** The folder of the nearest package.json; the file's own where there is none. */
export function findProjectFolder(file: string): string {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder
  }
  return dirname(file)
}

/** Settings of .env beside the gateway, then of its project: what the environment or the nearer file says stays. */
function loadEnvironment(file: string): void {
  for (const folder of new Set([dirname(file), findProjectFolder(file)])) {
    const path = join(folder, '.env')
    if (existsSync(path)) process.loadEnvFile(path)
  }
}

/** Loads the gateway of `given`, a file or folder, or of the usual places. Throws CliError with what is wrong. */
export async function loadGateway(given: string | undefined): Promise<LoadedGateway> {
  const file = findGateway(given)
  if (file === null)
    throw new CliError(
      `There is no ${places.join(', ')} here. Name the gateway's file, or make a project with "bifrons init".`,
      { exitCode: 2 },
    )
  if (process.features.typescript === false) {
    throw new CliError(
      `This is Node ${process.version}; gateways in TypeScript need Node ${nodeRange}.`,
    )
  }
  loadEnvironment(file)
  const shown = relative(process.cwd(), file)
  const gateway = toGateway(await importFile(file, shown), shown)
  return { gateway, file, migrations: findMigrations(file, gateway) }
}

async function importFile(file: string, shown: string): Promise<unknown> {
  try {
    const module: { readonly default?: unknown } = await import(pathToFileURL(file).href)
    return module.default
  } catch (error) {
    const why =
      error instanceof Error ? `${error.name}: ${error.message}${placeOf(error)}` : String(error)
    throw new CliError(`${shown} cannot be loaded.\n${why}`, { cause: error })
  }
}

/** Where in the project it happened: the stack's first line for a fault of syntax, else its first frame outside packages. */
function placeOf({ stack = '' }: Error): string {
  const syntax = /^file:\/\/(\S+:\d+)\n/.exec(stack)?.[1]
  const frame =
    syntax ??
    stack
      .split('\n')
      .map((line) => /file:\/\/([^)\s]+:\d+):\d+/.exec(line)?.[1])
      .find((place) => place !== undefined && !place.includes('/node_modules/'))
  return frame === undefined ? '' : `\n  at ${relative(process.cwd(), decodeURI(frame))}`
}

function toGateway(value: unknown, shown: string): AnyGateway {
  // one of them is enough: what is misspelt or missing is a mistake of the declaration, and told with all others
  const isGateway =
    typeof value === 'object' && value !== null && ('relations' in value || 'resources' in value)
  if (!isGateway)
    throw new CliError(
      `${shown} has no gateway as its default export. Write "export default gateway({ … })" there.`,
    )
  return value as AnyGateway // the compiler checked it where `gateway()` was called
}

function findMigrations(file: string, gateway: AnyGateway): string | undefined {
  if (typeof gateway.migrations !== 'string' && gateway.migrations !== undefined) return undefined // a mistake of the declaration, told with all others
  const folder = resolve(dirname(file), gateway.migrations ?? 'drizzle')
  if (existsSync(folder)) return folder
  if (gateway.migrations === undefined) return undefined
  throw new CliError(
    `The gateway's migrations are said to be in ${gateway.migrations}, but there is no folder ${folder}.`,
  )
}
