// The types of a field's value: of one element, of what a filter or a key compares, and of what a create or update takes.
import type { z } from 'zod'
import { comparedWith, spatialOf } from '../values/geojson.ts'
import { shapeRule } from '../values/issue-stage.ts'
import { type LabelType, required, type ScalarType, type ValueType } from '../values/value-types.ts'
import type { Field } from './model.ts'

/** One value of the kind, or one element of a list of them. */
export function elementType({ kind: { name }, enum: labels }: Field): ScalarType | LabelType {
  if (labels !== null)
    return { type: 'enum', name: labels.name, labels: labels.values.map(({ label }) => label) }
  return { type: 'scalar', kind: name === 'enum' ? 'text' : name }
}

/** What a filter or a key compares: the kind alone. */
export const comparedType = (field: Field): ValueType => checkedType(field, field.wire)

/** The operand of a geometry: a geometry of any type, not only of the column's. */
export function comparedGeometry({ source, wire }: Field): ValueType {
  const spatial = 'column' in source ? spatialOf(source.column) : null
  return {
    type: 'scalar',
    kind: 'geometry',
    check: spatial === null ? wire : comparedWith(spatial),
  }
}

/** What a create or update takes: the limits of the column, and what the team adds to them. */
export const writtenType = (field: Field): ValueType =>
  field.nullable ? checkedType(field, field.input) : neverNullType(field)

/** The same where null is refused. Any JSON passes JSON's schema, null too, which would be SQL's null. */
export const neverNullType = (field: Field): ValueType =>
  checkedType(
    field,
    field.kind.name !== 'json' || field.list
      ? field.input
      : field.input
          .refine((value) => value !== null, shapeRule('Expected JSON other than null.'))
          .meta({ not: { type: 'null' } }),
  )

function checkedType(field: Field, check: z.ZodType): ValueType {
  if (field.list)
    return { type: 'list', of: { ...required(elementType(field)), nullable: true }, check }
  if (field.kind.name === 'vector')
    return { type: 'list', of: required({ type: 'scalar', kind: 'float' }), check }
  return { ...elementType(field), check }
}
