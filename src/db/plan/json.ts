// Comparisons of JSON, as jsonb compares: numbers are equal by value, objects in any order of their members.
import { type SQL, sql } from 'drizzle-orm'
import { parameter } from './parameters.ts'
import type { Condition } from './read-request.ts'
import type { ToParameter } from './values.ts'

type Comparison = Extract<Condition, { type: 'compare' }>

const jsonText: ToParameter = (value) => JSON.stringify(value)
const jsonTexts: ToParameter = (values) => (values as readonly unknown[]).map(jsonText) // the schema has checked it
const asItIs: ToParameter = (value) => value

/** A comparison of a JSON column, whichever of the two types, or of what stands at a path in it. */
export function jsonSql({ operator, slot, at }: Comparison, column: SQL): SQL {
  if (at === undefined && operator === 'isNull') return sql`${column} is null`
  const document = sql`(${column})::jsonb`
  if (operator === 'hasKey') return sql`${document} ? ${parameter(slot, asItIs)}`
  if (operator === 'contains') return sql`${document} @> ${parameter(slot, jsonText)}::jsonb`
  if (at === undefined) throw new Error(`JSON has no ${operator}.`)
  // JSON's null is as good as nothing: both are SQL's null, which compares to nothing
  const value = sql`nullif(${document} #> ${parameter(at, asItIs)}::text[], 'null')`
  if (operator === 'isNull') return sql`${value} is null`
  if (operator === 'in') return sql`${value} = any(${parameter(slot, jsonTexts)}::jsonb[])`
  if (operator === 'notIn') return sql`${value} <> all(${parameter(slot, jsonTexts)}::jsonb[])`
  return compared(operator, value, sql`${parameter(slot, jsonText)}::jsonb`)
}

function compared(operator: Comparison['operator'], left: SQL, right: SQL): SQL {
  switch (operator) {
    case 'eq':
      return sql`${left} = ${right}`
    case 'ne':
      return sql`${left} <> ${right}`
    case 'gt':
      return among(left, right, sql`>`)
    case 'gte':
      return among(left, right, sql`>=`)
    case 'lt':
      return among(left, right, sql`<`)
    case 'lte':
      return among(left, right, sql`<=`)
    default:
      throw new Error(`What stands at a path has no ${operator}.`)
  }
}

/** jsonb has an order over all types; ours is among numbers and among texts, and unknown between types. */
const among = (left: SQL, right: SQL, sign: SQL): SQL =>
  sql`case when jsonb_typeof(${left}) = jsonb_typeof(${right}) then ${left} ${sign} ${right} end`
