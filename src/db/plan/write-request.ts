// What a write asks of the database: which rows, what is set in them, and what must hold of them. Plain values, and their fingerprint.
import type { SQL } from 'drizzle-orm'
import type { Field, Resource } from '../../schema/model/model.ts'
import { conditionFingerprint } from './fingerprint.ts'
import type { Condition, Slot } from './read-request.ts'

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
  /** Who writes: an `AuditOrigin`. Absent where the resource has no audit. */
  readonly audit?: Slot
  /** Conditions on the row as written, answered one by one: the policy, then the foreign keys. */
  readonly checks: readonly Condition[]
}

export type SingleStatementKind = 'insert' | 'update' | 'delete'

/** Those of several rows are run by write-many.ts. */
export type WriteKind = SingleStatementKind | 'lock' | 'lockMany' | 'look'

export const isRowWrite = (kind: WriteKind): kind is SingleStatementKind =>
  kind === 'insert' || kind === 'update' || kind === 'delete'

/** SQL that Drizzle's defaults give may be another every time. */
export const hasOwnSql = ({ set, rows = [set] }: WriteRequest): boolean =>
  rows.some((row) => row.some((assignment) => assignment.sql !== undefined))

const setFingerprint = (set: readonly Assignment[]): string =>
  set.map(({ field, slot }) => `${field.name}=${slot}`).join()

/** What two writes must have in common to share a statement. */
export const writeFingerprint = ({
  resource,
  where,
  set,
  rows = [],
  unless = [],
  most,
  audit,
  checks,
}: WriteRequest): string =>
  [
    resource.key,
    where === null ? '' : conditionFingerprint(where),
    setFingerprint(set),
    rows.map(setFingerprint).join('|'),
    unless.map(({ name }) => name).join(),
    most ?? '',
    audit ?? '',
    checks.map(conditionFingerprint).join(),
  ].join(';')
