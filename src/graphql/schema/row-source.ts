// What resolvers walk: the engine's rows with the places of their cells, looked up once per level and request.
import type { FieldNode } from 'graphql'
import { refusal } from '../../engine/authorize/authorization.ts'
import { readCell } from '../../engine/value-codec.ts'
import { relatedPage } from '../../engine/render/page.ts'
import { cellText, isNull } from '../../engine/render/row-reader.ts'
import type { Layout, ManyLayout, Row, RowPage } from '../../engine/result.ts'
import type { Caller } from '../../schema/declare/caller.ts'
import type { Field, Relation, Resource } from '../../schema/model/model.ts'
import { encodeNodeId } from '../request/node-id.ts'
import { relationId } from '../request/selection.ts'

/** One level of a result: where its cells, its relations and its key are. */
export interface RowLevel {
  readonly layout: Layout
  readonly caller: Caller
  readonly cells: ReadonlyMap<string, Cell>
  readonly toOne: ReadonlyMap<string, { readonly present: number; readonly level: RowLevel }>
  readonly toMany: ReadonlyMap<string, ManyLevel>
  readonly key: readonly ((row: Row) => unknown)[]
  /** Denied names that have had their one error. */
  readonly reported: Set<string>
}

interface Cell {
  readonly index: number
  readonly read: (text: string | null) => unknown
}

interface ManyLevel {
  readonly many: ManyLayout
  readonly level: RowLevel
}

export function toRowLevel(layout: Layout, caller: Caller): RowLevel {
  return {
    layout,
    caller,
    cells: new Map(
      layout.fields.map(({ field, index }) => [field.name, { index, read: readCell(field) }]),
    ),
    toOne: new Map(
      layout.toOne.map((one) => [
        one.id,
        { present: one.present, level: toRowLevel(one.layout, caller) },
      ]),
    ),
    toMany: new Map(
      layout.toMany.map((many) => [many.id, { many, level: toRowLevel(many.layout, caller) }]),
    ),
    key: layout.resource.primaryKey.fields.map((field, i) => toKeyReader(field, layout.key[i])),
    reported: new Set(),
  }
}

function toKeyReader(field: Field, index: number | undefined): (row: Row) => unknown {
  const read = readCell(field)
  return (row) => read(index === undefined ? null : cellText(row, index))
}

const rowAt: unique symbol = Symbol('bifrons.row')
const levelAt: unique symbol = Symbol('bifrons.level')

/**
 * A row as its type's resolvers get it. Its cells stand behind symbols, so that no column's name can meet them;
 * the key's columns can be read from it as from a row of Drizzle, for @pothos/plugin-drizzle's loader.
 */
export interface RowSource {
  readonly [rowAt]: Row
  readonly [levelAt]: RowLevel
}

const prototypes = new WeakMap<Resource, object>()

export function toSource(level: RowLevel, row: Row): RowSource {
  const { resource } = level.layout
  let prototype = prototypes.get(resource)
  if (prototype === undefined) {
    prototype = toPrototype(resource)
    prototypes.set(resource, prototype)
  }
  const source = Object.create(prototype) as { [rowAt]: Row; [levelAt]: RowLevel } // both are set here
  source[rowAt] = row
  source[levelAt] = level
  return source
}

export const isSource = (value: unknown): value is RowSource =>
  typeof value === 'object' && value !== null && rowAt in value

function toPrototype(resource: Resource): object {
  const prototype = {}
  for (const [i, field] of resource.primaryKey.fields.entries()) {
    Object.defineProperty(prototype, field.name, {
      enumerable: true,
      get(this: RowSource) {
        return toDrizzleValue(field, this[levelAt].key[i]?.(this[rowAt]))
      },
    })
  }
  return prototype
}

/** A key's value as Drizzle reads the column: its loader compares the two. */
function toDrizzleValue(field: Field, value: unknown): unknown {
  const dataType = 'column' in field.source ? field.source.column.dataType : ''
  if (typeof value !== 'string') return value
  if (dataType.startsWith('bigint')) return BigInt(value)
  if (dataType.startsWith('number')) return Number(value)
  return dataType === 'object date' ? new Date(value) : value
}

export const resourceOfSource = (source: RowSource): Resource => source[levelAt].layout.resource

export const nodeIdOf = (source: RowSource): string =>
  encodeNodeId(resourceOfSource(source).type, keyOf(source))

/** Values of the key on the wire. */
export const keyOf = (source: RowSource): readonly unknown[] =>
  source[levelAt].key.map((read) => read(source[rowAt]))

export function readVersion(source: RowSource): string {
  const { layout } = source[levelAt]
  if (layout.version === undefined)
    throw new Error(`The version of ${layout.resource.type} was not loaded.`)
  return cellText(source[rowAt], layout.version) ?? ''
}

export function readField(source: RowSource, field: Field): unknown {
  const level = source[levelAt]
  const cell = level.cells.get(field.name)
  if (cell === undefined) return denied(level, field.name)
  return cell.read(cellText(source[rowAt], cell.index))
}

/** The row of a to-one relation, which lies in the same row of the statement. */
export function readOne(source: RowSource, relation: Relation): RowSource | null {
  const level = source[levelAt]
  const one = level.toOne.get(relation.name)
  if (one === undefined) return denied(level, relation.name)
  const row = source[rowAt]
  return isNull(row.set, row.row, one.present) ? null : toSource(one.level, row)
}

/** A page of rows as a connection's resolvers get it. */
export interface ConnectionSource {
  readonly page: RowPage
  readonly level: RowLevel
}

/** The page of a to-many relation that a place in the document asks for. */
export function readMany(
  source: RowSource,
  relation: Relation,
  node: FieldNode | undefined,
): ConnectionSource | null {
  const level = source[levelAt]
  const found = level.toMany.get(relationId(relation, node))
  if (found === undefined) return denied(level, relation.name)
  return { page: relatedPage(source[rowAt], found.many), level: found.level }
}

/** Null for what this caller may not see, with one error at its first place (docs/concepts.md, Request). */
function denied(level: RowLevel, name: string): null {
  const { layout, caller, reported } = level
  if (!layout.denied.includes(name))
    throw new Error(`${layout.resource.type}.${name} was not loaded.`)
  if (reported.has(name)) return null
  reported.add(name)
  throw refusal(caller, `You may not read ${name} of ${layout.resource.type}.`)
}
