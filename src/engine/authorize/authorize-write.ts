// A write authorized before any row is touched: who may, what is set, and how the rows are read back. Every kind of write ends here.
import type { Database } from '../../db/database.ts'
import type { PlanCache } from '../../db/plan/cache.ts'
import { type Condition, FALSE, type ReadRequest, TRUE } from '../../db/plan/read-request.ts'
import type { Assignment, WriteRequest } from '../../db/plan/write.ts'
import type { Issue } from '../../errors.ts'
import type {
  Field,
  ForeignKey,
  Resource,
  StandardOperation,
  UniqueKey,
} from '../../schema/model/model.ts'
import {
  type Authorization,
  type Decision,
  refusal,
  refuse,
  slotOf,
  throwRefused,
} from './authorization.ts'
import { evaluatePolicy, mayRead, toCondition } from './evaluate-policy.ts'
import { requireVersion, versionCondition } from './require-version.ts'
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

/** What all rows of a write share: who may, on which rows, and how they are read back. */
export interface WriteFrame {
  readonly context: WriteContext
  readonly resource: Resource
  /** What must hold of a row, before and after. */
  readonly allowed: Condition
  /** The read of the written row, its key still open; null when nothing is answered or the caller may not read at all. */
  readonly back: {
    readonly request: ReadRequest
    readonly keySlots: readonly number[]
    readonly visible: Condition
  } | null
}

/** What is set in one row. */
interface RowChanges {
  readonly set: readonly Assignment[]
  /** Those of `set` that another row gives their values. */
  readonly linked: readonly Assignment[]
  readonly foreignKeys: readonly { readonly foreignKey: ForeignKey; readonly check: Condition }[]
}

/** One row of a write, authorized before it is touched. */
export interface AuthorizedWrite extends WriteFrame, RowChanges {}

/** One row as the request gives it. */
export interface RowInput {
  readonly input: Input
  /** Where the row stands in the request's input. */
  readonly path: Issue['path']
  /** Fields that another row of the request sets, their values still to come. */
  readonly links: readonly Field[]
}

export type Input = Readonly<Record<string, unknown>>
export type WriteVerb = 'create' | 'update' | 'delete'

/** The input of a write of one row. */
export const inputOf = ({ parsed }: WriteContext): Input => (parsed.input ?? {}) as Input // an object by its schema

/**
 * Authorizes a write of one row by its key, or of a new one.
 * @param place where the row stands, when it is written along a relation of another one
 * @throws Problem in the order of docs/concepts.md, Request: the verb, what is missing, what the caller may not use, validators
 */
export function authorizeWrite(
  context: WriteContext,
  place: Omit<RowInput, 'input'> = { path: [], links: [] },
): AuthorizedWrite {
  const verb = context.operation.standard as WriteVerb // the dispatcher sends nothing else
  const [changes] = authorizeRows(context, verb, [{ input: inputOf(context), ...place }])
  if (changes === undefined) throw new Error('One row was authorized as none.')
  if (verb !== 'create') requireVersion(changes.resource, context.parsed.version)
  return changes
}

/** Authorizes one verb on several rows: all of them, or a refusal that names everything that is wrong with any. */
export function authorizeRows(
  context: WriteContext,
  verb: WriteVerb,
  rows: readonly RowInput[],
): readonly AuthorizedWrite[] {
  const decision = authorizeVerb(context, verb)
  const changes = authorizeChanges(context, { verb, decision }, rows)
  const frame = authorizeFrame(context, decision)
  return changes.map((row) => ({ ...frame, ...row }))
}

/** @returns yes, or the rows that the caller may write; never no */
export function authorizeVerb(
  { authorization, operation: { resource } }: WriteContext,
  verb: WriteVerb,
): Decision {
  const decision = evaluatePolicy(authorization, resource.access[verb], resource)
  if (decision === false)
    throw refusal(authorization.caller, `You may not ${verb} ${resource.plural}.`)
  return decision
}

interface VerbDecision {
  readonly verb: WriteVerb
  readonly decision: Decision
}

/** What the rows' inputs set, with what a create's policy fills in; fields that the caller may not write are noted. */
export function authorizeChanges(
  { authorization, operation: { resource } }: WriteContext,
  { verb, decision }: VerbDecision,
  rows: readonly RowInput[],
): readonly RowChanges[] {
  if (verb === 'delete') return rows.map(() => NO_CHANGES)
  const filled = rows.map(({ input, path, links }) =>
    verb === 'create'
      ? fillOwn(authorization, resource, { input, decision, at: path, linked: links })
      : { input, set: [], missing: [] },
  )
  const missing = filled.flatMap((row) => row.missing)
  if (missing.length > 0) throw invalid(missing)
  return filled.map((own, i) => {
    const { input = {}, path = [], links = [] } = rows[i] ?? {}
    const linked = links.map((field): Assignment => ({ field, slot: slotOf(authorization, null) }))
    const named = assignments(authorization, resource, input, path)
    for (const field of links) authorizeField(authorization, resource, field, path)
    return {
      set: [...named, ...own.set, ...linked],
      linked,
      foreignKeys: foreignKeyChecks(authorization, resource, own.input),
    }
  })
}

/** The changes of a row that is written as it is, such as one that is deleted. */
export const NO_CHANGES: RowChanges = { set: [], linked: [], foreignKeys: [] }

/** The end of every authorization of a write: the read-back, then everything that was noted is thrown. */
export function authorizeFrame(context: WriteContext, decision: Decision): WriteFrame {
  const {
    authorization,
    operation: { resource },
    parsed,
  } = context
  const back = authorizeReadBack(context)
  throwRefused(authorization)
  if (parsed.invalid.length > 0) throw invalid(parsed.invalid)
  return { context, resource, allowed: toCondition(decision), back }
}

/** Each given field with its slot; one that this caller may not write is refused at its path. */
function assignments(
  authorization: Authorization,
  resource: Resource,
  input: Input,
  path: Issue['path'],
): readonly Assignment[] {
  return Object.entries(input)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => {
      const field = resource.fields.get(name)
      if (field === undefined)
        throw new Error(
          `The input of ${resource.key} names ${name}, which its schema has let through.`,
        )
      authorizeField(authorization, resource, field, [...path, name])
      return { field, slot: slotOf(authorization, value, { leaf: `input.${name}` }) }
    })
}

/** A field's `write` asks about the caller alone, in an update too (docs/decisions/0041). */
function authorizeField(
  authorization: Authorization,
  { key }: Resource,
  { name, write }: Field,
  path: Issue['path'],
): void {
  if (
    write !== null &&
    evaluatePolicy(authorization, write, { place: `${key}.fields.${name}.write` }) !== true
  )
    refuse(authorization, 'input', path, `${name} in an input`)
}

/** A row that the caller may not read counts as absent, so a foreign key to it is checked like any other. */
export function foreignKeyChecks(
  authorization: Authorization,
  resource: Resource,
  input: Input,
): RowChanges['foreignKeys'] {
  return resource.foreignKeys.flatMap((foreignKey) => {
    const target =
      foreignKey.target === null ? undefined : authorization.model.resources.get(foreignKey.target)
    const given = foreignKey.fields.some(
      (field) => input[field.name] !== undefined && input[field.name] !== null,
    )
    if (target === undefined || !given) return []
    const visible = mayRead(authorization, target)
    if (visible === true) return []
    return [
      {
        foreignKey,
        check: anyOf([
          ...unset(foreignKey),
          visible === false ? FALSE : referredRow(foreignKey, target, visible),
        ]),
      },
    ]
  })
}

/** A foreign key with a null in it refers to nothing. */
const unset = ({ fields }: ForeignKey): readonly Condition[] =>
  fields
    .filter((field) => field.nullable)
    .map((field) => ({ type: 'compare', field, operator: 'isNull', slot: -1 }))

const referredRow = (foreignKey: ForeignKey, target: Resource, visible: Condition): Condition => ({
  type: 'related',
  relation: {
    name: foreignKey.constraint,
    many: false,
    target: target.key,
    nullable: true,
    served: false,
    through: null,
    first: false,
    where: null,
    whereOnSource: false,
    from: foreignKey.fields.map(columnOf),
    to: foreignKey.targetColumns,
  },
  target,
  visible,
  quantifier: 'is',
  of: TRUE,
  through: TRUE,
})

function columnOf(field: Field) {
  if ('sql' in field.source) throw new Error(`${field.name} is computed; no foreign key has it.`)
  return field.source.column
}

function authorizeReadBack(context: WriteContext): WriteFrame['back'] {
  const {
    authorization,
    operation: { resource },
    parsed,
  } = context
  const visible = mayRead(authorization, resource)
  if (parsed.selection === null || visible === false) return null
  const keySlots = resource.primaryKey.fields.map(() => slotOf(authorization, null))
  const where = allOf([keyIs(resource.primaryKey, keySlots), toCondition(visible)])
  const level = buildLevel(context, resource, parsed.selection, { where, path: [] })
  return {
    keySlots,
    visible: toCondition(visible),
    request: { level, page: null, rows: true, total: false, values: authorization.values },
  }
}

/** The row that an update or a delete names must still be of the version that it names. */
export const rowIsOfVersion = ({ authorization, parsed }: WriteContext): Condition =>
  versionCondition(authorization, parsed.version)

/** The row that an update, a delete or an upsert names. */
export function rowOfKey({
  authorization,
  operation: { resource, by },
  parsed,
}: WriteContext): Condition {
  const key = parsed.key ?? {}
  const unique = by ?? resource.primaryKey
  return keyIs(
    unique,
    unique.fields.map(({ name }) => slotOf(authorization, key[name], { leaf: `key.${name}` })),
  )
}

const keyIs = ({ fields }: UniqueKey, slots: readonly number[]): Condition =>
  allOf(
    fields.map((field, i) => ({ type: 'compare', field, operator: 'eq', slot: slots[i] ?? -1 })),
  )

/** What must hold of the row as written: the policy, then the foreign keys. */
export const rowChecks = ({ allowed, foreignKeys }: AuthorizedWrite): readonly Condition[] => [
  allowed,
  ...foreignKeys.map(({ check }) => check),
]

export const writeRequest = (
  { context, resource, set }: AuthorizedWrite,
  where: Condition | null,
  checks: readonly Condition[],
): WriteRequest => ({ resource, where, set, checks, values: context.authorization.values })
