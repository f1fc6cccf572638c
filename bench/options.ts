// The command line of `npm run bench`.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { type ServerName, serverNames } from './servers.ts'
import { type WorkloadId, workloadIds } from './workloads.ts'

export interface Options {
  readonly only: readonly WorkloadId[]
  readonly servers: readonly ServerName[]
  readonly rounds: number
  readonly seconds: number
  readonly warmup: number
  readonly connections: readonly number[]
  readonly products: number
  /** Where the database, and the servers' logs, are kept. */
  readonly cache: string
  /** The command that runs bifrons. */
  readonly bifrons: readonly string[]
  readonly json?: string
  readonly report: boolean
  readonly compare: boolean
  readonly gate: boolean
  readonly record: boolean
}

const root = join(import.meta.dirname, '..')

function number(text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new InvalidArgumentError('It must be a number above zero.')
  return value
}

const numbers = (text: string) => text.split(',').map(number)

function products(text: string): number {
  const value = number(text)
  if (value % 2500 !== 0) throw new InvalidArgumentError('It must be a multiple of 2500.')
  return value
}

function names<T extends string>(all: readonly T[], short: Readonly<Record<string, readonly T[]>>) {
  return (text: string): readonly T[] =>
    text.split(',').flatMap((name) => {
      const found = short[name] ?? all.filter((one) => one === name)
      if (found.length === 0)
        throw new InvalidArgumentError(
          `There is no ${name}; there are ${[...all, ...Object.keys(short)].join(', ')}.`,
        )
      return found
    })
}

const shortServers = { hand: ['hand-rest', 'hand-graphql'] } as const satisfies Record<
  string,
  readonly ServerName[]
>
const shortWorkloads = {
  rest: workloadIds.filter((id) => id.startsWith('R')),
  graphql: workloadIds.filter((id) => id.startsWith('G')),
}

interface Parsed extends Omit<Options, 'bifrons'> {
  readonly dist: boolean
  readonly tree: string
}

export function readOptions(args: readonly string[]): Options {
  const command = new Command('npm run bench --')
    .description(
      'Compares bifrons with servers that do the same, by CPU time per request, in one run on one machine.',
    )
    .option(
      '--only <workloads>',
      `some of ${workloadIds.join(',')}; or rest, graphql`,
      names(workloadIds, shortWorkloads),
      workloadIds,
    )
    .option(
      '--servers <names>',
      `some of ${serverNames.join(',')}; hand is both hand-written ones`,
      names(serverNames, shortServers),
      serverNames,
    )
    .option('--rounds <number>', 'samples of each server and workload; the least counts', number, 3)
    .option('--seconds <number>', 'the length of a sample', number, 1.5)
    .option(
      '--warmup <number>',
      'seconds of load before the first sample of a server and workload',
      number,
      10,
    )
    .option(
      '--connections <numbers>',
      'connections that are kept busy; the last is the one that is judged',
      numbers,
      [1, 32],
    )
    .option('--products <number>', 'the size of the store', products, 50_000)
    .option(
      '--cache <folder>',
      'where the database and the logs are kept',
      join(root, '.bifrons/bench'),
    )
    .option('--dist', 'bifrons as it is built in dist/, not as it is in src/', false)
    .option('--tree <folder>', 'bifrons of another checkout', root)
    .option('--json <file>', 'write the figures there')
    .option('--report', 'write docs/benchmarks.md and its plot', false)
    .option('--no-compare', 'do not compare the answers first')
    .option(
      '--gate',
      'only compare bifrons with the hand-written servers, shortly, and fail when it has become slower than bench/gate.json says',
      false,
    )
    .option('--record', 'write the ratios of this run into bench/gate.json (with --gate)', false)
    .addHelpText(
      'after',
      `
DATABASE_URL may name a PostgreSQL server, in which a database is made; without it an embedded one is started.
A quick look: npm run bench -- --only R1,R2 --servers bifrons,hand --rounds 2 --connections 32`,
    )
  const { dist, tree, ...parsed } = command.parse(args, { from: 'user' }).opts<Parsed>()
  const folder = resolve(tree)
  const bin = join(folder, 'bin/bifrons.js')
  if (!existsSync(bin)) command.error(`There is no bifrons in ${folder}.`)
  return {
    ...parsed,
    cache: resolve(parsed.cache),
    bifrons: [process.execPath, ...(dist ? [] : ['--conditions=source']), bin],
  }
}
