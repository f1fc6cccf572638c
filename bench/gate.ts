// The gate of CI: bifrons against the hand-written servers in less than a minute. Slower than was recorded, twice, is a failure.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Figures } from './matrix.ts'
import type { Options } from './options.ts'
import type { WorkloadId } from './workloads.ts'

interface Recorded {
  /** How many times its recorded ratio a workload may cost: more than the noise of a machine, less than a mistake. */
  readonly margin: number
  /** CPU time of bifrons' process over that of the hand-written server's, per request. */
  readonly ratios: Ratios
}

type Ratios = Readonly<Partial<Record<WorkloadId, number>>>
type Run = (options: Options) => Promise<Figures>

const file = join(import.meta.dirname, 'gate.json')

/** A small store, and samples that fit into a minute. R3 and G3 are R2 and G2 with more rows. */
const short = {
  servers: ['bifrons', 'hand-rest', 'hand-graphql'],
  only: ['R1', 'R2', 'R4', 'R5', 'G1', 'G2', 'G4', 'G5', 'G6', 'G7', 'G8'],
  products: 5000,
  connections: [16],
  rounds: 3,
  seconds: 0.35,
  warmup: 1,
} as const satisfies Partial<Options>

/** What is compared with for months, and what decides, may take longer. */
const careful = { rounds: 7, warmup: 8 }

/** Measures, and what is too slow once more, with the better of both counting. Answers the exit code. */
export async function runGate(
  options: Options,
  run: Run,
  say: (line: string) => void,
): Promise<number> {
  const recorded: Recorded = JSON.parse(readFileSync(file, 'utf8'))
  if (options.record) {
    const ratios = ratiosOf(await run({ ...options, ...short, ...careful }))
    writeFileSync(file, `${JSON.stringify({ margin: recorded.margin, ratios }, null, 2)}\n`)
    say('recorded in bench/gate.json')
    return 0
  }
  const first = ratiosOf(await run({ ...options, ...short }))
  const slow = slowOf(first, recorded)
  if (slow.length === 0) return pass(first, say)
  say(`once more: ${slow.join(', ')}`)
  const second = ratiosOf(
    await run({ ...options, ...short, ...careful, only: slow, compare: false }),
  )
  const slower = slowOf(second, recorded)
  for (const workload of slower) {
    say(
      `${workload} has become slower: bifrons costs ${second[workload]} times the CPU of the hand-written server; ${recorded.ratios[workload]} is recorded in bench/gate.json, and ${recorded.margin} times that is allowed.`,
    )
  }
  return slower.length > 0 ? 1 : pass(first, say)
}

function pass(measured: Ratios, say: (line: string) => void): number {
  const count = Object.keys(measured).length
  say(
    count === 0
      ? 'nothing was measured'
      : `${count} workloads cost no more than what is recorded allows`,
  )
  return count === 0 ? 1 : 0 // a gate that looked at nothing has shown nothing
}

const slowOf = (measured: Ratios, { margin, ratios }: Recorded): readonly WorkloadId[] =>
  (Object.keys(measured) as WorkloadId[]).filter(
    (workload) => (measured[workload] ?? 0) > margin * (ratios[workload] ?? 0),
  )

function ratiosOf({ figures }: Figures): Ratios {
  const own = figures.filter(({ of }) => of === 'bifrons')
  return Object.fromEntries(
    own.flatMap(({ workload, server }) => {
      const hand = figures.find(
        (figure) => figure.workload === workload && figure.of.startsWith('hand'),
      )
      return hand === undefined ? [] : [[workload, Number((server / hand.server).toFixed(2))]]
    }),
  )
}
