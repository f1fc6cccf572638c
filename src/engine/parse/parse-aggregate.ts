// The arguments of an aggregate, checked: which rows, which groups of them, what of each group, in which order.
import { addIssue, addIssues, type Issue, isFull } from '../../errors.ts'
import type { FilterTree } from '../../schema/declare/access.ts'
import {
  type Aggregate,
  aggregatesByPath,
  type Aggregation,
  aggregationOf,
  type GroupKey,
} from '../../schema/model/aggregates.ts'
import { allowedIn, parseInput } from '../../schema/inputs/validation-issues.ts'
import type { Resource } from '../../schema/model/model.ts'
import { checkHaving, checkOrder } from './limits.ts'
import {
  flattenOrderKey,
  type NamedOrderKey,
  parseWhere,
  parseWholeNumber,
  type ParseContext,
} from './parse-list.ts'
import type { AggregateInput, Selection } from '../request.ts'

export interface ParsedAggregate {
  readonly where: FilterTree
  readonly keys: readonly GroupKey[]
  readonly having: FilterTree
  /** As asked for, then the keys as tie-breakers: no two groups have the same. */
  readonly order: readonly NamedOrderKey[]
  readonly shown: readonly Aggregate[]
  /** Null: all groups. */
  readonly limit: number | null
  readonly offset: number | null
}

interface Parsing {
  readonly context: ParseContext
  readonly resource: Resource
  readonly aggregation: Aggregation
}

export function parseAggregate(
  context: ParseContext,
  resource: Resource,
  input: AggregateInput,
  selection: Selection | null,
): ParsedAggregate {
  const parsing: Parsing = { context, resource, aggregation: aggregationOf(resource) }
  const where = input.where === undefined ? {} : parseWhere(context, resource, input.where, [])
  const keys = parseGroupBy(parsing, input.groupBy)
  return {
    where,
    keys: keys ?? [],
    having: parseHaving(parsing, input.having),
    order: parseOrder(parsing, input.orderBy, keys),
    shown: parseShown(parsing, selection, keys),
    ...parsePage(parsing, input),
  }
}

/** Null where they are wrong: nothing can be held against them. */
function parseGroupBy(
  { context, resource, aggregation }: Parsing,
  groupBy: unknown,
): readonly GroupKey[] | null {
  if (groupBy === undefined) return []
  const parsed = parseInput(context.inputSchemas.groupBy(resource), groupBy, 'key')
  if (parsed.ok)
    return (parsed.value as readonly string[]).flatMap((name) => aggregation.keys.get(name) ?? []) // the schema's output
  addIssues(context.issues, parsed.issues)
  return null
}

/** Its issues are those of a filter, under `having`. */
function parseHaving({ context, resource }: Parsing, having: unknown): FilterTree {
  if (having === undefined) return {}
  checkHaving(having, context.limits)
  const parsed = parseInput(context.inputSchemas.having(resource), having, 'where', ['having'])
  if (parsed.ok) return parsed.value as FilterTree // the schema's output
  addIssues(context.issues, parsed.issues)
  return {}
}

function parseOrder(
  { context, resource }: Parsing,
  orderBy: unknown,
  keys: readonly GroupKey[] | null,
): readonly NamedOrderKey[] {
  const order = orderBy === undefined ? [] : parseKeys(context, resource, orderBy)
  for (const [
    i,
    {
      path: [at = '', name = ''],
    },
  ] of order.entries()) {
    if (at !== 'key' || keys === null || isGrouped(keys, name)) continue
    addIssue(context.issues, {
      in: 'order',
      path: [i, 'key', name],
      code: 'not_grouped',
      message: `Group by ${name} to sort by it.`,
    })
  }
  const named = new Set(order.map(({ path }) => path.join('.')))
  const rest = (keys ?? []).filter(({ value }) => !named.has(value.name))
  return [
    ...order,
    ...rest.map(({ name }) => ({ path: ['key', name], direction: 'ASC' as const, nearest: null })),
  ]
}

function parseKeys(
  context: ParseContext,
  resource: Resource,
  orderBy: unknown,
): readonly NamedOrderKey[] {
  checkOrder(orderBy, context.limits)
  const parsed = parseInput(context.inputSchemas.groupOrder(resource), orderBy, 'order')
  if (parsed.ok) return (parsed.value as readonly object[]).map((key) => flattenOrderKey(key, null)) // the schema's output
  addIssues(context.issues, parsed.issues)
  return []
}

const isGrouped = (keys: readonly GroupKey[], name: string): boolean =>
  keys.some((key) => key.name === name)

/** What groups do not have. */
export function unknownAggregate(aggregation: Aggregation, path: readonly string[]): Issue {
  const allowed =
    path[0] === 'key'
      ? [...aggregation.keys.keys()].map((name) => `key.${name}`)
      : [...aggregatesByPath(aggregation).keys()]
  return {
    in: 'fields',
    path,
    code: 'unknown_member',
    message: `There is no ${path.join('.')} here. ${allowedIn(allowed)}`,
  }
}

/** The count unless told; names of keys are asked for by faces that show a part of the key. */
function parseShown(
  { context, aggregation }: Parsing,
  selection: Selection | null,
  keys: readonly GroupKey[] | null,
): readonly Aggregate[] {
  const known = aggregatesByPath(aggregation)
  const fields = selection === null || selection.fields === 'default' ? ['count'] : selection.fields
  return [...new Set(fields)].flatMap((path): readonly Aggregate[] => {
    const aggregate = known.get(path)
    if (aggregate !== undefined) return [aggregate]
    const [at = '', name = '', ...rest] = path.split('.')
    if (at !== 'key' || rest.length > 0 || !aggregation.keys.has(name)) {
      if (!isFull(context.unreadable))
        context.unreadable.push(unknownAggregate(aggregation, path.split('.')))
    } else if (keys !== null && !isGrouped(keys, name)) {
      addIssue(context.issues, {
        in: 'fields',
        path: ['key', name],
        code: 'not_grouped',
        message: `Group by ${name} to see it in the key.`,
      })
    }
    return []
  })
}

function parsePage(
  { context, resource }: Parsing,
  { first, offset }: AggregateInput,
): Pick<ParsedAggregate, 'limit' | 'offset'> {
  const wholeNumber = (name: string, value: unknown): number | null =>
    parseWholeNumber(value, (message) => {
      addIssue(context.issues, { in: 'page', path: [name], code: 'wrong_type', message })
      return null
    })
  const limit = wholeNumber('limit', first)
  const { groups } = resource.page
  if ((limit ?? 0) > groups)
    addIssue(context.issues, {
      in: 'page',
      path: ['limit'],
      code: 'too_big',
      message: `At most ${groups} groups.`,
    })
  return { limit, offset: wholeNumber('offset', offset) }
}
