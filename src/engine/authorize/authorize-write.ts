// A write judged before the row is touched: who may, what is set, and how the row is read back.
import type { Database } from '../../db/database.ts'
import type { PlanCache } from '../../db/plan/cache.ts'
import { type Condition, FALSE, type ReadRequest, TRUE } from '../../db/plan/read-request.ts'
import type { Assignment, WriteRequest } from '../../db/plan/write.ts'
import type { Issue } from '../../errors.ts'
import type { Field, ForeignKey, Resource, StandardOperation, UniqueKey } from '../../schema/model/model.ts'
import { type Asking, refusal, refuse, slotOf, throwRefused } from './authorization.ts'
import { decide, mayRead, toCondition } from './evaluate-policy.ts'
import { requireVersion, versionCondition } from '../parse/parse-version.ts'
import { allOf, anyOf } from './filter-condition.ts'
import { buildLevel, type LevelContext } from './authorize-selection.ts'
import type { Limits } from '../parse/limits.ts'
import { fillOwn } from './owner-columns.ts'
import type { ProfileOf } from './caller-profile.ts'
import { invalid, type ParsedRequest } from '../parse/parse-request.ts'

export interface WriteContext extends LevelContext {
  readonly database: Database
  readonly plans: PlanCache
  /** Writes that were met before: see prepared-write.ts. */
  readonly prepared: PlanCache
  readonly profileOf: ProfileOf
  readonly limits: Limits
  readonly operation: StandardOperation
  readonly parsed: ParsedRequest
  readonly signal?: AbortSignal
}

/** What every write knows before it begins: who may, on which row, and how it is read back. */
export interface Judged {
  readonly context: WriteContext
  readonly resource: Resource
  readonly allowed: Condition
  readonly set: readonly Assignment[]
  /** Those of `set` that another row gives their values. */
  readonly linked: readonly Assignment[]
  readonly foreignKeys: readonly { readonly foreignKey: ForeignKey, readonly check: Condition }[]
  readonly back: { readonly request: ReadRequest, readonly keySlots: readonly number[], readonly visible: Condition } | null
}

/** A row that is written along a relation of another one. */
export interface Within {
  /** Where the row stands in the input. */
  readonly path: Issue['path']
  /** What the other row sets of it, its values still to come. */
  readonly links: readonly Field[]
}

const alone: Within = { path: [], links: [] }

/** Judges everything that can be judged before the row is touched. */
export function judgeWrite(context: WriteContext, { path, links }: Within = alone): Judged {
  const { asking, operation, parsed } = context
  const { resource } = operation
  const verb = operation.standard as 'create' | 'update' | 'delete' // the dispatcher sends nothing else
  const decision = decide(asking, resource.access[verb], resource)
  if (decision === false) throw refusal(asking.caller, `You may not ${verb} ${resource.plural}.`)
  const given = (parsed.input ?? {}) as Readonly<Record<string, unknown>> // an object by its schema
  const own = verb === 'create' ? fillOwn(asking, resource, { input: given, decision, at: path, linked: links }) : { input: given, set: [], missing: [] }
  if (own.missing.length > 0) throw invalid(own.missing)
  const linked = links.map((field): Assignment => ({ field, slot: slotOf(asking, null) }))
  const named = assignments(asking, resource, given, path)
  for (const field of links) judgeField(asking, resource, field, path)
  const set = [...named, ...own.set, ...linked]
  const foreignKeys = verb === 'delete' ? [] : foreignKeyChecks(asking, resource, own.input)
  const back = judgeReadBack(context)
  throwRefused(asking)
  if (parsed.invalid.length > 0) throw invalid(parsed.invalid)
  if (verb !== 'create') requireVersion(resource, parsed.version)
  return { context, resource, allowed: toCondition(decision), set, linked, foreignKeys, back }
}

/** Each given field with its slot; one that this caller may not write is refused at its path. */
export function assignments(asking: Asking, resource: Resource, input: Readonly<Record<string, unknown>>, path: Issue['path']): readonly Assignment[] {
  return Object.entries(input).filter(([, value]) => value !== undefined).map(([name, value]) => {
    const field = resource.fields.get(name)
    if (field === undefined) throw new Error(`The input of ${resource.key} names ${name}, which its schema has let through.`)
    judgeField(asking, resource, field, [...path, name])
    return { field, slot: slotOf(asking, value, { leaf: `input.${name}` }) }
  })
}

/** A field's `write` asks about the caller alone, in an update too (docs/decisions/0041). */
function judgeField(asking: Asking, { key }: Resource, { name, write }: Field, path: Issue['path']): void {
  if (write !== null && decide(asking, write, { place: `${key}.fields.${name}.write` }) !== true) refuse(asking, 'input', path, `${name} in an input`)
}

/** A row that the caller may not read counts as absent, so a foreign key to it is checked like any other. */
export function foreignKeyChecks(asking: Asking, resource: Resource, input: Readonly<Record<string, unknown>>): Judged['foreignKeys'] {
  return resource.foreignKeys.flatMap((foreignKey) => {
    const target = foreignKey.target === null ? undefined : asking.model.resources.get(foreignKey.target)
    const given = foreignKey.fields.some((field) => input[field.name] !== undefined && input[field.name] !== null)
    if (target === undefined || !given) return []
    const visible = mayRead(asking, target)
    if (visible === true) return []
    return [{ foreignKey, check: anyOf([...unset(foreignKey), visible === false ? FALSE : referredRow(foreignKey, target, visible)]) }]
  })
}

/** A foreign key with a null in it refers to nothing. */
const unset = ({ fields }: ForeignKey): readonly Condition[] => fields.filter((field) => field.nullable)
  .map((field) => ({ type: 'compare', field, operator: 'isNull', slot: -1 }))

const referredRow = (foreignKey: ForeignKey, target: Resource, visible: Condition): Condition => ({
  type: 'related',
  relation: {
    name: foreignKey.constraint, many: false, target: target.key, nullable: true, served: false, through: null, first: false,
    where: null, whereOnSource: false,
    from: foreignKey.fields.map(columnOf),
    to: foreignKey.targetColumns,
  },
  target, visible, quantifier: 'is', of: TRUE, through: TRUE,
})

function columnOf(field: Field) {
  if ('sql' in field.source) throw new Error(`${field.name} is computed; no foreign key has it.`)
  return field.source.column
}

/** The read of the written row, its key still open; null when nothing is answered or the caller may not read at all. */
export function judgeReadBack(context: WriteContext): Judged['back'] {
  const { asking, operation: { resource }, parsed } = context
  const visible = mayRead(asking, resource)
  if (parsed.selection === null || visible === false) return null
  const keySlots = resource.primaryKey.fields.map(() => slotOf(asking, null))
  const where = allOf([keyIs(resource.primaryKey, keySlots), toCondition(visible)])
  const level = buildLevel(context, resource, parsed.selection, { where, path: [] })
  return { keySlots, visible: toCondition(visible), request: { level, page: null, rows: true, total: false, values: asking.values } }
}

/** The row that an update or a delete names must still be of the version that it names. */
export const rowIsOfVersion = ({ asking, parsed }: WriteContext): Condition => versionCondition(asking, parsed.version)

/** The row that an update, a delete or an upsert names. */
export function rowOfKey({ asking, operation: { resource, by }, parsed }: WriteContext): Condition {
  const key = parsed.key ?? {}
  const unique = by ?? resource.primaryKey
  return keyIs(unique, unique.fields.map(({ name }) => slotOf(asking, key[name], { leaf: `key.${name}` })))
}

const keyIs = ({ fields }: UniqueKey, slots: readonly number[]): Condition =>
  allOf(fields.map((field, i) => ({ type: 'compare', field, operator: 'eq', slot: slots[i] ?? -1 })))

/** What must hold of the row as written: the policy, then the foreign keys. */
export const rowChecks = ({ allowed, foreignKeys }: Judged): readonly Condition[] => [allowed, ...foreignKeys.map(({ check }) => check)]

export const writeRequest = ({ context, resource, set }: Judged, where: Condition | null, checks: readonly Condition[]): WriteRequest =>
  ({ resource, where, set, checks, values: context.asking.values })
