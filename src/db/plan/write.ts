// Writes in SQL: insert, lock, update and delete, each with what its policy says of the rows.
import { is, SQL, sql } from 'drizzle-orm'
import { PgDialect, type PgColumn } from 'drizzle-orm/pg-core'
import type { RunOptions, Session, Statement } from '../database.ts'
import type { RawRows } from '../raw-rows.ts'
import { sqlstateOf } from '../sqlstate.ts'
import type { Field, Resource } from '../../schema/model/model.ts'
import type { PlanCache } from './cache.ts'
import { type Building, conditionSql, startBuilding } from './conditions.ts'
import { buildLevel } from './build-read.ts'
import {
  type Aliased,
  aliasOf,
  commas,
  expressionOf,
  fromTable,
  readExpressionOf,
} from './expressions.ts'
import { conditionFingerprint, levelFingerprint } from './fingerprint.ts'
import type { Layout } from './layout.ts'
import { allHold } from './logic.ts'
import { parameter } from './parameters.ts'
import { type Condition, type Level, type Slot, TRUE } from './read-request.ts'
import { type Compiled, compileStatement } from './statement.ts'
import { fieldParameter } from './values.ts'
import { firstVersion, nextVersion } from './version.ts'

/** A column's value by slot; where one of Drizzle's runtime defaults gave SQL, that. */
export interface Assignment {
  readonly field: Field
  readonly slot: Slot
  readonly sql?: SQL
  /** Gives the value of a runtime default, a new one for every row. */
  readonly make?: () => unknown
}

export interface WriteRequest {
  readonly resource: Resource
  readonly values: unknown[]
  /** Null for an insert. */
  readonly where: Condition | null
  readonly set: readonly Assignment[]
  /** An insert of several rows: what each of them sets, in place of `set`. */
  readonly rows?: readonly (readonly Assignment[])[]
  /** An insert that does nothing where another row has the same values of these fields. */
  readonly unless?: readonly Field[]
  /** A lock of several rows: how many of them, the first by their key. */
  readonly most?: Slot
  /** Conditions on the row as written, answered one by one: the policy, then the foreign keys. */
  readonly checks: readonly Condition[]
}

export interface WrittenRow {
  /** Cells of the key, as a read has them. */
  readonly key: readonly (string | null)[]
  readonly checks: readonly boolean[]
}

const dialect = new PgDialect()

export const insertRow = (
  session: Session,
  plans: PlanCache,
  request: WriteRequest,
): Promise<WrittenRow | null> => run(session, plans, request, 'insert')

export type SingleStatementKind = 'insert' | 'update' | 'delete'

/** A write that answers by itself. Its `where` holds of the row as it was, its checks of the row as it is written. */
export interface SingleStatementRequest extends WriteRequest {
  /** What is seen of the row: own fields only. */
  readonly level: Level
  /** The read policy. */
  readonly visible: Condition
}

export interface SingleStatementPlan extends Compiled {
  readonly layout: Layout
  /** The cell that says whether the caller may read what was written. */
  readonly visible: number
}

/** The plan of a write that answers by itself; `values` and `set` of the request with what runtime defaults add. */
export function planSingleStatement(
  plans: PlanCache,
  kind: SingleStatementKind,
  request: SingleStatementRequest,
): { readonly plan: SingleStatementPlan; readonly filled: WriteRequest } {
  const filled = { ...request, ...withRuntimeDefaults(request, kind) }
  const fingerprint = `${kind} and see ${writeFingerprint(filled)} ${levelFingerprint(request.level)} ${conditionFingerprint(request.visible)}`
  return {
    plan: hasOwnSql(filled)
      ? buildAlone(kind, filled)
      : plans.get(fingerprint, () => buildAlone(kind, filled)),
    filled,
  }
}

/**
 * Writes a row and answers what is seen of it, in one statement without a transaction around it: it is written when every
 * check holds, and else nothing is. Null where a check does not hold, or the database asks for another attempt: what is
 * wrong is then found by the steps of a transaction, as where no row is answered.
 */
export async function writeSingleStatement<T>(
  session: Session,
  statement: Statement,
  take: (rows: RawRows) => T,
  options?: RunOptions,
): Promise<T | null> {
  try {
    return await session.write(statement, take, options)
  } catch (error) {
    if (triedAgain.has(sqlstateOf(error) ?? '')) return null
    throw error
  }
}

/** A check that does not hold divides by zero; serialization failures and deadlocks are a transaction's to try again. */
const triedAgain: ReadonlySet<string> = new Set(['22012', '40001', '40P01'])

function buildAlone(
  kind: SingleStatementKind,
  request: SingleStatementRequest,
): SingleStatementPlan {
  const { resource, checks, level, visible } = request
  const building = startBuilding()
  const table = aliasOf(resource, building.nextAlias())
  const cells: SQL[] = [sql`coalesce(${conditionSql(building, visible, table)}, false)`]
  const layout = buildLevel(
    { building, joins: [], buildRows: null, add: (cell) => cells.push(cell) - 1 },
    level,
    table,
    null,
  )
  const held = allHold(checks.map((check) => conditionSql(building, check, table)))
  if (checks.some((check) => check !== TRUE))
    cells.push(sql`1 / (case when ${held} then 1 else 0 end)`)
  const parts = {
    table,
    request,
    answer: sql.join(cells, sql`, `),
    where: whereOf(building, request, table),
  }
  return { ...compileStatement(statementOf(kind, parts), dialect), layout, visible: 0 }
}

const whereOf = (building: Building, { where }: WriteRequest, table: Aliased): SQL =>
  where === null ? sql`true` : conditionSql(building, where, table)

const columnName = (field: Field): SQL => sql`${sql.identifier(columnOf(field).name)}`

const assignedValue = (assignment: Assignment): SQL =>
  assignment.sql ?? parameter(assignment.slot, fieldParameter(assignment.field))

/** Every column that one of the rows names; a row that does not name it has the column's default. */
function contentOf({ resource, set, rows = [set] }: WriteRequest): SQL {
  const first = firstVersion(resource)
  const fields = new Set(rows.flatMap((row) => row.map(({ field }) => field)))
  if (fields.size === 0 && first === null) return sql`default values`
  const values = rows.map((row) => {
    const given = new Map(row.map((assignment) => [assignment.field, assignment]))
    const cells = [...fields].map((field) => {
      const assignment = given.get(field)
      return assignment === undefined ? sql`default` : assignedValue(assignment)
    })
    return sql`(${commas([...cells, ...(first === null ? [] : [first.value])])})`
  })
  return sql`(${commas([...[...fields].map(columnName), ...(first === null ? [] : [columnName(first.field)])])}) values ${commas(values)}`
}

export const updateRow = (
  session: Session,
  plans: PlanCache,
  request: WriteRequest,
): Promise<WrittenRow | null> => run(session, plans, request, 'update')

export const deleteRow = (
  session: Session,
  plans: PlanCache,
  request: WriteRequest,
): Promise<WrittenRow | null> => run(session, plans, request, 'delete')

/** Locks the row until the transaction ends, so that what its checks say stays true. Null when there is no such row. */
export const lockRow = (
  session: Session,
  plans: PlanCache,
  request: WriteRequest,
): Promise<WrittenRow | null> => run(session, plans, request, 'lock')

/** SQL that Drizzle's defaults give may be another every time. */
export const hasOwnSql = ({ set, rows = [set] }: WriteRequest): boolean =>
  rows.some((row) => row.some((assignment) => assignment.sql !== undefined))

/** Those of several rows are run by write-many.ts. */
export type WriteKind = SingleStatementKind | 'lock' | 'lockMany' | 'look'

async function run(
  session: Session,
  plans: PlanCache,
  request: WriteRequest,
  kind: WriteKind,
): Promise<WrittenRow | null> {
  const [row] = await runFilled(session, plans, withRuntimeDefaults(request, kind), kind)
  return row ?? null
}

/**
 * Runs a statement of a request that has its runtime defaults; answers every row that it touches. The plan of an insert of several
 * rows spells out each of their cells: it is long, seldom met again, and not kept.
 */
export async function runFilled(
  session: Session,
  plans: PlanCache,
  request: WriteRequest,
  kind: WriteKind,
): Promise<readonly WrittenRow[]> {
  const plan =
    hasOwnSql(request) || request.rows !== undefined
      ? buildWrite(request, kind)
      : plans.get(`${kind} ${writeFingerprint(request)}`, () => buildWrite(request, kind))
  const { rows } = await session.query(plan.bind(request.values))
  const width = request.resource.primaryKey.fields.length
  return rows.map((row) => ({
    key: row.slice(0, width),
    checks: row.slice(width).map((cell) => cell?.startsWith('t') === true),
  }))
}

const setFingerprint = (set: readonly Assignment[]): string =>
  set.map(({ field, slot }) => `${field.name}=${slot}`).join()

const writeFingerprint = ({
  resource,
  where,
  set,
  rows,
  unless,
  most,
  checks,
}: WriteRequest): string =>
  `${resource.key};${where === null ? '' : conditionFingerprint(where)};${setFingerprint(set)};${rows?.map(setFingerprint).join('|') ?? ''};${unless?.map(({ name }) => name).join() ?? ''};${most ?? ''};${checks
    .map(conditionFingerprint)
    .join()}`

function buildWrite(request: WriteRequest, kind: WriteKind): Compiled {
  const building = startBuilding()
  const table = aliasOf(request.resource, building.nextAlias())
  const checks = request.checks.map(
    (check) => sql`coalesce(${conditionSql(building, check, table)}, false)`,
  )
  const key = request.resource.primaryKey.fields.map((field) => readExpressionOf(field, table))
  const answer = sql.join([...key, ...checks], sql`, `)
  return compileStatement(
    statementOf(kind, { where: whereOf(building, request, table), answer, table, request }),
    dialect,
  )
}

interface WriteParts {
  readonly where: SQL
  readonly answer: SQL
  readonly table: Aliased
  readonly request: WriteRequest
}

function statementOf(kind: WriteKind, { where, answer, table, request }: WriteParts): SQL {
  const from = fromTable(request.resource.table, table.name)
  switch (kind) {
    case 'insert': {
      const unless =
        request.unless === undefined
          ? sql``
          : sql` on conflict (${commas(request.unless.map(columnName))}) do nothing`
      return sql`insert into ${from} ${contentOf(request)}${unless} returning ${answer}`
    }
    case 'update': {
      const sets = request.set.map(
        (assignment) => sql`${columnName(assignment.field)} = ${assignedValue(assignment)}`,
      )
      const next = nextVersion(table)
      if (next !== null) sets.push(sql`${columnName(next.field)} = ${next.value}`)
      return sql`update ${from} set ${commas(sets)} where ${where} returning ${answer}`
    }
    case 'delete':
      return sql`delete from ${from} where ${where} returning ${answer}`
    case 'lock':
      return sql`select ${answer} from ${from} where ${where} for update of ${sql.identifier(table.name)}`
    case 'lockMany': {
      const key = request.resource.primaryKey.fields.map((field) => expressionOf(field, table))
      return sql`select ${answer} from ${from} where ${where} order by ${commas(key)} limit ${parameter(request.most ?? -1, String)} for update of ${sql.identifier(table.name)}`
    }
    case 'look':
      return sql`select ${answer} from ${from} where ${where}`
  }
}

function columnOf(field: Field): PgColumn {
  if ('sql' in field.source) throw new Error(`${field.name} is computed; it has no column.`)
  return field.source.column
}

/** Drizzle's `$defaultFn` and `$onUpdateFn` run here, as they would in Drizzle's own builders. */
export function withRuntimeDefaults(request: WriteRequest, kind: WriteKind): WriteRequest {
  if (kind !== 'insert' && kind !== 'update') return request
  const added: Assignment[] = []
  for (const [field, column] of unsetColumns(request, kind)) {
    const { defaultFn, onUpdateFn, default: stored } = column
    const make =
      kind === 'update'
        ? onUpdateFn
        : (defaultFn ?? (stored === undefined ? onUpdateFn : undefined))
    if (make === undefined) continue
    const value: unknown = make()
    added.push(
      is(value, SQL)
        ? { field, slot: -1, sql: value }
        : {
            field,
            slot: request.values.push(toWire(field, value)) - 1,
            make: () => toWire(field, make()),
          },
    )
  }
  return added.length === 0 ? request : { ...request, set: [...request.set, ...added] }
}

/** Columns that nothing is given for; an update's version is counted up by itself: see version.ts. */
function unsetColumns(
  { resource, set }: WriteRequest,
  kind: 'insert' | 'update',
): readonly (readonly [Field, PgColumn])[] {
  const given = new Set(set.map(({ field }) => field.name))
  if (kind === 'update' && resource.version?.column) given.add(resource.version.column.name)
  return [...resource.inner.fields.values()].flatMap((field) =>
    'sql' in field.source || given.has(field.name) ? [] : [[field, field.source.column] as const],
  )
}

/** Bytes and moments as the wire has them; the rest are text, numbers and JSON already. */
function toWire({ kind }: Field, value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (!(value instanceof Date)) return value
  return kind.name === 'date' ? value.toISOString().slice(0, 10) : value.toISOString()
}
