// One request through both faces of one gateway: sent, read, compared, with what each has stored.
import type { Operation } from '../../schema/model.ts'
import type { StoredTable } from '../rewinding.ts'
import type { TestGateway } from '../test-gateway.ts'
import { credentialsOf } from './callers.ts'
import { compare, type Comparison, deniedNames } from './compare.ts'
import { type BoundTo, type CursorsOf, withCursors } from './cursors.ts'
import { canonical, hasNewValue, nameNewValues, parseExact } from './json.ts'
import { type Outcome, unreadable, UnreadableAnswer } from './outcome.ts'
import { openEverything } from './open-model.ts'
import { hasPlace, withMembersOf, withoutMembers, withoutNames } from './prune.ts'
import { readGraphql } from './read-graphql.ts'
import { readRest } from './read-rest.ts'
import type { GraphqlRequest, ParityCaller, ParityRequest, RestRequest } from './request.ts'
import type { RuleName } from './rules.ts'
import { toGraphql } from './to-graphql.ts'
import { toRest } from './to-rest.ts'
import { versionDifference, withVersion } from './versions.ts'

/** What one face was sent, and what came back. */
export interface Exchange {
  readonly sent: GraphqlRequest | RestRequest
  readonly status: number
  readonly body: string
  readonly stored: readonly StoredTable[]
  /** The tag of REST's answer. */
  readonly tag: string | undefined
  readonly outcome: Outcome
}

export interface Pair {
  readonly request: ParityRequest
  readonly isWrite: boolean
  readonly graphql: Exchange
  readonly rest: Exchange
  readonly difference: string | null
  readonly rules: readonly RuleName[]
  /** What the log says of defects behind the answers. */
  readonly defects: readonly string[]
}

export interface PairRunner {
  run(request: ParityRequest): Promise<Pair>
}

/** @param known whether a UUID was in the data or the request before */
export function openPairRunner(gateway: TestGateway, isKnown: (uuid: string) => boolean): PairRunner {
  const { engine: { model } } = gateway
  const operations = new Map(model.operations.map((operation) => [operation.name, operation]))
  const cursorsOf = openCursors(gateway)
  const everything = openEverything(model, gateway.database)
  return {
    async run(given) {
      const operation = operations.get(given.operation)
      if (operation === undefined) throw new Error(`The model has no operation ${given.operation}.`)
      const resource = outputOf(operation)
      const request = await withVersion(everything, operation, await withCursors(model, given, resource, cursorsOf))
      const pairing: Pairing = { gateway, operation, isKnown: (uuid) => isKnown(uuid) || JSON.stringify(request).toLowerCase().includes(uuid) }
      return operation.kind === 'mutation' ? gateway.database.moment(() => runPair(pairing, request)) : runPair(pairing, request)
    },
  }
}

/** One request through one face; what it writes is taken back. */
export function askFace(gateway: TestGateway, face: 'graphql' | 'rest', request: ParityRequest): Promise<Exchange> {
  const operation = gateway.engine.model.operations.find(({ name }) => name === request.operation)
  if (operation === undefined) throw new Error(`The model has no operation ${request.operation}.`)
  const pairing: Pairing = { gateway, operation, isKnown: () => true }
  const ask = () => face === 'graphql' ? sendGraphql(pairing, request) : sendRest(pairing, request)
  return operation.kind === 'mutation' ? gateway.database.moment(ask) : ask()
}

async function runPair(pairing: Pairing, request: ParityRequest): Promise<Pair> {
  const { defects } = pairing.gateway
  defects.length = 0
  const [graphql, rest] = [await sendGraphql(pairing, request), await sendRest(pairing, request)]
  return { request, isWrite: pairing.operation.kind === 'mutation', graphql, rest, ...await judge(pairing, { request, graphql, rest }), defects: [...defects] }
}

interface Pairing {
  readonly gateway: TestGateway
  readonly operation: Operation
  readonly isKnown: (uuid: string) => boolean
}

type Sent = Pick<Pair, 'request' | 'graphql' | 'rest'>

const outputOf = (operation: Operation) =>
  operation.standard !== null ? operation.resource : operation.output.type === 'value' ? null : operation.output.resource

async function sendGraphql(pairing: Pairing, request: ParityRequest): Promise<Exchange> {
  const { engine: { model } } = pairing.gateway
  const sent = toGraphql(model, pairing.operation, request)
  const headers = { 'content-type': 'application/json', ...credentialsOf(request.caller) }
  const answer = await send(pairing, { method: 'POST', url: '/graphql', headers, payload: JSON.stringify(sent) })
  return { ...answer, sent, outcome: readable(() => readGraphql(model, pairing.operation, request, answer.body)) }
}

async function sendRest(pairing: Pairing, request: ParityRequest): Promise<Exchange> {
  const { engine: { model }, prefix } = pairing.gateway
  const sent = toRest({ model, prefix }, pairing.operation, request)
  const { method, url, body } = sent
  const headers = { ...sent.headers, ...credentialsOf(request.caller) }
  const answer = await send(pairing, { method, url, headers, ...body === null ? {} : { payload: body } })
  return { ...answer, sent, outcome: readable(() => readRest(model, pairing.operation, request, answer)) }
}

/** An answer that is none of the contract's is a defect of the face that gave it. */
function readable(read: () => Outcome): Outcome {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof UnreadableAnswer) && !(error instanceof SyntaxError)) throw error
    return unreadable(error.message)
  }
}

interface Http {
  readonly method: RestRequest['method']
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly payload?: string
}

async function send({ gateway, operation, isKnown }: Pairing, http: Http) {
  const inject = () => gateway.app.inject({ ...http, headers: { ...http.headers } })
  const { value, stored } = operation.kind === 'mutation' ? await gateway.database.attempt(inject) : { value: await inject(), stored: [] }
  const answered = withoutRequestId(value.body)
  const body = operation.kind === 'mutation' ? nameNewValues(answered, isKnown) : answered
  return { status: value.statusCode, contentType: value.headers['content-type'] ?? '', tag: value.headers.etag, body, stored: stored.map((table) => toStored(table, isKnown)) }
}

/** The id of a request is new each time, whichever face it came to. */
const withoutRequestId = (body: string): string => body.replaceAll(/"(requestId|instance)":"[^"]*"/g, '"$1":"…"')

const toStored = (table: StoredTable, isKnown: (uuid: string) => boolean): StoredTable =>
  ({ ...table, written: table.written.map((row) => nameNewValues(row, isKnown)).toSorted() })

async function judge(pairing: Pairing, sent: Sent): Promise<Comparison> {
  const { request, graphql, rest } = sent
  const denied = deniedNames(rest.outcome)
  if (denied !== null && request.selection !== null) return judgeDenied(pairing, sent, denied)
  const comparison = compare(comparedOf(pairing, request), graphql.outcome, rest.outcome)
  if (comparison.difference !== null) return comparison
  const difference = storedDifference(graphql.stored, rest.stored) ?? versionDifference(pairing.operation, request, graphql.body, rest.tag)
  const isNew = [...graphql.stored.flatMap(({ written }) => written), graphql.body].some(hasNewValue)
  return { difference, rules: [...comparison.rules, ...isNew ? ['volatile' as const] : []] }
}

const comparedOf = ({ gateway, operation }: Pairing, { selection }: ParityRequest) =>
  ({ model: gateway.engine.model, resource: outputOf(operation), selection })

/** Both must have written the same rows, and kept the same. */
function storedDifference(graphql: readonly StoredTable[], rest: readonly StoredTable[]): string | null {
  const changed = (tables: readonly StoredTable[], others: readonly StoredTable[]) => tables
    .filter((table) => table.written.length > 0 || others.some((other) => other.table === table.table))
    .map(({ table, kept, written }) => ({ table, kept, written: written.map((row) => parseExact(row)) }))
  const [mine, theirs] = [JSON.stringify(changed(graphql, rest)), JSON.stringify(changed(rest, graphql))]
  return mine === theirs ? null : `What is stored differs. GraphQL: ${mine} REST: ${theirs}`
}

/** REST has refused names that GraphQL answers with null: it must be the same names, and without them both must say the same. */
async function judgeDenied(pairing: Pairing, { request, graphql, rest }: Sent, denied: readonly string[]): Promise<Comparison> {
  const resource = outputOf(pairing.operation)
  if (resource === null || request.selection === null) return { difference: 'REST refuses fields where there are none.', rules: [] }
  const wrong = wronglyDenied(graphql.outcome, rest.outcome, denied)
  if (wrong !== null) return { difference: wrong, rules: [] }
  const paths = denied.map((path) => path.split('.'))
  const pruned = { ...request, selection: withoutNames(pairing.gateway.engine.model, resource, request.selection, paths) }
  const [mine, theirs] = [await sendGraphql(pairing, pruned), await sendRest(pairing, pruned)]
  const before = graphql.outcome.ok && mine.outcome.ok ? firstLoss(withoutMembers(graphql.outcome.value, paths), mine.outcome.value) : null
  const comparison = compare(comparedOf(pairing, pruned), mine.outcome, theirs.outcome)
  const difference = before ?? comparison.difference ?? storedDifference(graphql.stored, theirs.stored) ?? storedDifference(mine.stored, theirs.stored)
  return { difference, rules: ['deniedField', ...comparison.rules] }
}

/** GraphQL denies what REST refuses, wherever there is a row to deny it of, with the same code. */
function wronglyDenied(graphql: Outcome, rest: Outcome, denied: readonly string[]): string | null {
  if (!graphql.ok || rest.ok) return null
  const wrong = denied.find((path) => hasPlace(graphql.value, path.split('.')) !== graphql.denied.has(path))
  if (wrong !== undefined) return `REST refuses ${wrong}, GraphQL ${graphql.denied.has(wrong) ? 'denies it without a row' : 'answers it'}.`
  const other = [...graphql.denied].find(([path, code]) => denied.includes(path) && code !== rest.code)
  return other === undefined ? null : `GraphQL says ${other[1]} of ${other[0]}, REST ${rest.code}.`
}

/** What GraphQL answers beside a denied field it must answer without that field too. */
function firstLoss(whole: unknown, pruned: unknown): string | null {
  const known = canonical(pruned)
  return canonical(withMembersOf(whole, pruned)) === known ? null : `GraphQL answers otherwise without the denied fields: ${known}`
}

/** Cursors are asked of GraphQL once for each caller, list and order. */
function openCursors(gateway: TestGateway): CursorsOf {
  const known = new Map<string, Promise<readonly string[]>>()
  const ask = async (caller: ParityCaller, resource: Parameters<CursorsOf>[1], { orderBy = [], distinctOn = [], search }: BoundTo): Promise<readonly string[]> => {
    const order = orderBy.map(({ path, direction, nearest }) => path.reduceRight<unknown>((of, name) => ({ [name]: of }), nearest === undefined ? direction : { nearest }))
    const [define, give] = search === undefined ? ['', ''] : [', $search: String', 'search: $search, ']
    const query = `query($order: [${resource.type}Order!]${define}) { ${resource.plural}(orderBy: $order, distinctOn: [${distinctOn.join(', ')}], ${give}first: ${Math.min(40, resource.page.max)}) { edges { cursor } } }`
    const { body } = await gateway.app.inject({
      method: 'POST', url: '/graphql', headers: { 'content-type': 'application/json', ...credentialsOf(caller) }, payload: JSON.stringify({ query, variables: { order, search } }),
    })
    const { data } = JSON.parse(body) as { readonly data?: Record<string, { readonly edges: readonly { readonly cursor: string }[] } | null> | null } // as the query asks
    return data?.[resource.plural]?.edges.map(({ cursor }) => cursor) ?? []
  }
  return (caller, resource, list) => {
    const name = JSON.stringify([caller.name, resource.key, list])
    const asked = known.get(name) ?? ask(caller, resource, list)
    known.set(name, asked)
    return asked
  }
}
