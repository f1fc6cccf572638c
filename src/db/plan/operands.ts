// Both sides of a comparison. Where a type holds fewer values than its kind has on the wire, both are compared in a wider
// one: what the column cannot hold is then in no row, and no error of the database.
import { type SQL, sql } from 'drizzle-orm'
import type { Field } from '../../schema/model/model.ts'
import type { OperatorName } from '../../schema/model/operators.ts'
import { parameter } from './parameters.ts'
import type { Slot } from './read-request.ts'
import { operandParameter, type ToParameter } from './values.ts'

export interface Sides {
  readonly left: SQL
  readonly right: SQL
}

export function sidesOf(field: Field, operator: OperatorName, slot: Slot, left: SQL): Sides {
  const convert = operandParameter(field, operator)
  const wider = widerType(field)
  if (wider === null) return { left, right: parameter(slot, convert) }
  const isList = operator === 'in' || operator === 'notIn' || (field.list && operator !== 'has')
  const type = sql.raw(isList ? `${wider.type}[]` : wider.type)
  // arrays are compared with arrays of their own type only; that takes an index from those of smallint and real
  return {
    left: field.list && isList ? sql`${left}::${type}` : left,
    right: sql`${parameter(slot, (value) => wider.each(convert(value)))}::${type}`,
  }
}

interface Wider {
  readonly type: string
  readonly each: ToParameter
}

const asItIs: ToParameter = (value) => value

/** What an expression's own type is only the database knows: its kind says what callers compare it with. */
const ofComputed: Readonly<Partial<Record<Field['kind']['name'], Wider>>> = {
  smallint: { type: 'integer', each: asItIs },
  integer: { type: 'integer', each: asItIs },
  bigint: { type: 'bigint', each: asItIs },
  decimal: { type: 'numeric', each: asItIs },
}

function widerType({ kind, source }: Field): Wider | null {
  if ('sql' in source) return ofComputed[kind.name] ?? null
  if (kind.name === 'smallint') return { type: 'integer', each: asItIs }
  return kind.name === 'float' && source.column.getSQLType().startsWith('real')
    ? { type: 'double precision', each: toReals }
    : null
}

/** A number as `real` rounds it, in double precision: 0.1 is to equal the 0.1 of a column. What no real is near stays as it is. */
function toReal(text: unknown): unknown {
  if (typeof text !== 'string') return text
  const rounded = Math.fround(Number(text))
  return Number.isFinite(rounded) && (rounded !== 0 || Number(text) === 0) ? String(rounded) : text
}

const toReals: ToParameter = (value) => (Array.isArray(value) ? value.map(toReal) : toReal(value))
