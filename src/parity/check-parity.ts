// The parity suite: random requests through both faces of one running gateway, until one is answered in two ways.
import type { ParityReport } from './report.ts'
import * as fc from 'fast-check'
import type { Model, Operation } from '../schema/model/model.ts'
import type { TestGateway } from './gateway.ts'
import { deriveCallers } from './generate/callers.ts'
import { requestsOf } from './generate/generate.ts'
import { openEverything, readSamples } from './generate/open-model.ts'
import { codeOf } from './send/outcome.ts'
import type { ParityRequest, ParityTogether } from './request.ts'
import { oneFaceOnly, type RuleName } from './compare/rules.ts'
import { openPairRunner, type Pair } from './run-pair.ts'

export interface ParityOptions {
  /** The gateway to look at, such as `openTestGateway(gateway, { migrations })` gives; it is closed in the end. */
  readonly open: () => Promise<TestGateway>
  /** Pairs of requests: 1000 unless told. */
  readonly runs?: number
  /** Which random requests: another one each day would find more; the same one finds the same. */
  readonly seed?: number
  /** Where among the seed's requests to begin: what a report of a difference says. */
  readonly path?: string
  /** Told of every pair, for progress. */
  readonly onPair?: (count: number) => void
}

/**
 * Sends random requests to both faces and compares the answers and what is stored. Nothing stays written.
 * @throws what `open` throws
 */
export async function checkParity({
  open,
  runs = 1000,
  seed = Date.now() % 2 ** 31,
  path,
  onPair,
}: ParityOptions): Promise<ParityReport> {
  const gateway = await open()
  try {
    const {
      engine: { model },
      database,
    } = gateway
    const samples = await readSamples(openEverything(model, database))
    const callers = deriveCallers(model, samples)
    const operations = model.operations.filter(isOnBoth)
    const known = new Set(
      JSON.stringify([...samples.values()])
        .toLowerCase()
        .match(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g),
    )
    const runner = openPairRunner(gateway, (uuid) => known.has(uuid))
    const counted: Counted = {
      written: 0,
      together: 0,
      repeated: 0,
      operations: new Map<string, number>(),
      outcomes: new Map<string, number>(),
      rules: new Map<RuleName, number>(),
    }
    let count = 0
    let last: Pair | null = null
    let shrunk = 0
    const property = fc.asyncProperty(
      requestsOf({ model, samples }, operations, callers),
      async (request: ParityRequest | ParityTogether) => {
        if (last !== null && (shrunk += 1) > MAX_SHRINKS) return // small enough
        const pair = await runner.run(request)
        note(counted, pair)
        count += 1
        onPair?.(count)
        if (pair.difference === null) return
        last = pair
        throw differs
      },
    )
    const details = await fc.check(property, {
      numRuns: runs,
      seed,
      ...(path === undefined ? {} : { path }),
    })
    if (details.errorInstance instanceof Error && details.errorInstance !== differs)
      throw details.errorInstance
    const difference =
      last === null ? null : { ...(last as Pair), path: details.counterexamplePath ?? '' } // the property has set it
    return {
      ...counted,
      difference,
      seed,
      runs: details.numRuns,
      callers: callers.map(({ name }) => name),
      empty: [...samples].filter(([, rows]) => rows.length === 0).map(([key]) => key),
      oneFace: [...oneFaceOnly, ...declaredOneFace(model)],
    }
  } finally {
    await gateway.close()
  }
}

/** The most requests to make a difference smaller with; the first hundred do most of it. */
const MAX_SHRINKS = 250

const differs = new Error('The faces differ.')

const isOnBoth = (operation: Operation): boolean =>
  operation.standard !== null || operation.only === null

const declaredOneFace = (model: Model): ParityReport['oneFace'] =>
  model.operations.flatMap((operation) =>
    operation.standard === null && operation.only !== null
      ? [{ what: operation.name, face: operation.only.face, because: operation.only.reason }]
      : [],
  )

interface Counted {
  written: number
  together: number
  repeated: number
  readonly operations: Map<string, number>
  readonly outcomes: Map<string, number>
  readonly rules: Map<RuleName, number>
}

const increase = <K>(counts: Map<K, number>, key: K): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function note(counted: Counted, pair: Pair): void {
  const { request } = pair
  const isTogether = 'requests' in request
  for (const { operation } of isTogether ? request.requests : [request])
    increase(counted.operations, operation)
  increase(counted.outcomes, codeOf(pair.graphql.outcome))
  if (pair.isWrite && pair.graphql.outcome.ok && pair.rest.outcome.ok) {
    counted.written += 1
    if (isTogether && request.requests.length > 1) counted.together += 1
    if (isTogether ? request.keyed : request.style.keyed) counted.repeated += 1
  }
  for (const rule of new Set(pair.rules)) increase(counted.rules, rule)
}
