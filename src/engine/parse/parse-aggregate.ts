// The arguments of an aggregate, checked: which rows, which groups of them, what of each group, in which order.
import { addIssue, addIssues, type Issue, isFull } from '../../errors.ts'
import { allowedIn, listing } from '../../told-names.ts'
import {
  type Aggregate,
  aggregatesByPath,
  type Aggregation,
  aggregationOf,
  type GroupKey,
} from '../../schema/model/aggregates.ts'
import { parseInput } from '../../schema/inputs/validation-issues.ts'
import type { OrderDirection } from '../../schema/inputs/standard-inputs.ts'
import type { Field, Resource } from '../../schema/model/model.ts'
import { checkHaving } from './limits.ts'
import { givenMembers, onlyMember } from './members.ts'
import type { ParseContext } from './parse-context.ts'
import {
  type Comparison,
  type Logic,
  type ParsedFilter,
  parseWhere,
  toComparisons,
  toLogic,
} from './parse-filter.ts'
import { checkedKeys, toDirection } from './parse-order.ts'
import { parseWholeNumber } from './parse-page.ts'
import type { AggregateInput, Selection } from '../request.ts'

export interface ParsedAggregate {
  readonly where: ParsedFilter
  readonly keys: readonly GroupKey[]
  readonly having: ParsedHaving
  /** As asked for, then the keys as tie-breakers: no two groups have the same. */
  readonly order: readonly GroupOrderKey[]
  readonly shown: readonly Aggregate[]
  /** Null: all groups. */
  readonly limit: number | null
  readonly offset: number | null
}

/** A filter on groups. */
export type ParsedHaving = Logic<AggregateFilter>

/** Comparisons of one value of the groups: all of them must hold. */
interface AggregateFilter {
  readonly aggregate: Aggregate
  readonly comparisons: readonly Comparison[]
  readonly path: Issue['path']
}

/** A key of an order of groups. */
export interface GroupOrderKey {
  readonly path: readonly string[]
  readonly direction: OrderDirection
  /** What it sorts by. */
  readonly value: Field
  /** The aggregate that has this value; null for a key of the groups. */
  readonly aggregate: Aggregate | null
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
  const where = parseWhere(context, resource, input.where, [])
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

/** Null where they are wrong: then nothing else is checked against them. */
function parseGroupBy(
  { context, resource, aggregation }: Parsing,
  groupBy: unknown,
): readonly GroupKey[] | null {
  if (groupBy === undefined) return []
  const parsed = parseInput(context.inputSchemas.groupBy(resource), groupBy, 'key')
  if (parsed.ok) {
    const names: readonly string[] = Array.isArray(parsed.value) ? parsed.value : []
    return names.flatMap((name) => aggregation.keys.get(name) ?? [])
  }
  addIssues(context.issues, parsed.issues)
  return null
}

/** Its issues are those of a filter, under `having`. */
function parseHaving({ context, resource, aggregation }: Parsing, having: unknown): ParsedHaving {
  if (having === undefined) return NOTHING
  checkHaving(having, context.limits)
  const at = ['having']
  const parsed = parseInput(context.inputSchemas.having(resource), having, 'where', at)
  if (parsed.ok) return toHaving(aggregation, parsed.value, at)
  addIssues(context.issues, parsed.issues)
  return NOTHING
}

const NOTHING: ParsedHaving = { type: 'and', of: [] }

function toHaving(aggregation: Aggregation, tree: unknown, path: Issue['path']): ParsedHaving {
  const known = aggregatesByPath(aggregation)
  const toFilter = (
    names: readonly string[],
    value: unknown,
    at: Issue['path'],
  ): Logic<AggregateFilter> => {
    const aggregate = aggregateAt(known, names)
    const comparisons = toComparisons(aggregate.value, value, at)
    return { type: 'leaf', leaf: { aggregate, comparisons, path: at } }
  }
  return toLogic(tree, path, ({ name, value, at }) =>
    name === 'count'
      ? toFilter([name], value, at)
      : {
          type: 'and',
          of: givenMembers(value).map(([field, compared]) =>
            toFilter([name, field], compared, [...at, field]),
          ),
        },
  )
}

function aggregateAt(known: ReadonlyMap<string, Aggregate>, path: readonly string[]): Aggregate {
  const aggregate = known.get(path.join('.'))
  if (aggregate === undefined)
    throw new Error(`The aggregate ${path.join('.')} has passed its schema.`)
  return aggregate
}

function parseOrder(
  { context, resource, aggregation }: Parsing,
  orderBy: unknown,
  keys: readonly GroupKey[] | null,
): readonly GroupOrderKey[] {
  const schema = context.inputSchemas.groupOrder(resource)
  const order = checkedKeys(context, schema, orderBy, []).map((key) => toOrderKey(aggregation, key))
  for (const [i, { path, aggregate }] of order.entries()) {
    const [, name = ''] = path
    if (aggregate !== null || keys === null || isGrouped(keys, name)) continue
    addIssue(context.issues, {
      in: 'order',
      path: [i, ...path],
      code: 'not_grouped',
      message: `Group by ${name} to sort by it.`,
    })
  }
  const named = new Set(order.map(({ value }) => value.name))
  const rest = (keys ?? []).filter(({ value }) => !named.has(value.name))
  return [...order, ...rest.map((key) => byKey(key, 'ASC'))]
}

const byKey = ({ name, value }: GroupKey, direction: OrderDirection): GroupOrderKey => ({
  path: ['key', name],
  direction,
  value,
  aggregate: null,
})

function toOrderKey(aggregation: Aggregation, key: unknown): GroupOrderKey {
  const [name, inner] = onlyMember(key)
  const [member, value] = name === 'count' ? [null, inner] : onlyMember(inner)
  const direction = toDirection(value) ?? 'ASC'
  const group = name === 'key' ? aggregation.keys.get(member ?? '') : undefined
  if (group !== undefined) return byKey(group, direction)
  const path = member === null ? [name] : [name, member]
  const aggregate = aggregateAt(aggregatesByPath(aggregation), path)
  return { path, direction, value: aggregate.value, aggregate }
}

const isGrouped = (keys: readonly GroupKey[], name: string): boolean =>
  keys.some((key) => key.name === name)

/** An unknown member of a group. */
export function unknownAggregate(aggregation: Aggregation, path: readonly string[]): Issue {
  const allowed =
    path[0] === 'key'
      ? [...aggregation.keys.keys()].map((name) => `key.${name}`)
      : [...aggregatesByPath(aggregation).keys()]
  return listing(
    {
      in: 'fields',
      path,
      code: 'unknown_member',
      message: `There is no ${path.join('.')} here.`,
    },
    allowedIn(allowed),
  )
}

/** The count by default. Faces that show a part of the key ask for names of keys. */
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
