// What the inputs of the standard operations are made of: fields that they may name, names of types, directions of an order.
import { inputFields } from '../model/caller-model.ts'
import { type Field, isSortable, type Resource } from '../model/model.ts'
import { typeNames } from '../values/type-names.ts'

export const orderDirections = [
  'ASC',
  'DESC',
  'ASC_NULLS_FIRST',
  'ASC_NULLS_LAST',
  'DESC_NULLS_FIRST',
  'DESC_NULLS_LAST',
] as const
export type OrderDirection = (typeof orderDirections)[number]

/** `IntFilter`, `DecimalListFilter`, `OrderStatusFilter`: one type per kind, whatever the column. */
export function comparisonName(field: Field): string {
  const base = field.enum?.name ?? typeNames[field.kind.name]
  return `${base}${field.list ? 'List' : ''}Filter`
}
/** Names of comparisons that every model may have, whatever its enums. */
export const comparisonNames: readonly string[] = [
  ...Object.values(typeNames).flatMap((base) => [`${base}Filter`, `${base}ListFilter`]),
  'JSONPathFilter',
]

/** Own fields that an order may name, and `distinctOn` with it. */
export const sortableFields = ({ fields }: Pick<Resource, 'fields'>): readonly Field[] =>
  [...fields.values()].filter(isSortable)

/** Fields that a create or update may name. */
export const writable = (resource: Resource, verb: 'create' | 'update'): readonly Field[] =>
  inputFields(resource).filter((field) => field[verb] !== 'never')
