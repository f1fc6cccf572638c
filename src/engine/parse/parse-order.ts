// The order of a list, checked: its keys along relations, and the fields that tell its rows apart.
import type { z } from 'zod'
import { addIssue, addIssues, type Issue } from '../../errors.ts'
import { countField } from '../../schema/model/counts.ts'
import { parseInput } from '../../schema/inputs/validation-issues.ts'
import { type OrderDirection, orderDirections } from '../../schema/inputs/standard-inputs.ts'
import {
  type Field,
  type Model,
  type Relation,
  type Resource,
  targetOf,
} from '../../schema/model/model.ts'
import type { Nearest } from '../../schema/model/nearest.ts'
import { checkOrder } from './limits.ts'
import { onlyMember } from './members.ts'
import type { ParseContext } from './parse-context.ts'

/** A key of an order with the model's own objects: the relations on the way, then the field. */
export interface ParsedOrderKey {
  /** The key's names, as the request says them. */
  readonly path: readonly string[]
  readonly direction: OrderDirection
  /** Sorts by the distance to a value, in place of the field's own. */
  readonly nearest: Nearest | null
  readonly relations: readonly Relation[]
  /** At the end of a to-many relation: `countField`. */
  readonly field: Field
}

/** Keys as asked for, then the primary key as the last tie-breaker. */
export function parseOrder(
  context: ParseContext,
  resource: Resource,
  orderBy: unknown,
  prefix: Issue['path'],
): readonly ParsedOrderKey[] {
  const keys = parseKeys(context, resource, orderBy, prefix)
  const named = new Set(keys.map((key) => key.path.join('.')))
  const rest = resource.primaryKey.fields.filter((field) => !named.has(field.name))
  return [
    ...keys,
    ...rest.map((field) => ({
      path: [field.name],
      direction: 'ASC' as const,
      nearest: null,
      relations: [],
      field,
    })),
  ]
}

function parseKeys(
  context: ParseContext,
  resource: Resource,
  orderBy: unknown,
  prefix: Issue['path'],
): readonly ParsedOrderKey[] {
  const start: Holder = { model: context.model, resource, relations: [], path: [] }
  return checkedKeys(context, context.inputSchemas.orderBy(resource), orderBy, prefix).map((key) =>
    toOrderKey(start, key),
  )
}

/** The keys of an order that has passed its schema. A wrong order is noted, and gives no keys. */
export function checkedKeys(
  context: ParseContext,
  schema: z.ZodType,
  orderBy: unknown,
  prefix: Issue['path'],
): readonly unknown[] {
  if (orderBy === undefined) return []
  checkOrder(orderBy, context.limits)
  const parsed = parseInput(schema, orderBy, 'order', prefix)
  if (parsed.ok) return Array.isArray(parsed.value) ? parsed.value : []
  addIssues(context.issues, parsed.issues)
  return []
}

/** What the rest of a key is of, and the way to it. */
interface Holder extends Pick<ParsedOrderKey, 'relations' | 'path'> {
  readonly model: Model
  readonly resource: Resource
}

function toOrderKey({ model, resource, ...way }: Holder, key: unknown): ParsedOrderKey {
  const [name, value] = onlyMember(key)
  const path = [...way.path, name]
  const relation = resource.relations.get(name)
  if (relation === undefined) {
    const field = resource.fields.get(name)
    if (field === undefined) throw new Error(`An order by ${name} has passed its schema.`)
    return { path, relations: way.relations, field, ...placeOf(value) }
  }
  const relations = [...way.relations, relation]
  if (!relation.many)
    return toOrderKey({ model, resource: targetOf(model, relation), relations, path }, value)
  const [count, direction] = onlyMember(value)
  return { path: [...path, count], relations, field: countField, ...placeOf(direction) }
}

function placeOf(value: unknown): Pick<ParsedOrderKey, 'direction' | 'nearest'> {
  const direction = toDirection(value)
  if (direction !== null) return { direction, nearest: null }
  const [, nearest] = onlyMember(value)
  return { direction: 'ASC', nearest: nearest as Nearest } // the only other value that the schema takes
}

export const toDirection = (value: unknown): OrderDirection | null =>
  orderDirections.find((direction) => direction === value) ?? null

/** A list, as far as its order. */
interface OrderedList {
  readonly resource: Resource
  readonly order: readonly ParsedOrderKey[]
  readonly ranked: boolean
  readonly prefix: Issue['path']
}

/** PostgreSQL keeps the first row of each group where the order begins with what makes the groups. */
export function parseDistinct(
  context: ParseContext,
  { resource, order, ranked, prefix }: OrderedList,
  distinctOn: unknown,
): number {
  if (distinctOn === undefined) return 0
  const at = [...prefix, 'distinctOn']
  const parsed = parseInput(context.inputSchemas.distinctOn(resource), distinctOn, 'order', at)
  if (!parsed.ok) {
    addIssues(context.issues, parsed.issues)
    return 0
  }
  const fields = new Set(parsed.value as readonly string[]) // the schema's output
  const leading = order.slice(0, fields.size)
  const names = new Set(leading.map(({ path }) => path.join('.')))
  if (!ranked && names.size === fields.size && [...fields].every((name) => names.has(name)))
    return fields.size
  addIssue(context.issues, {
    in: 'order',
    path: at,
    code: 'conflict',
    message: `The order has to begin with the fields of distinctOn, in any order of their own: ${[...fields].join(', ')}.`,
  })
  return 0
}
