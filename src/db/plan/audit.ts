// The audit: a statement that writes rows appends an entry for each of them as well, so they stand or fall together.
import { type SQL, sql } from 'drizzle-orm'
import type { AuditEntry } from '../../schema/declare/audit-entry.ts'
import type { Caller } from '../../schema/declare/caller.ts'
import type { Operation } from '../../schema/model/model.ts'
import type { Session } from '../database.ts'
import { commas, readExpressionOf, type Aliased } from './expressions.ts'
import { parameter } from './parameters.ts'
import type { Slot } from './read-request.ts'
import {
  isRowWrite,
  type SingleStatementKind,
  type WriteKind,
  type WriteRequest,
} from './write-request.ts'
import { statementOf, type WriteParts } from './write-statement.ts'

/** Who writes, and by which request. It is bound as one list of text, so that a prepared write takes that of its own request. */
export interface AuditOrigin {
  readonly caller: Caller
  readonly operation: Pick<Operation, 'name'>
  readonly face?: string
  readonly requestId?: string
}

/** The columns of an origin, in the order of its list. */
const ORIGIN_COLUMNS = 'via, issuer, subject, face, request_id, operation'
/** The same as they are taken from the list `o`. */
const ORIGIN_VALUES = 'o[1], o[2], o[3], o[4], o[5], o[6]'

/** Longer text comes from authenticators of a team's own only. */
const MAX_LENGTH = 1000

/** PostgreSQL's text holds every character but NUL. */
const bounded = (text: string | null = null): string | null =>
  text === null ? null : text.slice(0, MAX_LENGTH).replaceAll('\0', '\u{fffd}')

const originList = ({
  caller: { via, issuer, id },
  operation,
  face,
  requestId,
}: AuditOrigin): readonly (string | null)[] =>
  [via, issuer, id, face, requestId, operation.name].map(bounded)

/** Appends the entry of one run of a team's own operation, in the transaction that it ran in. */
export async function recordRun(tx: Session, origin: AuditOrigin): Promise<void> {
  await tx.query({
    text: `insert into bifrons.audit (${ORIGIN_COLUMNS}, verb, changed) select ${ORIGIN_VALUES}, o[6], '{}' from (select $1::text[] as o) as origin`,
    values: [originList(origin)],
    name: 'bifrons_audit_run',
  })
}

/** Appends the entry of one row that a handler has written, in its transaction. */
export async function recordEntry(
  tx: Session,
  origin: AuditOrigin,
  { verb, resource, key, changed = [] }: AuditEntry,
): Promise<void> {
  const cells = Object.entries(key).map(([name, value]) => [name, bounded(String(value))])
  await tx.query({
    text: `insert into bifrons.audit (${ORIGIN_COLUMNS}, verb, resource, key, changed) select ${ORIGIN_VALUES}, $2::text, $3::text, $4::jsonb, $5::text[] from (select $1::text[] as o) as origin`,
    values: [
      originList(origin),
      bounded(verb),
      bounded(resource),
      JSON.stringify(Object.fromEntries(cells)),
      changed.map(bounded),
    ],
    name: 'bifrons_audit_entry',
  })
}

const verbs = {
  insert: 'create',
  update: 'update',
  delete: 'delete',
} as const satisfies Record<SingleStatementKind, string>

/** A write in SQL, with the entries of the audit where its resource has one. */
export function writeSql(kind: WriteKind, parts: WriteParts): SQL {
  const { audit } = parts.request
  return audit === undefined || !isRowWrite(kind)
    ? statementOf(kind, parts)
    : audited(kind, parts, audit)
}

function audited(kind: SingleStatementKind, parts: WriteParts, origin: Slot): SQL {
  const { request, table } = parts
  const names = parts.cells.map((_, i) => sql.identifier(`c${i}`))
  const cells = parts.cells.map((cell, i) => sql`${cell} as ${names[i]}`)
  const written = statementOf(kind, {
    ...parts,
    cells: [...cells, sql`${keyOf(request, table)} as audit_key`],
  })
  const list = parameter(origin, (value) => originList(value as AuditOrigin)) // as the engine put it there
  return sql`with written as (${written}), audited as (
      insert into bifrons.audit (${sql.raw(ORIGIN_COLUMNS)}, verb, resource, changed, key)
      select ${sql.raw(ORIGIN_VALUES)}, ${verbs[kind]}::text, ${request.resource.key}::text, ${changedBy(request)}, audit_key
      from written, (select ${list}::text[] as o) as origin
    ) select ${commas(names.map((name) => sql`${name}`))} from written`
}

/** The primary key as an object of text. */
const keyOf = ({ resource }: WriteRequest, table: Aliased): SQL =>
  sql`jsonb_build_object(${commas(
    resource.primaryKey.fields.map(
      (field) =>
        sql`${field.name}::text, left((${readExpressionOf(field, table)})::text, ${sql.raw(String(MAX_LENGTH))})`,
    ),
  )})`

/** Names of the fields that a statement sets, of all of its rows together. */
function changedBy({ set, rows = [set] }: WriteRequest): SQL {
  const changed = new Set(rows.flatMap((row) => row.map(({ field }) => field.name)))
  return sql`array[${commas([...changed].map((name) => sql`${name}`))}]::text[]`
}
