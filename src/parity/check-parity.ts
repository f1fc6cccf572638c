// The parity suite: sends random requests through both faces of one gateway, until one is answered differently.
import * as fc from 'fast-check'
import { defined } from '../defined.ts'
import type { Model, Operation } from '../schema/model/model.ts'
import { oneFaceOnly, type RuleName } from './compare/rules.ts'
import type { TestGateway } from './gateway.ts'
import { deriveCallers } from './generate/callers.ts'
import { openEverything, readSamples } from './generate/open-model.ts'
import { randomRequests } from './generate/requests.ts'
import type { Samples } from './generate/values.ts'
import type { ParityBatch, ParityRequest } from './request.ts'
import type { PairDifference, ParityReport } from './report.ts'
import { openPairRunner, type Pair, type PairRunner } from './run-pair.ts'
import { codeOf } from './send/outcome.ts'

export interface ParityOptions {
  /** Opens the gateway to check, such as `openTestGateway(gateway, { migrations })` does. It is closed at the end. */
  readonly open: () => Promise<TestGateway>
  /** How many pairs of requests: 1000 by default. */
  readonly runs?: number
  /** Which random requests: by default others each time. The same seed finds the same. */
  readonly seed?: number
  /** Where among the seed's requests to begin, as a report of a difference says. */
  readonly path?: string
  /** Called after every pair, to show progress. */
  readonly onPair?: (count: number) => void
}

/**
 * Sends random requests to both faces and compares the answers and the stored rows. No write is kept.
 * @throws what `open` throws
 */
export async function checkParity(options: ParityOptions): Promise<ParityReport> {
  const gateway = await options.open()
  try {
    return await checkGateway(gateway, options)
  } finally {
    await gateway.close()
  }
}

async function checkGateway(
  gateway: TestGateway,
  { runs = 1000, seed = Date.now() % 2 ** 31, path, onPair }: ParityOptions,
): Promise<ParityReport> {
  const { model } = gateway.engine
  const samples = await readSamples(openEverything(model, gateway.database))
  const callers = deriveCallers(model, samples)
  const counts = emptyCounts()
  let pairs = 0
  const { difference, numRuns } = await findDifference(
    openPairRunner(gateway, isSampled(samples)),
    randomRequests({ model, samples }, model.operations.filter(isOnBoth), callers),
    { numRuns: runs, seed, ...defined({ path }) },
    (pair) => {
      count(counts, pair)
      pairs += 1
      onPair?.(pairs)
    },
  )
  return {
    ...counts,
    difference,
    seed,
    runs: numRuns,
    callers: callers.map(({ name }) => name),
    empty: [...samples].filter(([, rows]) => rows.length === 0).map(([key]) => key),
    oneFace: [...oneFaceOnly, ...declaredOneFace(model)],
  }
}

/** Whether a UUID occurs in the samples. */
function isSampled(samples: Samples): (uuid: string) => boolean {
  const uuids = JSON.stringify([...samples.values()])
    .toLowerCase()
    .match(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g)
  const known = new Set<string>(uuids)
  return (uuid) => known.has(uuid)
}

/** The most requests that are tried to make a difference smaller. The first hundred do most of it. */
const MAX_SHRINKS = 250

/** Runs pairs until one has a difference, and then makes its request smaller. */
async function findDifference(
  runner: PairRunner,
  requests: fc.Arbitrary<ParityRequest | ParityBatch>,
  parameters: { readonly numRuns: number; readonly seed: number; readonly path?: string },
  onPair: (pair: Pair) => void,
): Promise<{ readonly difference: PairDifference | null; readonly numRuns: number }> {
  const differs = new Error('The faces differ.')
  const found: Pair[] = []
  let shrinks = 0
  const property = fc.asyncProperty(requests, async (request) => {
    if (found.length > 0 && (shrinks += 1) > MAX_SHRINKS) return // small enough
    const pair = await runner.run(request)
    onPair(pair)
    if (pair.difference === null) return
    found.push(pair)
    throw differs
  })
  const { errorInstance, counterexamplePath, numRuns } = await fc.check(property, parameters)
  if (errorInstance instanceof Error && errorInstance !== differs) throw errorInstance
  const smallest = found.at(-1)
  const path = counterexamplePath ?? ''
  return { numRuns, difference: smallest === undefined ? null : { ...smallest, path } }
}

const isOnBoth = (operation: Operation): boolean =>
  operation.standard !== null || operation.only === null

const declaredOneFace = (model: Model): ParityReport['oneFace'] =>
  model.operations.flatMap((operation) =>
    operation.standard === null && operation.only !== null
      ? [{ what: operation.name, face: operation.only.face, because: operation.only.reason }]
      : [],
  )

interface Counts {
  written: number
  together: number
  repeated: number
  readonly operations: Map<string, number>
  readonly outcomes: Map<string, number>
  readonly rules: Map<RuleName, number>
}

const emptyCounts = (): Counts => ({
  written: 0,
  together: 0,
  repeated: 0,
  operations: new Map(),
  outcomes: new Map(),
  rules: new Map(),
})

function count(counts: Counts, pair: Pair): void {
  const { request } = pair
  const isBatch = 'requests' in request
  const requests = isBatch ? request.requests : [request]
  for (const { operation } of requests) increase(counts.operations, operation)
  increase(counts.outcomes, codeOf(pair.graphql.outcome))
  for (const rule of new Set(pair.rules)) increase(counts.rules, rule)
  if (!pair.isWrite || !pair.graphql.outcome.ok || !pair.rest.outcome.ok) return
  counts.written += 1
  if (requests.length > 1) counts.together += 1
  if (isBatch ? request.keyed : request.style.keyed) counts.repeated += 1
}

const increase = <K>(counts: Map<K, number>, key: K): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
