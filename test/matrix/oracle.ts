// A reference implementation of access (docs/concepts.md, "Request"), from the declaration and the rows alone.
// It shares no code with the engine: policies are evaluated here on rows in memory, one at a time.
import type { FilterTree, PolicyNode } from '../../src/schema/declare/access.ts'
import type { Field, Model, Relation, Resource } from '../../src/schema/model/model.ts'

export type Row = Readonly<Record<string, unknown>>

/** A caller: the payload of a token, or null. */
export interface TestCaller {
  readonly name: string
  readonly payload: (Row & { readonly roles?: readonly string[] }) | null
}

export interface Dataset {
  readonly model: Model
  /** Every row of every resource. */
  readonly rows: ReadonlyMap<string, readonly Row[]>
}

/** SQL's three values. */
type Truth = boolean | null

/** Yes or no for every row, or by the row. */
export type Verdict = 'yes' | 'no' | ((row: Row) => Truth)

const not = (truth: Truth): Truth => (truth === null ? null : !truth)
const and = (truths: readonly Truth[]): Truth =>
  truths.includes(false) ? false : truths.includes(null) ? null : true
const or = (truths: readonly Truth[]): Truth =>
  truths.includes(true) ? true : truths.includes(null) ? null : false

export function evaluate(
  dataset: Dataset,
  caller: TestCaller,
  policy: PolicyNode,
  resource: Resource | null,
): Verdict {
  if (policy.type === 'any' || policy.type === 'all')
    return combine(
      policy.type,
      policy.of.map((part) => evaluate(dataset, caller, part, resource)),
    )
  if (policy.type === 'not') {
    const inner = evaluate(dataset, caller, policy.of, resource)
    return typeof inner === 'string' ? yes(inner === 'no') : (row) => not(inner(row))
  }
  if (policy.type === 'owner') {
    const claim = caller.payload?.[policy.claim]
    return claim === undefined
      ? 'no'
      : (row) => (row[policy.column] === null ? null : row[policy.column] === claim)
  }
  const answer = aboutCaller(caller, policy)
  if (typeof answer === 'boolean') return yes(answer)
  return resource === null ? 'no' : (row) => matches(dataset, resource, answer as FilterTree, row) // the compiler checked it
}

const yes = (truth: boolean): Verdict => (truth ? 'yes' : 'no')

/** The decision by the caller alone: yes, no, or a filter. */
function aboutCaller({ payload }: TestCaller, policy: PolicyNode): unknown {
  if (policy.type === 'filter') return policy.filter
  if (policy.type === 'role')
    return payload?.roles?.some((role) => policy.roles.includes(role)) === true
  if (policy.type !== 'decide')
    return policy.type === 'everyone' || (policy.type === 'signedIn' && payload !== null)
  const policyCaller =
    payload === null
      ? { via: 'anonymous', id: null, roles: [], claims: {} }
      : { via: 'jwt', id: payload['sub'], roles: payload.roles ?? [], claims: payload }
  return policy.decide(policyCaller as never) // as a team's policy is called
}

function combine(type: 'any' | 'all', parts: readonly Verdict[]): Verdict {
  const [decisive, other] = type === 'any' ? (['yes', 'no'] as const) : (['no', 'yes'] as const)
  if (parts.includes(decisive)) return decisive
  const byRow = parts.filter((part) => typeof part === 'function')
  if (byRow.length === 0) return other
  return (row) => (type === 'any' ? or : and)(byRow.map((part) => part(row)))
}

export const holds = (verdict: Verdict, row: Row): boolean =>
  typeof verdict === 'string' ? verdict === 'yes' : verdict(row) === true

function matches(dataset: Dataset, resource: Resource, tree: FilterTree, row: Row): Truth {
  return and(
    Object.entries(tree).map(([name, member]): Truth => {
      const trees = member as readonly FilterTree[]
      if (name === 'AND') return and(trees.map((one) => matches(dataset, resource, one, row)))
      if (name === 'OR') return or(trees.map((one) => matches(dataset, resource, one, row)))
      if (name === 'NOT') return not(matches(dataset, resource, member as FilterTree, row))
      const relation = resource.inner.relations.get(name)
      if (relation === undefined)
        return and(
          Object.entries(member as Row).map(([operator, operand]) =>
            compare(operator, row[name], operand),
          ),
        )
      if (relation.many)
        throw new Error(
          'The oracle does not support to-many filters; no policy of the store has one.',
        )
      return relatedRows({ dataset, resource, relation }, row).some(
        (one) => matches(dataset, targetOf(dataset, relation), member as FilterTree, one) === true,
      )
    }),
  )
}

function compare(operator: string, value: unknown, operand: unknown): Truth {
  if (value === null) return null
  if (operator === 'eq') return value === operand
  if (operator === 'ne') return value !== operand
  throw new Error(`The oracle does not support ${operator}; no policy of the store has one.`)
}

export function targetOf({ model }: Dataset, { target }: Relation): Resource {
  const resource = model.resources.get(target)
  if (resource === undefined) throw new Error(`There is no resource ${target}.`)
  return resource
}

const fieldOf = (resource: Resource, column: { readonly name: string }): Field | undefined =>
  [...resource.inner.fields.values()].find(
    ({ source }) => 'column' in source && source.column.name === column.name,
  )

const valuesOf = (
  resource: Resource,
  columns: readonly { readonly name: string }[],
  row: Row,
): readonly unknown[] => columns.map((column) => row[fieldOf(resource, column)?.name ?? ''] ?? null)

export interface Way {
  readonly dataset: Dataset
  readonly resource: Resource
  readonly relation: Relation
  /** Which rows of a junction count. */
  readonly allowed?: (junctionRow: Row) => boolean
}

/** Rows at the other end of a relation, regardless of policies. */
export function relatedRows(
  { dataset, resource, relation, allowed = () => true }: Way,
  row: Row,
): readonly Row[] {
  const target = targetOf(dataset, relation)
  const from = valuesOf(resource, relation.from, row)
  const targets = dataset.rows.get(target.key) ?? []
  if (relation.through === null) return lookUp(target, targets, relation.to, from)
  const junction = dataset.model.resources.get(relation.through.resource ?? '')
  if (junction === undefined)
    throw new Error(
      'The oracle supports only junctions that are resources, as the one of the store is.',
    )
  const { source, target: other } = relation.through
  const ties = lookUp(junction, dataset.rows.get(junction.key) ?? [], source, from).filter((tie) =>
    allowed(tie),
  )
  return [
    ...new Set(
      ties.flatMap((tie) => lookUp(target, targets, relation.to, valuesOf(junction, other, tie))),
    ),
  ]
}

type Index = Map<string, Row[]>
const indexes = new WeakMap<readonly Row[], Map<string, Index>>()

/** Rows with these values in these columns; null equals nothing. */
function lookUp(
  resource: Resource,
  rows: readonly Row[],
  columns: readonly { readonly name: string }[],
  values: readonly unknown[],
): readonly Row[] {
  if (values.includes(null)) return []
  const ofRows = indexes.get(rows) ?? new Map<string, Index>()
  indexes.set(rows, ofRows)
  const name = columns.map((column) => column.name).join()
  let index = ofRows.get(name)
  if (index === undefined) {
    index = Map.groupBy(rows, (row) => JSON.stringify(valuesOf(resource, columns, row)))
    ofRows.set(name, index)
  }
  return index.get(JSON.stringify(values)) ?? []
}

/** Rows of a resource that the caller may read, in the order of the key; null for a no to every row. */
export function readable(
  dataset: Dataset,
  caller: TestCaller,
  resource: Resource,
): readonly Row[] | null {
  const known = seenBy.get(caller) ?? new Map<Resource, readonly Row[] | null>()
  seenBy.set(caller, known)
  if (!known.has(resource)) known.set(resource, findReadable(dataset, caller, resource))
  return known.get(resource) ?? null
}

const seenBy = new WeakMap<TestCaller, Map<Resource, readonly Row[] | null>>()

function findReadable(
  dataset: Dataset,
  caller: TestCaller,
  resource: Resource,
): readonly Row[] | null {
  const verdict = evaluate(dataset, caller, resource.access.read, resource)
  if (verdict === 'no') return null
  return inKeyOrder(
    resource,
    (dataset.rows.get(resource.key) ?? []).filter((row) => holds(verdict, row)),
  )
}

export const inKeyOrder = (resource: Resource, rows: readonly Row[]): readonly Row[] =>
  rows.toSorted((a, b) => {
    for (const { name, kind } of resource.primaryKey.fields) {
      const isNumber = ['integer', 'smallint', 'bigint'].includes(kind.name)
      const [left, right] = [a[name], b[name]].map((value) =>
        isNumber ? BigInt(String(value)) : String(value),
      )
      if (left !== right && left !== undefined && right !== undefined) return left < right ? -1 : 1
    }
    return 0
  })

/** The code of a policy's no. */
export const refusalOf = ({ payload }: TestCaller): 'UNAUTHENTICATED' | 'FORBIDDEN' =>
  payload === null ? 'UNAUTHENTICATED' : 'FORBIDDEN'
