// What one row of a selection brings with it: its bytes, its to-one rows, and the lists below it. Made once for a read query.
import { hasOwnQuery } from '../../db/plan/own-query.ts'
import { type Field, type Model, type Resource, targetOf } from '../../schema/model/model.ts'
import type { KindName } from '../../schema/values/kinds.ts'
import type { Selection, Total } from '../request.ts'

export interface RowShape {
  readonly resource: Resource
  /** Bytes of its cells and of those of its to-one rows. */
  readonly bytes: number
  /** Rows of to-one relations beside it. */
  readonly toOne: number
  /** Computed fields that run a query for each row. */
  readonly queries: number
  readonly lists: readonly ListShape[]
  /** Whether the rows of its one list come flat: each of them repeats this row. */
  readonly isRepeated: boolean
}

export interface ListShape {
  /** The list's place, for messages: `products.reviews`. */
  readonly path: string
  /** The list's number among those of the request. */
  readonly at: number
  readonly row: RowShape
  readonly rows: boolean
  readonly total: Total
}

/** Bytes of a value where its type sets no bound: the figure is an estimate, documented in docs/guides/limits.md. */
const TEXT_BYTES = 100

const bytesOfKind: Readonly<Record<KindName, number>> = {
  smallint: 6,
  integer: 10,
  bigint: 20,
  decimal: 16,
  float: 18,
  boolean: 5,
  text: TEXT_BYTES,
  uuid: 38,
  date: 12,
  time: 16,
  localDateTime: 28,
  dateTime: 34,
  duration: 20,
  enum: 16,
  json: 200,
  bytes: 1000,
  vector: 4000,
  geometry: 400,
  other: TEXT_BYTES,
}

/** Elements of an array. */
const ELEMENTS = 3

/** Around a value: quotes, a colon and a comma. */
const PUNCTUATION = 6

export function bytesOfField({ name, kind, list, source }: Field): number {
  const known = bytesOfKind[kind.name]
  const type = 'column' in source ? source.column.getSQLType() : ''
  const declared = /^(?:varchar|char|character|character varying|vector)\s*\((\d+)\)/.exec(
    type,
  )?.[1]
  const bytes = declared === undefined ? known : boundedBytes(kind.name, known, Number(declared))
  return name.length + PUNCTUATION + (list ? ELEMENTS * bytes : bytes)
}

/** A vector has its dimensions; a text that may be long is mostly shorter than it may be. */
const boundedBytes = (kind: KindName, known: number, declared: number): number =>
  kind === 'vector' ? declared * 10 : Math.min(known, declared)

interface Walk {
  readonly model: Pick<Model, 'resources'>
  /** Lists met so far, in the order of selection-lists.ts; the operation's own is 0. */
  next: number
}

/** @param path of the rows, for messages */
export function toRowShape(
  model: Pick<Model, 'resources'>,
  resource: Resource,
  selection: Selection,
  path: string,
): RowShape {
  return rowShape({ model, next: 1 }, resource, selection, path)
}

function rowShape(walk: Walk, resource: Resource, selection: Selection, path: string): RowShape {
  let { bytes, queries } = fieldsShape(resource, selection)
  let toOne = 0
  const own: ListShape[] = []
  const lists: ListShape[] = []
  for (const asked of selection.relations) {
    const relation = resource.relations.get(asked.relation)
    if (relation === undefined) continue // the parser refuses it
    const target = targetOf(walk.model, relation)
    const inner = `${path}.${relation.name}`
    if (relation.many) {
      const at = walk.next
      walk.next += 1
      const row = rowShape(walk, target, asked.selection, inner)
      const list = { path: inner, at, row, rows: asked.rows, total: asked.total }
      own.push(list)
      lists.push(list)
      continue
    }
    const one = rowShape(walk, target, asked.selection, inner)
    bytes += one.bytes
    queries += one.queries
    toOne += 1 + one.toOne
    for (const list of one.lists) lists.push(list)
  }
  const isRepeated = own.filter(({ rows }) => rows).length === 1
  return { resource, bytes, toOne, queries, lists, isRepeated }
}

function fieldsShape(
  resource: Resource,
  { fields, version }: Selection,
): { readonly bytes: number; readonly queries: number } {
  const names = fields === 'default' ? resource.fields.keys() : fields
  let bytes = version === true ? 20 : 0
  let queries = 0
  for (const name of names) {
    const field = resource.fields.get(name)
    if (field === undefined) continue // as above
    bytes += bytesOfField(field)
    if (hasOwnQuery(field, resource)) queries += 1
  }
  for (const field of resource.primaryKey.fields) bytes += bytesOfField(field) // every row has its key
  return { bytes, queries }
}
