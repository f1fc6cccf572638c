// A request in two: its shape, as a key that prepared reads are found by, and its values, in the order of the shape.
// The walk judges nothing. What it does not understand is given back as null, and goes the ordinary way, where it is judged.
import { COUNT, countField } from '../../schema/model/counts.ts'
import type {
  Field,
  Model,
  Relation,
  Resource,
  StandardOperation,
} from '../../schema/model/model.ts'
import { targetOf } from '../../schema/model/model.ts'
import type { Operator } from '../../schema/model/operators.ts'
import { readCursor } from '../cursor.ts'
import { byName, operatorsByName } from '../parse/parse-filter.ts'
import type { ListInput } from '../request.ts'

export interface Fingerprint {
  readonly shape: string
  readonly values: readonly unknown[]
}

/** Told of every value in its turn, when a read is prepared: its name, and what it must be where a filter compares it. */
export type OnParameter = (
  name: string,
  compared: { readonly field: Field; readonly operator: Operator } | null,
) => void

export interface Walking {
  readonly model: Pick<Model, 'resources'>
  readonly onLeaf?: OnParameter
}

interface Walk extends Walking {
  readonly values: unknown[]
}

/** Longer shapes are rare, and not kept. */
const MAX_SHAPE = 2000

/** What is walked: the key of one row, and the lists of a request with the resources that they are lists of. */
export interface FingerprintInput {
  readonly operation: StandardOperation
  readonly key: Readonly<Record<string, unknown>> | null
  readonly lists: readonly {
    readonly resource: Resource
    readonly at: number
    readonly list: ListInput
  }[]
}

export function fingerprint(
  walking: Walking,
  { operation, key, lists }: FingerprintInput,
): Fingerprint | null {
  const at: Walk = { ...walking, values: [] }
  let shape = ''
  if (key !== null) {
    for (const { name } of operation.by?.fields ?? []) leaf(at, `key.${name}`, key[name])
  }
  for (const one of lists) {
    const part = walkList(at, one)
    if (part === null || shape.length > MAX_SHAPE) return null
    shape += part
  }
  return { shape, values: at.values }
}

function leaf(
  at: Walk,
  name: string,
  value: unknown,
  compared: Parameters<OnParameter>[1] = null,
): void {
  at.values.push(value)
  at.onLeaf?.(name, compared)
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null

function walkList(
  at: Walk,
  { resource, at: number, list }: FingerprintInput['lists'][number],
): string | null {
  if (list.search !== undefined) return null // its cursors are bound to a value, which no shape has
  const where =
    list.where === undefined ? '' : walkFilter(at, resource, list.where, `${number}.where.`)
  const order = walkOrder(list)
  if (order?.includes('"nearest":') === true) return null // a value, as above
  const page = walkPage(at, resource, list, number)
  return where === null || order === null || page === null ? null : `${where};${order};${page}|`
}

/** An order is all shape, and so is what it is distinct on. */
function walkOrder({ orderBy = [], distinctOn = [] }: ListInput): string | null {
  if (!Array.isArray(orderBy) || !Array.isArray(distinctOn)) return null
  return `${orderBy.length === 0 ? '' : JSON.stringify(orderBy)}${distinctOn.length === 0 ? '' : `/${JSON.stringify(distinctOn)}`}`
}

// oxlint-disable-next-line complexity -- one question for each argument of a page
function walkPage(at: Walk, resource: Resource, list: ListInput, number: number): string | null {
  const { first, last, after, before, offset } = list
  const backward = isGiven(last) || isGiven(before)
  if (backward && isMixed(list)) return null
  leaf(at, `${number}.limit`, first ?? last ?? resource.page.default)
  const cursor = backward ? before : after
  if (isGiven(offset)) {
    if (isGiven(cursor)) return null
    leaf(at, `${number}.offset`, offset)
    return offset === 0 ? 'o' : 'p'
  }
  const place = isGiven(cursor) ? walkCursor(at, cursor, number) : ''
  return place === null || !backward ? place : `b${place}`
}

/** Reading backward goes with neither an offset nor what reads forward. */
const isMixed = ({ first, after, offset }: ListInput): boolean =>
  [first, after, offset].some(isGiven)

/** A cursor's shape: where it holds nulls. */
function walkCursor(at: Walk, cursor: unknown, number: number): string | null {
  const parts = typeof cursor === 'string' ? readCursor(cursor) : null
  if (parts === null) return null
  const [made, ...cells] = parts
  leaf(at, `${number}.order`, made)
  for (const [i, cell] of cells.entries()) leaf(at, `${number}.start.${i}`, cell)
  return `c${cells.map((cell) => (cell === null ? 'n' : 'v')).join('')}`
}

const isTree = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A filter's shape: names, operators, and the answers of isNull and isEmpty, which are no values to the plan. */
function walkFilter(at: Walk, resource: Resource, tree: unknown, name: string): string | null {
  if (!isTree(tree)) return null
  let shape = '{'
  for (const member in tree) {
    const value = tree[member]
    if (value === undefined) continue
    const part = walkMember(at, resource, { member, value, name: name + member })
    if (part === null) return null
    shape += `${member}:${part},`
  }
  return `${shape}}`
}

interface Member {
  readonly member: string
  readonly value: unknown
  readonly name: string
}

function walkMember(at: Walk, resource: Resource, { member, value, name }: Member): string | null {
  if (member === 'NOT') return walkFilter(at, resource, value, `${name}.`)
  if (member === 'AND' || member === 'OR')
    return Array.isArray(value) ? walkAll(at, resource, value, name) : null
  const field = resource.fields.get(member)
  if (field !== undefined) return walkComparisons(at, field, value, name)
  const relation = resource.relations.get(member)
  return relation === undefined ? null : walkRelation(at, relation, value, name)
}

function walkAll(
  at: Walk,
  resource: Resource,
  trees: readonly unknown[],
  name: string,
): string | null {
  const parts = trees.map((tree, i) => walkFilter(at, resource, tree, `${name}.${i}.`))
  return parts.includes(null) ? null : `[${parts.join('')}]`
}

function walkRelation(at: Walk, relation: Relation, value: unknown, name: string): string | null {
  const target = targetOf(at.model, relation)
  if (!relation.many) return walkFilter(at, target, value, `${name}.`)
  if (!isTree(value)) return null
  // in the order of the plan, which is not that of the request
  const parts = (['some', 'none', 'every'] as const).map((word) =>
    value[word] === undefined ? '' : walkFilter(at, target, value[word], `${name}.${word}.`),
  )
  const known = Object.keys(value).every(
    (word) => word === 'some' || word === 'none' || word === 'every' || word === COUNT,
  )
  const counts =
    value[COUNT] === undefined
      ? ''
      : walkComparisons(at, countField, value[COUNT], `${name}.${COUNT}`)
  return known && counts !== null && !parts.includes(null) ? `<${parts.join('|')}|${counts}>` : null
}

const walkComparisons = (
  at: Walk,
  field: Field,
  comparisons: unknown,
  name: string,
): string | null => walkOperators(at, { field, known: operatorsByName(field), name }, comparisons)

interface Operands {
  readonly field: Field
  readonly known: ReadonlyMap<string, Operator>
  readonly name: string
}

function walkOperators(
  at: Walk,
  { field, known, name }: Operands,
  comparisons: unknown,
): string | null {
  if (!isTree(comparisons)) return null
  let shape = ''
  for (const word in comparisons) {
    const operand = comparisons[word]
    if (operand === undefined) continue
    const operator = known.get(word)
    if (operator === undefined) return null
    if (operator.takes === 'boolean') {
      if (typeof operand !== 'boolean') return null
      shape += operand ? `${word}+` : `${word}-`
    } else if (operator.within !== undefined) {
      const inner = walkOperators(
        at,
        { field, known: byName(operator.within), name: `${name}.${word}` },
        operand,
      )
      if (inner === null) return null
      shape += `${word}(${inner})`
    } else {
      leaf(at, `${name}.${word}`, operand, { field, operator })
      shape += `${word} `
    }
  }
  return shape === '' ? null : shape
}
