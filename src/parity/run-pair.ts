// One request, or several together, through both faces of one gateway: sent, read, compared, with what each has stored.
import type { Operation } from '../schema/model/model.ts'
import type { StoredTable } from './rewindable-database.ts'
import type { TestGateway } from './gateway.ts'
import { credentialsOf } from './generate/callers.ts'
import { compare, compareTogether, type Comparison, deniedNames } from './compare/compare.ts'
import { type BoundTo, type CursorsOf, withCursors } from './send/cursors.ts'
import { type Exchange, type Face, send, type Sending, type Spoken } from './send/exchange.ts'
import { canonical, hasNewValue, parseExact } from './send/json.ts'
import type { Outcome } from './send/outcome.ts'
import { openEverything } from './generate/open-model.ts'
import { hasPlace, withMembersOf, withoutMembers, withoutNames } from './compare/prune.ts'
import type { Asked, ParityCaller, ParityRequest, ParityTogether } from './request.ts'
import type { RuleName } from './compare/rules.ts'
import { findOperation, speak, speakTogether } from './send/send.ts'
import { versionDifference, withVersion } from './generate/versions.ts'

export interface Pair {
  readonly request: ParityRequest | ParityTogether
  readonly isWrite: boolean
  readonly graphql: Exchange
  readonly rest: Exchange
  readonly difference: string | null
  readonly rules: readonly RuleName[]
  /** What the log says of defects behind the answers. */
  readonly defects: readonly string[]
}

export interface PairRunner {
  run(request: ParityRequest | ParityTogether): Promise<Pair>
}

/** @param known whether a UUID was in the data or the request before */
export function openPairRunner(
  gateway: TestGateway,
  isKnown: (uuid: string) => boolean,
): PairRunner {
  const {
    engine: { model },
    prefix,
  } = gateway
  const cursorsOf = openCursors(gateway)
  const everything = openEverything(model, gateway.database)
  const lookUp = async (given: ParityRequest): Promise<Asked> => {
    const operation = findOperation(model, given.operation)
    return {
      operation,
      request: await withVersion(
        everything,
        operation,
        await withCursors(model, given, outputOf(operation), cursorsOf),
      ),
    }
  }
  const toSending = (request: object): Sending => ({
    gateway,
    isKnown: (uuid) => isKnown(uuid) || JSON.stringify(request).toLowerCase().includes(uuid),
  })
  return {
    async run(given) {
      if ('requests' in given) {
        const asked: Asked[] = []
        for (const request of given.requests) asked.push(await lookUp(request))
        const request: ParityTogether = { ...given, requests: asked.map((one) => one.request) }
        const judgeThem: Judge = (graphql, rest) => judgeTogether(gateway, asked, graphql, rest)
        return inMoment(gateway, true, () =>
          runPair(toSending(request), speakTogether({ model, prefix }, asked, given), judgeThem),
        ).then((pair) => ({ ...pair, request }))
      }
      const asked = await lookUp(given)
      const pairing: Pairing = { ...toSending(asked.request), ...asked }
      const spoken = speak({ model, prefix }, asked)
      return inMoment(gateway, spoken.isWrite, () =>
        runPair(pairing, spoken, (graphql, rest) => judge(pairing, { graphql, rest })),
      ).then((pair) => ({ ...pair, request: asked.request }))
    },
  }
}

const inMoment = <T>(
  { database }: TestGateway,
  isWrite: boolean,
  work: () => Promise<T>,
): Promise<T> => (isWrite ? database.moment(work) : work())

/** One request through one face; what it writes is taken back. */
export function askFace(
  gateway: TestGateway,
  face: Face,
  request: ParityRequest,
): Promise<Exchange> {
  const {
    engine: { model },
    prefix,
  } = gateway
  const spoken = speak(
    { model, prefix },
    { operation: findOperation(model, request.operation), request },
  )
  return inMoment(gateway, spoken.isWrite, () =>
    send({ gateway, isKnown: () => true }, face, spoken),
  )
}

type Judge = (graphql: Exchange, rest: Exchange) => Comparison | Promise<Comparison>

async function runPair(
  sending: Sending,
  spoken: Spoken,
  judging: Judge,
): Promise<Omit<Pair, 'request'>> {
  const { defects } = sending.gateway
  defects.length = 0
  const [graphql, rest] = [
    await send(sending, 'graphql', spoken),
    await send(sending, 'rest', spoken),
  ]
  return {
    isWrite: spoken.isWrite,
    graphql,
    rest,
    ...(await judging(graphql, rest)),
    defects: [...defects],
  }
}

type Pairing = Sending & Asked
type Sent = Pick<Pair, 'graphql' | 'rest'>

const outputOf = (operation: Operation) =>
  operation.standard !== null
    ? operation.resource
    : operation.output.type === 'value'
      ? null
      : operation.output.resource

async function judge(pairing: Pairing, sent: Sent): Promise<Comparison> {
  const { operation, request } = pairing
  const { graphql, rest } = sent
  const denied = deniedNames(rest.outcome)
  if (denied !== null && request.selection !== null) return judgeDenied(pairing, sent, denied)
  const comparison = judgeStored(
    sent,
    compare(comparedOf(pairing.gateway, pairing), graphql.outcome, rest.outcome),
  )
  return {
    ...comparison,
    difference:
      comparison.difference ?? versionDifference(operation, request, graphql.body, rest.tag),
  }
}

const judgeTogether = (
  gateway: TestGateway,
  asked: readonly Asked[],
  graphql: Exchange,
  rest: Exchange,
): Comparison =>
  judgeStored(
    { graphql, rest },
    compareTogether(
      asked.map((one) => comparedOf(gateway, one)),
      graphql.outcome,
      rest.outcome,
    ),
  )

/** Beside the answers: what is stored, and what comes of a second time. */
function judgeStored({ graphql, rest }: Sent, comparison: Comparison): Comparison {
  if (comparison.difference !== null) return comparison
  const isNew = [...graphql.stored.flatMap(({ written }) => written), graphql.body].some(
    hasNewValue,
  )
  const rules = [...comparison.rules, ...(isNew ? ['volatile' as const] : [])]
  const repeated = [
    ['GraphQL', graphql],
    ['REST', rest],
  ] as const
  const [again] = repeated.flatMap(([face, exchange]) =>
    exchange.repeated === null ? [] : [`${face}, sent again: ${exchange.repeated}`],
  )
  return { difference: storedDifference(graphql.stored, rest.stored) ?? again ?? null, rules }
}

const comparedOf = (
  { engine: { model } }: TestGateway,
  {
    operation,
    request: {
      selection,
      style: { literals },
    },
  }: Asked,
) => ({ model, resource: outputOf(operation), selection, literals })

/** Both must have written the same rows, and kept the same. */
function storedDifference(
  graphql: readonly StoredTable[],
  rest: readonly StoredTable[],
): string | null {
  const [mine, theirs] = [graphql, rest].map((tables) =>
    JSON.stringify(
      tables.map(({ table, kept, written }) => ({
        table,
        kept,
        written: written.map((row) => parseExact(row)),
      })),
    ),
  )
  return mine === theirs ? null : `What is stored differs. GraphQL: ${mine} REST: ${theirs}`
}

/** REST has refused names that GraphQL answers with null: it must be the same names, and without them both must say the same. */
async function judgeDenied(
  pairing: Pairing,
  { graphql, rest }: Sent,
  denied: readonly string[],
): Promise<Comparison> {
  const { gateway, operation, request } = pairing
  const {
    engine: { model },
    prefix,
  } = gateway
  const resource = outputOf(operation)
  if (resource === null || request.selection === null)
    return { difference: 'REST refuses fields where there are none.', rules: [] }
  const wrong = wronglyDenied(graphql.outcome, rest.outcome, denied)
  if (wrong !== null) return { difference: wrong, rules: [] }
  const paths = denied.map((path) => path.split('.'))
  const pruned: Asked = {
    operation,
    request: { ...request, selection: withoutNames(model, resource, request.selection, paths) },
  }
  const spoken = speak({ model, prefix }, pruned)
  const [mine, theirs] = [
    await send(pairing, 'graphql', spoken),
    await send(pairing, 'rest', spoken),
  ]
  const before =
    graphql.outcome.ok && mine.outcome.ok
      ? firstLoss(withoutMembers(graphql.outcome.value, paths), mine.outcome.value)
      : null
  const comparison = compare(comparedOf(gateway, pruned), mine.outcome, theirs.outcome)
  const difference =
    before ??
    comparison.difference ??
    storedDifference(graphql.stored, theirs.stored) ??
    storedDifference(mine.stored, theirs.stored)
  return { difference, rules: ['deniedField', ...comparison.rules] }
}

/** GraphQL denies what REST refuses, wherever there is a row to deny it of, with the same code. */
function wronglyDenied(graphql: Outcome, rest: Outcome, denied: readonly string[]): string | null {
  if (!graphql.ok || rest.ok) return null
  const wrong = denied.find(
    (path) => hasPlace(graphql.value, path.split('.')) !== graphql.denied.has(path),
  )
  if (wrong !== undefined)
    return `REST refuses ${wrong}, GraphQL ${graphql.denied.has(wrong) ? 'denies it without a row' : 'answers it'}.`
  const other = [...graphql.denied].find(
    ([path, code]) => denied.includes(path) && code !== rest.code,
  )
  return other === undefined ? null : `GraphQL says ${other[1]} of ${other[0]}, REST ${rest.code}.`
}

/** What GraphQL answers beside a denied field it must answer without that field too. */
function firstLoss(whole: unknown, pruned: unknown): string | null {
  const known = canonical(pruned)
  return canonical(withMembersOf(whole, pruned)) === known
    ? null
    : `GraphQL answers otherwise without the denied fields: ${known}`
}

/** Cursors are asked of GraphQL once for each caller, list and order. */
function openCursors(gateway: TestGateway): CursorsOf {
  const known = new Map<string, Promise<readonly string[]>>()
  const ask = async (
    caller: ParityCaller,
    resource: Parameters<CursorsOf>[1],
    { orderBy = [], distinctOn = [], search }: BoundTo,
  ): Promise<readonly string[]> => {
    const order = orderBy.map(({ path, direction, nearest }) =>
      path.reduceRight<unknown>(
        (of, name) => ({ [name]: of }),
        nearest === undefined ? direction : { nearest },
      ),
    )
    const [define, give] =
      search === undefined ? ['', ''] : [', $search: String', 'search: $search, ']
    const query = `query($order: [${resource.type}Order!]${define}) { ${resource.plural}(orderBy: $order, distinctOn: [${distinctOn.join(', ')}], ${give}first: ${Math.min(40, resource.page.max)}) { edges { cursor } } }`
    const { body } = await gateway.app.inject({
      method: 'POST',
      url: '/graphql',
      headers: { 'content-type': 'application/json', ...credentialsOf(caller) },
      payload: JSON.stringify({ query, variables: { order, search } }),
    })
    const { data } = JSON.parse(body) as {
      readonly data?: Record<
        string,
        { readonly edges: readonly { readonly cursor: string }[] } | null
      > | null
    } // as the query asks
    return data?.[resource.plural]?.edges.map(({ cursor }) => cursor) ?? []
  }
  return (caller, resource, list) => {
    const name = JSON.stringify([caller.name, resource.key, list])
    const asked = known.get(name) ?? ask(caller, resource, list)
    known.set(name, asked)
    return asked
  }
}
