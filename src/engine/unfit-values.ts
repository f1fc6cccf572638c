// Values of types that the gateway hands on as text, such as addresses and ranges: the database alone can say that one is
// none, and says it of the whole statement. Which of them it is, is asked afterwards, of each by itself.
import { fitsColumn, isUnfit, typeOf } from '../db/plan/fits.ts'
import { type Issue, Problem } from '../errors.ts'
import { type Field, type Resource, targetOf } from '../schema/model.ts'
import type { Engine } from './engine.ts'
import { type EngineRequest, type Selection, withSignal } from './request.ts'
import { invalid } from './shape.ts'

/** A value of a request, where it stands, and the field that it is for; of several in a list, each. */
interface Given {
  readonly field: Field
  readonly value: unknown
  readonly in: Issue['in']
  readonly path: Issue['path']
}

/** So many are asked about; of more it is not said which. */
const MOST_ASKED = 50

/** The error with the places of the values that it is about, where they can be told; else as it was. */
export async function nameUnfit(engine: Engine, request: EngineRequest, error: unknown): Promise<unknown> {
  const { database } = engine
  if (!(error instanceof Problem) || error.code !== 'VALIDATION_FAILED' || error.issues.some(({ code }) => code !== 'validation_failed') || !isUnfit(error)) return error // at most of the row as a whole
  if (database.joined === true) return error // the transaction answers nothing more
  const given = givenIn(engine, request)
  if (given.length > MOST_ASKED) return error
  const issues: Issue[] = []
  for (const one of given) {
    if (await fitsColumn(database, one.field, one.value, withSignal(request))) continue
    issues.push({ in: one.in, path: one.path, code: 'wrong_type', message: `Expected a value of the type ${typeOf(one.field) ?? ''}.` })
  }
  return issues.length === 0 ? error : Object.assign(invalid(issues), { cause: error })
}

type Values = Readonly<Record<string, unknown>>

/** All that the request gives for fields whose kind is not known: it has passed its schemas. */
function givenIn(engine: Engine, { operation, input, selection }: EngineRequest): readonly Given[] {
  if (operation.standard === null) return []
  const { resource, standard } = operation
  const rows = input.input === undefined ? [] : standard === 'createMany' ? (input.input as readonly Values[]).map((row, i) => [[i], row] as const) : [[[], input.input as Values] as const]
  return [
    ...fieldsOf(resource, (input.key ?? {}) as Values, 'key', []),
    ...rows.flatMap(([path, row]) => inRow(engine, resource, row, path)),
    ...inFilter(engine, resource, input.list?.where ?? input.aggregate?.where, []),
    ...selection === null ? [] : inLists(engine, resource, selection, []),
  ]
}

const fieldsOf = ({ fields }: Resource, values: Values, part: Issue['in'], path: Issue['path']): readonly Given[] =>
  Object.entries(values).flatMap(([name, value]): readonly Given[] => {
    const field = fields.get(name)
    return field === undefined || !isOpaque(field) ? [] : each({ field, value, in: part, path: [...path, name] })
  })

const each = (given: Given): readonly Given[] => Array.isArray(given.value) ? given.value.flatMap((value: unknown, i) => each({ ...given, value, path: [...given.path, i] }))
  : given.value === undefined || given.value === null ? [] : [given]

const isOpaque = ({ kind }: Field): boolean => kind.name === 'other'

/** A row's own fields, and those of rows along its relations. */
function inRow(engine: Engine, resource: Resource, row: Values, path: Issue['path']): readonly Given[] {
  const related = Object.entries(row).flatMap(([name, value]) => {
    const relation = resource.relations.get(name)
    if (relation === undefined || value === undefined) return []
    const target = targetOf(engine.model, relation)
    const { create, connect } = value as { readonly create?: unknown, readonly connect?: unknown } // as its schema has it
    const rowsOf = (part: 'create' | 'connect', of: unknown) => of === undefined ? [] : !relation.many ? [[[...path, name, part], of] as const]
      : (of as readonly unknown[]).map((one, i) => [[...path, name, part, i], one] as const)
    return [
      ...rowsOf('create', create).flatMap(([at, one]) => inRow(engine, target, one as Values, at)),
      ...rowsOf('connect', connect).flatMap(([at, one]) => fieldsOf(target, one as Values, 'input', at)),
    ]
  })
  return [...fieldsOf(resource, row, 'input', path), ...related]
}

function inFilter(engine: Engine, resource: Resource, filter: unknown, path: Issue['path']): readonly Given[] {
  return Object.entries((filter ?? {}) as Values).flatMap(([name, value]): readonly Given[] => {
    if (value === undefined || value === null) return []
    const at = [...path, name]
    if (name === 'AND' || name === 'OR') return (value as readonly unknown[]).flatMap((part, i) => inFilter(engine, resource, part, [...at, i]))
    if (name === 'NOT') return inFilter(engine, resource, value, at)
    const field = resource.fields.get(name)
    if (field !== undefined) return isOpaque(field) ? compared(field, value as Values, at) : []
    const relation = resource.relations.get(name)
    if (relation === undefined) return []
    const target = targetOf(engine.model, relation)
    if (!relation.many) return inFilter(engine, target, value, at)
    return (['some', 'none', 'every'] as const).flatMap((quantifier) => inFilter(engine, target, (value as Values)[quantifier], [...at, quantifier]))
  })
}

const compared = (field: Field, comparisons: Values, path: Issue['path']): readonly Given[] =>
  Object.entries(comparisons).flatMap(([operator, value]) => typeof value === 'boolean' ? [] : each({ field, value, in: 'where', path: [...path, operator] }))

/** Filters of the lists in a selection. */
function inLists(engine: Engine, resource: Resource, { relations }: Selection, path: Issue['path']): readonly Given[] {
  return relations.flatMap(({ relation: name, list, selection }) => {
    const relation = resource.relations.get(name)
    if (relation === undefined) return []
    const [target, at] = [targetOf(engine.model, relation), [...path, name]]
    return [...inFilter(engine, target, list.where, at), ...inLists(engine, target, selection, at)]
  })
}
