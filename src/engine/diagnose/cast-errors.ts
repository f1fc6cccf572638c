// Values of types that the gateway hands on as text, such as addresses and ranges: the database alone can say that one is
// none, and says it of the whole statement. Which of them it is, is asked afterwards, of each by itself.
import { castTypeOf, fitsColumn, isUnfit } from '../../db/plan/cast-check.ts'
import type { RunOptions } from '../../db/database.ts'
import { type Issue, Problem } from '../../errors.ts'
import { type Field, type Resource, targetOf } from '../../schema/model/model.ts'
import type { Engine } from '../engine.ts'
import { type EngineRequest, type Selection, withSignal } from '../request.ts'
import { invalid } from '../parse/parse-request.ts'

/** A value of a request, where it stands, and the field that it is for; of several in a list, each. */
interface Given {
  readonly field: Field
  readonly value: string
  readonly in: Issue['in']
  readonly path: Issue['path']
}

/** So many are asked about, one after the other; of more it is not said which. */
const MAX_TESTED_VALUES = 20

/** Does the work; an error of the database about values is told with their places. */
export async function diagnosed<T>(
  engine: Engine,
  toRequest: () => EngineRequest,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw await locateCastErrors(engine, toRequest, error)
  }
}

/** The error with the places of the values that it is about, where they can be told; else as it was. */
async function locateCastErrors(
  engine: Engine,
  toRequest: () => EngineRequest,
  error: unknown,
): Promise<unknown> {
  const { database } = engine
  if (!(error instanceof Problem) || !isOpen(error) || !isUnfit(error) || database.joined === true)
    return error // a transaction that has failed answers nothing more
  try {
    const request = toRequest()
    const issues = await issuesOf(engine, givenIn(engine, request), withSignal(request))
    return issues.length === 0 ? error : invalid(issues, error)
  } catch {
    return error // what was wrong is known better than what came of asking
  }
}

/** Of no value yet; at most of a row of several as a whole, whose issue has the code of the error. */
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

/** Types that PostgreSQL brings along: names of anybody's own are not told. */
const builtIn =
  /^(?:inet|cidr|macaddr8?|(?:int4|int8|num|date|ts|tstz)(?:multi)?range|point|line|lseg|box|path|polygon|circle|bit(?: varying)?|varbit|money|xml|integer|smallint|bigint|text|numeric|real|double precision|boolean)\b[(),\d[\] ]*$/

type Values = Readonly<Record<string, unknown>>

/** All that the request gives for fields whose kind is not known: it has passed its schemas. */
function givenIn(engine: Engine, { operation, input, selection }: EngineRequest): readonly Given[] {
  if (operation.standard === null) return []
  const { resource, standard } = operation
  const rows =
    input.input === undefined
      ? []
      : standard === 'createMany'
        ? (input.input as readonly Values[]).map((row, i) => [[i], row] as const)
        : [[[], input.input as Values] as const]
  return [
    ...fieldsOf(resource, (input.key ?? {}) as Values, 'key', []),
    ...rows.flatMap(([path, row]) => inRow(engine, resource, row, path)),
    ...inFilter(engine, resource, input.list?.where ?? input.aggregate?.where, []),
    ...(selection === null ? [] : inLists(engine, resource, selection, [])),
  ]
}

const fieldsOf = (
  { fields }: Resource,
  values: Values,
  part: Issue['in'],
  path: Issue['path'],
): readonly Given[] =>
  Object.entries(values).flatMap(([name, value]): readonly Given[] => {
    const field = fields.get(name)
    return field === undefined || !isOpaque(field)
      ? []
      : each({ field, in: part, path: [...path, name] }, value)
  })

const each = (place: Omit<Given, 'value'>, value: unknown): readonly Given[] =>
  Array.isArray(value)
    ? value.flatMap((one: unknown, i) => each({ ...place, path: [...place.path, i] }, one))
    : typeof value === 'string'
      ? [{ ...place, value }]
      : []

const isOpaque = ({ kind }: Field): boolean => kind.name === 'other'

/** A row's own fields, and those of rows along its relations. */
function inRow(
  engine: Engine,
  resource: Resource,
  row: Values,
  path: Issue['path'],
): readonly Given[] {
  const related = Object.entries(row).flatMap(([name, value]) => {
    const relation = resource.relations.get(name)
    if (relation === undefined || value === undefined) return []
    const target = targetOf(engine.model, relation)
    const { create, connect } = value as { readonly create?: unknown; readonly connect?: unknown } // as its schema has it
    const rowsOf = (part: 'create' | 'connect', of: unknown) =>
      of === undefined
        ? []
        : !relation.many
          ? [[[...path, name, part], of] as const]
          : (of as readonly unknown[]).map((one, i) => [[...path, name, part, i], one] as const)
    return [
      ...rowsOf('create', create).flatMap(([at, one]) => inRow(engine, target, one as Values, at)),
      ...rowsOf('connect', connect).flatMap(([at, one]) =>
        fieldsOf(target, one as Values, 'input', at),
      ),
    ]
  })
  return [...fieldsOf(resource, row, 'input', path), ...related]
}

function inFilter(
  engine: Engine,
  resource: Resource,
  filter: unknown,
  path: Issue['path'],
): readonly Given[] {
  return Object.entries((filter ?? {}) as Values).flatMap(([name, value]): readonly Given[] => {
    if (value === undefined || value === null) return []
    const at = [...path, name]
    if (name === 'AND' || name === 'OR')
      return (value as readonly unknown[]).flatMap((part, i) =>
        inFilter(engine, resource, part, [...at, i]),
      )
    if (name === 'NOT') return inFilter(engine, resource, value, at)
    const field = resource.fields.get(name)
    if (field !== undefined) return isOpaque(field) ? compared(field, value as Values, at) : []
    const relation = resource.relations.get(name)
    if (relation === undefined) return []
    const target = targetOf(engine.model, relation)
    if (!relation.many) return inFilter(engine, target, value, at)
    return (['some', 'none', 'every'] as const).flatMap((quantifier) =>
      inFilter(engine, target, (value as Values)[quantifier], [...at, quantifier]),
    )
  })
}

const compared = (field: Field, comparisons: Values, path: Issue['path']): readonly Given[] =>
  Object.entries(comparisons).flatMap(([operator, value]) =>
    each({ field, in: 'where', path: [...path, operator] }, value),
  )

/** Filters of the lists in a selection. */
function inLists(
  engine: Engine,
  resource: Resource,
  { relations }: Selection,
  path: Issue['path'],
): readonly Given[] {
  return relations.flatMap(({ relation: name, list, selection }) => {
    const relation = resource.relations.get(name)
    if (relation === undefined) return []
    const [target, at] = [targetOf(engine.model, relation), [...path, name]]
    return [...inFilter(engine, target, list.where, at), ...inLists(engine, target, selection, at)]
  })
}
