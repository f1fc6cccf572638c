// GraphQL's answer as an outcome: connections become pages, enum names labels, and errors below the root what was denied.
import {
  type Field,
  type Model,
  type Operation,
  type Resource,
  type StandardOperation,
  targetOf,
} from '../../schema/model/model.ts'
import { toGraphqlLabel } from '../../schema/declare/names.ts'
import { describeZod, type ValueType } from '../../schema/values/zod-types.ts'
import type { Total } from '../../engine/request.ts'
import type { Issue } from '../../errors.ts'
import { mapGroups } from './aggregate-words.ts'
import { canonical, parseExact } from './json.ts'
import { found, type Outcome, type OutcomePage, type Refused, UnreadableAnswer } from './outcome.ts'
import type { Asked, ParityRequest, ParitySelection } from '../request.ts'
import { aliasOf } from './to-graphql.ts'
import { relatedOf } from './to-rest.ts'

interface Entry {
  readonly message: string
  readonly path?: readonly (string | number)[]
  readonly extensions: {
    readonly code: string
    readonly type: string
    readonly details?: unknown
    readonly issues?: readonly Issue[]
  }
}

type Json = Readonly<Record<string, unknown>>

export function readGraphql(model: Model, { operation, request }: Asked, body: string): Outcome {
  const { errors, data } = parseAnswer(body)
  return (
    refusalIn(errors) ?? readField(model, { operation, request }, data?.[operation.name], errors)
  )
}

/** The outcomes of several mutations, or the error that has undone them. */
export function readGraphqlTogether(model: Model, asked: readonly Asked[], body: string): Outcome {
  const { errors, data } = parseAnswer(body)
  const refusal = refusalIn(errors)
  if (refusal === null)
    return found(
      asked.map((one, i) =>
        readField(
          model,
          one,
          data?.[aliasOf(i)],
          errors.filter(({ path }) => path?.[0] === aliasOf(i)),
        ),
      ),
    )
  const which = asked.findIndex((_one, i) => refusal.of === aliasOf(i))
  const left = Object.entries(data ?? {}).filter(([, value]) => value !== null)
  if (left.length > 0)
    throw new UnreadableAnswer(
      `GraphQL answers ${left.map(([name]) => name).join(', ')} of a document that was undone.`,
    )
  return which === -1 ? refusal : { ...refusal, request: which }
}

function parseAnswer(body: string) {
  const { errors = [] } = JSON.parse(body) as { readonly errors?: readonly Entry[] } // GraphQL's response format
  const { data } = parseExact(body) as { readonly data?: Json | null }
  return { errors, data }
}

/** The first error of a whole field, or of the request; with the issues of those that say the same. */
function refusalIn(errors: readonly Entry[]): (Refused & { readonly of: unknown }) | null {
  const root = errors.filter(({ path }) => path === undefined || path.length <= 1)
  const [first] = root
  if (first === undefined) return null
  return {
    ...refused(first),
    issues: root.flatMap(({ extensions }) => extensions.issues ?? []),
    of: first.path?.[0],
  }
}

function readField(
  model: Model,
  { operation, request }: Asked,
  answered: unknown,
  errors: readonly Entry[],
): Outcome {
  const strange = errors.find(
    ({ extensions: { code } }) => code !== 'FORBIDDEN' && code !== 'UNAUTHENTICATED',
  )
  if (strange !== undefined) return refused(strange)
  const denied = new Map(
    errors.map(({ path = [], extensions }) => [
      toPath(path.slice(1), operation, model),
      extensions.code,
    ]),
  )
  if (operation.standard !== 'upsert' || answered === null || answered === undefined)
    return found(readRoot({ model, denied }, operation, request, answered), denied)
  const { created, [operation.resource.key]: row } = answered as Json // its payload
  return found(readRoot({ model, denied }, operation, request, row), denied, created as boolean)
}

const refused = ({
  message,
  extensions: { code, type, details = null, issues = [] },
}: Entry): Refused => ({ ok: false, code, type, message, issues, details, request: null })

/** A response path as one of relations and fields: what connections and lists put between is left out. */
function toPath(path: readonly (string | number)[], operation: Operation, model: Model): string {
  const names = path
    .filter((step) => typeof step === 'string')
    .slice(operation.standard === 'upsert' ? 1 : 0) // its payload's row
  let resource: Resource | null =
    operation.standard !== null
      ? operation.resource
      : operation.output.type === 'value'
        ? null
        : operation.output.resource
  let inPage = operation.standard === 'list'
  const kept: string[] = []
  for (const name of names) {
    if (inPage && (name === 'nodes' || name === 'edges')) continue
    if (inPage && name === 'node') continue
    inPage = false
    kept.push(name)
    const relation = resource?.relations.get(name)
    if (relation === undefined) continue
    resource = targetOf(model, relation)
    inPage = relation.many
  }
  return kept.join('.')
}

interface Reading {
  readonly model: Model
  readonly denied: ReadonlyMap<string, string>
}

function readRoot(
  reading: Reading,
  operation: Operation,
  request: ParityRequest,
  value: unknown,
): unknown {
  const { selection } = request
  if (value === undefined) throw new UnreadableAnswer('GraphQL answered neither data nor an error.')
  if (value === null) return null
  const chosen = selection ?? nothing
  if (operation.standard !== null) return readStandard(reading, operation, request, value)
  const { output } = operation
  if (output.type === 'value') return fromLabels(describeZod(output.schema).value, value)
  return output.type === 'row'
    ? readRow(reading, output.resource, chosen, value as Json)
    : (value as readonly Json[]).map((row) => readRow(reading, output.resource, chosen, row)) // a list of rows
}

const nothing: ParitySelection = { fields: [], relations: [] }

function readStandard(
  reading: Reading,
  operation: StandardOperation,
  request: ParityRequest,
  value: unknown,
): unknown {
  const { resource, standard } = operation
  const { selection, list } = request
  if (standard === 'list')
    return readPage(reading, resource, selection ?? nothing, {
      value: value as Json,
      total: list?.total ?? false,
    })
  if (standard === 'aggregate') return mapGroups(resource, value, fromLabel)
  const rowOf = (row: Json | null) =>
    row === null ? null : readRow(reading, resource, selection ?? nothing, row)
  if (Array.isArray(value)) return value.map(rowOf)
  return hasNoRelated(reading, operation, request, value as Json) ? null : rowOf(value as Json)
}

/** A to-one relation asked for alone that has no row: REST says so as of any other row. */
function hasNoRelated(
  { denied }: Reading,
  operation: Operation,
  request: ParityRequest,
  row: Json,
): boolean {
  const related = relatedOf(operation, request)
  return (
    related !== null &&
    related.list === null &&
    row[related.name] === null &&
    !denied.has(related.name)
  )
}

function readRow(
  reading: Reading,
  resource: Resource,
  { fields, relations }: ParitySelection,
  row: Json,
): Json {
  const names = fields === 'default' ? [...resource.fields.keys()] : fields
  const own = names.map((name) => {
    const field = resource.fields.get(name)
    return [name, field === undefined ? row[name] : fromLabel(field, row[name])] as const
  })
  const below = relations.map(({ name, list, selection }) => {
    const relation = resource.relations.get(name)
    const value = row[name]
    if (relation === undefined || value === null || value === undefined)
      return [name, value] as const
    const target = targetOf(reading.model, relation)
    if (list === null) return [name, readRow(reading, target, selection, value as Json)] as const
    return [
      name,
      readPage(reading, target, selection, { value: value as Json, total: list.total }),
    ] as const
  })
  return Object.fromEntries([...own, ...below])
}

interface Edge {
  readonly cursor: string
  readonly node: Json
}
interface Connection {
  readonly nodes?: readonly Json[]
  readonly edges?: readonly Edge[]
  readonly totalCount?: string
  readonly pageInfo: {
    readonly hasNextPage: boolean
    readonly hasPreviousPage: boolean
    readonly startCursor: string | null
    readonly endCursor: string | null
  }
}

function readPage(
  reading: Reading,
  resource: Resource,
  selection: ParitySelection,
  { value, total }: { readonly value: Json; readonly total: Total },
): OutcomePage {
  const { nodes, edges = [], pageInfo, totalCount } = value as unknown as Connection // as the query asked
  const first = edges[0]
  if (
    first !== undefined &&
    (first.cursor !== pageInfo.startCursor || edges.at(-1)?.cursor !== pageInfo.endCursor)
  ) {
    throw new UnreadableAnswer(
      `GraphQL's pageInfo does not have the cursors of its edges: ${canonical(pageInfo)}`,
    )
  }
  const rows = nodes ?? edges.map(({ node }) => node)
  return {
    rows: rows.map((row) => readRow(reading, resource, selection, row)),
    next: pageInfo.hasNextPage ? pageInfo.endCursor : null,
    previous: pageInfo.hasPreviousPage ? pageInfo.startCursor : null,
    total: total === false ? null : (totalCount ?? 'none'),
  }
}

/** The label that GraphQL's name of it stands for. */
function fromLabel(field: Field, value: unknown): unknown {
  if (field.enum === null) return value
  if (Array.isArray(value)) return value.map((one) => fromLabel(field, one))
  return field.enum.values.find(({ graphql }) => graphql === value)?.label ?? value
}

function fromLabels(type: ValueType, value: unknown): unknown {
  if (value === null || value === undefined) return null
  if (type.type === 'enum')
    return type.labels.find((label) => toGraphqlLabel(label) === value) ?? value
  if (type.type === 'list')
    return Array.isArray(value) ? value.map((one) => fromLabels(type.of.value, one)) : value
  if (type.type !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => {
      const member = type.members.get(name)
      return [name, member === undefined ? one : fromLabels(member.value, one)]
    }),
  )
}
