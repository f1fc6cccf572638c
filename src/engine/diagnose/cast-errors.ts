// Values of types that the gateway hands on as text, such as addresses and ranges: only the database knows whether a text
// is a value of its type, and it refuses the whole statement. We find the wrong value afterwards, by asking about each.
import { castTypeOf, fitsColumn, isUnfit } from '../../db/plan/cast-check.ts'
import type { RunOptions } from '../../db/database.ts'
import { type Issue, Problem } from '../../errors.ts'
import type { Field, StandardOperation } from '../../schema/model/model.ts'
import type { Engine } from '../engine.ts'
import { withKnownFields } from '../names/told-issues.ts'
import { type EngineRequest, runOptions } from '../request.ts'
import { type FieldFilter, NO_FILTER, type ParsedFilter } from '../parse/parse-filter.ts'
import {
  invalid,
  NO_SELECTION,
  parseAgain,
  type ParsedRequest,
  type ParsedSelection,
} from '../parse/parse-request.ts'
import type { ParsedRow, RowValues } from '../parse/parse-rows.ts'

/** A value of a request, its place, and the field that it is for; each value of a list by itself. */
interface Given {
  readonly field: Field
  readonly value: string
  readonly in: Issue['in']
  readonly path: Issue['path']
}

/** The most values that are asked about, one after the other. An error of more does not name the wrong one. */
const MAX_TESTED_VALUES = 20

/** Does the work; an error of the database about values names their places. */
export async function diagnosed<T>(
  engine: Engine,
  toRequest: () => EngineRequest,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const located = await locateCastErrors(engine, toRequest, error)
    throw engine.names === null ? located : withKnownFields(engine.names, toRequest(), located)
  }
}

/** The error with the places of the wrong values, where they can be found; else as it was. */
async function locateCastErrors(
  engine: Engine,
  toRequest: () => EngineRequest,
  error: unknown,
): Promise<unknown> {
  const { database } = engine
  if (
    !(error instanceof Problem) ||
    !isOpen(error) ||
    !isUnfit(error) ||
    database.joined !== undefined
  )
    return error // a failed transaction answers no more questions
  try {
    const request = toRequest()
    const given = givenIn(request, parseAgain(engine, request))
    const issues = await issuesOf(engine, given, runOptions(request))
    return issues.length === 0 ? error : invalid(issues, error)
  } catch {
    return error // the first error matters more than one of the diagnosis
  }
}

/** Whether the error names no value yet; at most one of several rows, by an issue with the code of the error. */
const isOpen = ({ code, issues }: Problem): boolean =>
  code === 'VALIDATION_FAILED' && issues.every((issue) => issue.code === code.toLowerCase())

async function issuesOf(
  { database }: Engine,
  given: readonly Given[],
  options: RunOptions,
): Promise<readonly Issue[]> {
  if (given.length > MAX_TESTED_VALUES) return []
  const issues: Issue[] = []
  for (const { field, value, in: part, path } of given) {
    const type = castTypeOf(field)
    if (type === null || (await fitsColumn(database, type, value, options))) continue
    issues.push({
      in: part,
      path,
      code: 'wrong_type',
      message: builtIn.test(type)
        ? `Expected a value of the type ${type}.`
        : 'This is no value of its type.',
    })
  }
  return issues
}

/** Types that are part of PostgreSQL: a message names these, and no type of a team's own. */
const builtIn =
  /^(?:inet|cidr|macaddr8?|(?:int4|int8|num|date|ts|tstz)(?:multi)?range|point|line|lseg|box|path|polygon|circle|bit(?: varying)?|varbit|money|xml|integer|smallint|bigint|text|numeric|real|double precision|boolean)\b[(),\d[\] ]*$/

/** All values that the request gives for fields whose kind is not known. */
function givenIn({ operation }: EngineRequest, parsed: ParsedRequest): readonly Given[] {
  if (operation.standard === null) return []
  const { standard } = operation
  return [
    ...(standard === 'upsert' ? [] : inKey(operation, parsed)), // its key is part of its row
    ...parsed.rows.flatMap((row, i) => inRow(row, standard === 'createMany' ? [i] : [])),
    ...inFilter(parsed.list?.where ?? parsed.aggregate?.where ?? NO_FILTER),
    ...inLists(parsed.selection ?? NO_SELECTION),
  ]
}

const inKey = ({ resource, by }: StandardOperation, { key }: ParsedRequest): readonly Given[] =>
  (by ?? resource.primaryKey).fields.flatMap((field) =>
    valuesOf({ field, in: 'key', path: [field.name] }, key?.[field.name]),
  )

/** The value, or the values in a list, where the field's kind is not known. */
function valuesOf(place: Omit<Given, 'value'>, value: unknown): readonly Given[] {
  if (place.field.kind.name !== 'other') return []
  if (typeof value === 'string') return [{ ...place, value }]
  if (!Array.isArray(value)) return []
  return value.flatMap((one: unknown, i) => valuesOf({ ...place, path: [...place.path, i] }, one))
}

const inValues = (values: RowValues, path: Issue['path']): readonly Given[] =>
  [...values].flatMap(([field, value]) =>
    valuesOf({ field, in: 'input', path: [...path, field.name] }, value),
  )

/** A row's own fields, and those of rows along its relations. */
function inRow({ values, nested }: ParsedRow, path: Issue['path']): readonly Given[] {
  const related = nested.flatMap(({ nested: { relation }, create, connect }) => {
    const { name, many } = relation
    const placeOf = (part: 'create' | 'connect', i: number) =>
      many ? [...path, name, part, i] : [...path, name, part]
    return [
      ...create.flatMap((row, i) => inRow(row, placeOf('create', i))),
      ...connect.flatMap((key, i) => inValues(key, placeOf('connect', i))),
    ]
  })
  return [...inValues(values, path), ...related]
}

function inFilter(filter: ParsedFilter): readonly Given[] {
  switch (filter.type) {
    case 'and':
    case 'or':
      return filter.of.flatMap(inFilter)
    case 'not':
      return inFilter(filter.of)
    case 'leaf':
      return filter.leaf.type === 'related'
        ? filter.leaf.parts.flatMap(({ of }) => inFilter(of))
        : inComparisons(filter.leaf)
  }
}

const inComparisons = ({ field, comparisons }: FieldFilter): readonly Given[] =>
  comparisons.flatMap(({ operand, path }) => valuesOf({ field, in: 'where', path }, operand))

/** Filters of the lists in a selection. */
const inLists = ({ relations }: ParsedSelection): readonly Given[] =>
  relations.flatMap(({ list, selection }) => [
    ...inFilter(list?.where ?? NO_FILTER),
    ...inLists(selection),
  ])
