// Drizzle's runtime defaults in writes: values and SQL that the declaration of a column computes for each row.
import { is, SQL } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import type { Field } from '../../schema/model/model.ts'
import type { Assignment, WriteKind, WriteRequest } from './write-request.ts'

/** The request with what `$defaultFn` and `$onUpdateFn` give, as Drizzle's own builders would run them. */
export function withRuntimeDefaults(request: WriteRequest, kind: WriteKind): WriteRequest {
  if (kind !== 'insert' && kind !== 'update') return request
  const added: Assignment[] = []
  for (const [field, column] of unsetColumns(request, kind)) {
    const make = runtimeDefault(column, kind)
    if (make !== undefined) added.push(toAssignment(request, field, make))
  }
  return added.length === 0 ? request : { ...request, set: [...request.set, ...added] }
}

/** An insert takes the default of an update where the column has no default at all. */
function runtimeDefault(
  { defaultFn, onUpdateFn, default: stored }: PgColumn,
  kind: 'insert' | 'update',
): (() => unknown) | undefined {
  if (kind === 'update') return onUpdateFn
  return defaultFn ?? (stored === undefined ? onUpdateFn : undefined)
}

function toAssignment({ values }: WriteRequest, field: Field, make: () => unknown): Assignment {
  const value: unknown = make()
  if (is(value, SQL)) return { field, slot: -1, sql: value }
  const slot = values.push(toWire(field, value)) - 1
  return { field, slot, make: () => toWire(field, make()) }
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
