// Sends one request or one batch through both faces of a gateway, and compares the exchanges.
import type { Engine } from '../engine/engine.ts'
import { compareBatchExchanges, compareExchanges } from './compare/compare-exchanges.ts'
import type { Exchanges } from './compare/compare-stored.ts'
import type { ComparisonResult } from './compare/comparison.ts'
import type { TestGateway } from './gateway.ts'
import { openEverything } from './generate/open-model.ts'
import { operationNamed, resourceOf } from './operations.ts'
import type { OperationRequest, ParityBatch, ParityRequest } from './request.ts'
import { type FindCursors, withFoundCursors } from './send/cursors.ts'
import { type Exchange, type Face, send, type Sending, type Translation } from './send/exchange.ts'
import { openFindCursors } from './send/find-cursors.ts'
import { translate, translateBatch } from './send/translate.ts'
import { withFoundVersion } from './send/versions.ts'

/** A request, both exchanges and their comparison. */
export interface Pair extends Exchanges, ComparisonResult {
  /** The request with its cursors and versions as they were sent. */
  readonly request: ParityRequest | ParityBatch
  readonly isWrite: boolean
  /** The log's lines about defects behind the answers. */
  readonly defects: readonly string[]
}

export interface PairRunner {
  run(request: ParityRequest | ParityBatch): Promise<Pair>
}

interface Runner {
  readonly gateway: TestGateway
  readonly isKnown: (uuid: string) => boolean
  readonly findCursors: FindCursors
  /** An engine that shows every row. */
  readonly everything: Engine
}

/** @param isKnown whether a UUID occurs in the data */
export function openPairRunner(
  gateway: TestGateway,
  isKnown: (uuid: string) => boolean,
): PairRunner {
  const runner: Runner = {
    gateway,
    isKnown,
    findCursors: openFindCursors(gateway),
    everything: openEverything(gateway.engine.model, gateway.database),
  }
  return {
    run: (request) =>
      'requests' in request ? runBatch(runner, request) : runRequest(runner, request),
  }
}

async function runRequest(runner: Runner, given: ParityRequest): Promise<Pair> {
  const { gateway } = runner
  const asked = await lookUp(runner, given)
  const { request } = asked
  const sending = toSending(runner, request)
  const pair = await runPair(sending, translate(apiOf(gateway), asked), (exchanges) =>
    compareExchanges(sending, asked, exchanges),
  )
  return { ...pair, request }
}

async function runBatch(runner: Runner, given: ParityBatch): Promise<Pair> {
  const { gateway } = runner
  const asked: OperationRequest[] = []
  for (const one of given.requests) asked.push(await lookUp(runner, one))
  const request: ParityBatch = { ...given, requests: asked.map((one) => one.request) }
  const translation = translateBatch(apiOf(gateway), asked, given)
  const pair = await runPair(toSending(runner, request), translation, (exchanges) =>
    compareBatchExchanges(gateway.engine.model, asked, exchanges),
  )
  return { ...pair, request }
}

/** The request with the cursors and the version that the data has for it. */
async function lookUp(
  { gateway, findCursors, everything }: Runner,
  given: ParityRequest,
): Promise<OperationRequest> {
  const { model } = gateway.engine
  const operation = operationNamed(model, given.operation)
  const placed = await withFoundCursors(model, given, resourceOf(operation), findCursors)
  return { operation, request: await withFoundVersion(everything, operation, placed) }
}

function toSending({ gateway, isKnown }: Runner, request: object): Sending {
  const text = JSON.stringify(request).toLowerCase()
  return { gateway, isKnown: (uuid) => isKnown(uuid) || text.includes(uuid) }
}

const apiOf = ({ engine: { model }, prefix }: TestGateway) => ({ model, prefix })

function runPair(
  sending: Sending,
  translation: Translation,
  compare: (exchanges: Exchanges) => ComparisonResult | Promise<ComparisonResult>,
): Promise<Omit<Pair, 'request'>> {
  const { isWrite } = translation
  const { defects } = sending.gateway
  return inMoment(sending.gateway, isWrite, async () => {
    defects.length = 0
    const graphql = await send(sending, 'graphql', translation)
    const rest = await send(sending, 'rest', translation)
    const comparison = await compare({ graphql, rest })
    return { isWrite, graphql, rest, ...comparison, defects: [...defects] }
  })
}

const inMoment = <T>(
  { database }: TestGateway,
  isWrite: boolean,
  work: () => Promise<T>,
): Promise<T> => (isWrite ? database.moment(work) : work())

/** Sends one request to one face. What it writes is taken back. */
export function askFace(
  gateway: TestGateway,
  face: Face,
  request: ParityRequest,
): Promise<Exchange> {
  const operation = operationNamed(gateway.engine.model, request.operation)
  const translation = translate(apiOf(gateway), { operation, request })
  return inMoment(gateway, translation.isWrite, () =>
    send({ gateway, isKnown: () => true }, face, translation),
  )
}
