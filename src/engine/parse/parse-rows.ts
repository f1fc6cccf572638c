// Rows to be written, with the model's own objects in place of names: own fields, and rows along relations.
import type { Field, Model, Resource } from '../../schema/model/model.ts'
import { type Nested, nestedOf } from '../../schema/model/nested.ts'
import { givenMembers, hasMembers } from './members.ts'

/** A row that a request writes. */
export interface ParsedRow {
  readonly values: RowValues
  readonly nested: readonly NestedRows[]
}

/** The values of a row's own fields, as far as they are given. */
export type RowValues = ReadonlyMap<Field, unknown>

/** What a create writes along one relation: of a to-one relation one row, to be created or connected. */
export interface NestedRows {
  readonly nested: Nested
  readonly create: readonly ParsedRow[]
  /** Keys of rows that are there. */
  readonly connect: readonly RowValues[]
}

/** @param input a row that has passed its schema */
export function toParsedRow(
  model: Pick<Model, 'resources'>,
  resource: Resource,
  input: unknown,
): ParsedRow {
  const values = new Map<Field, unknown>()
  const related = new Map<string, unknown>()
  if (!hasMembers(input)) return { values, nested: [] }
  for (const name in input) {
    const value = input[name]
    if (value === undefined) continue
    const field = resource.fields.get(name) ?? resource.writeOnly?.fields.get(name)
    if (field === undefined) related.set(name, value)
    else values.set(field, value)
  }
  return { values, nested: related.size === 0 ? [] : toNestedRows(model, resource, related) }
}

/** In the order of the declaration. */
function toNestedRows(
  model: Pick<Model, 'resources'>,
  resource: Resource,
  related: ReadonlyMap<string, unknown>,
): readonly NestedRows[] {
  return nestedOf(model, resource).flatMap((nested) => {
    const members = new Map(givenMembers(related.get(nested.relation.name)))
    if (members.size === 0) return []
    const toRow = (row: unknown): ParsedRow => toParsedRow(model, nested.target, row)
    const create = listOf(members.get('create')).map(toRow)
    const connect = listOf(members.get('connect')).map((key) => toRow(key).values)
    return [{ nested, create, connect }]
  })
}

/** The rows of a to-many relation are a list, that of a to-one stands by itself. */
function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return []
  return Array.isArray(value) ? value : [value]
}
