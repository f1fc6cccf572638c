// Rows that hand-written fields return, read back through the engine: all of one field in one statement.
import type { FieldNode, GraphQLResolveInfo } from 'graphql'
import type { Model, Resource, StandardOperation } from '../../schema/model/model.ts'
import type { GraphqlContext } from './builder.ts'
import type { ReadBack } from './hand-written.ts'
import { readingOf, type Run } from './operations.ts'
import { toSelection } from '../request/selection.ts'
import { keyOf, type RowSource, toRowLevel, toSource } from './row-source.ts'

type Key = Readonly<Record<string, unknown>>

/** The rows that one place of a document asks for in one turn of the event loop. */
interface Batch {
  readonly keys: Map<string, Key>
  readonly rows: Promise<ReadonlyMap<string, RowSource>>
}

/** A filter has at most 100 parts (docs/guides/querying.md, Limits), and a key of several columns takes one for each. */
const COMPOSITE_KEYS = 20

export function openReadBack(model: Model, run: Run): ReadBack {
  const batches = new WeakMap<object, Map<FieldNode, Batch>>()
  const lists = new Map(
    model.operations.flatMap((operation) =>
      operation.standard === 'list' ? [[operation.resource, operation] as const] : [],
    ),
  )
  return async (resource, row, shared, info) => {
    const list = lists.get(resource)
    const [node] = info.fieldNodes
    if (list === undefined || node === undefined) return null // nobody reads it
    const context = shared as GraphqlContext // what graphql-js.ts gives to every resolver
    const key = toKey(resource, row)
    const places = batches.get(context) ?? new Map<FieldNode, Batch>()
    batches.set(context, places)
    const batch =
      places.get(node) ??
      startBatch(
        () => places.delete(node),
        (keys) => readRows({ model, run, list, context, info }, keys),
      )
    places.set(node, batch)
    batch.keys.set(toText(Object.values(key)), key)
    return (await batch.rows).get(toText(Object.values(key))) ?? null
  }
}

function startBatch(
  close: () => void,
  read: (keys: readonly Key[]) => Promise<ReadonlyMap<string, RowSource>>,
): Batch {
  const keys = new Map<string, Key>()
  const rows = new Promise<void>((resolve) => {
    setImmediate(resolve)
  }).then(() => {
    close()
    return read([...keys.values()])
  })
  return { keys, rows }
}

interface Reading {
  readonly model: Model
  readonly run: Run
  readonly list: StandardOperation
  readonly context: GraphqlContext
  readonly info: GraphQLResolveInfo
}

async function readRows(
  { model, run, list, context, info }: Reading,
  keys: readonly Key[],
): Promise<ReadonlyMap<string, RowSource>> {
  const { resource } = list
  const [field, ...others] = resource.primaryKey.fields
  const single = others.length === 0 ? field?.name : undefined
  const { max } = resource.page
  const size = single === undefined ? Math.min(max, COMPOSITE_KEYS) : max
  const selection = toSelection(readingOf(model, info), resource, info.fieldNodes)
  const found = new Map<string, RowSource>()
  for (let start = 0; start < keys.length; start += size) {
    const chunk = keys.slice(start, start + size)
    const where = single === undefined ? anyOf(chunk) : anyValue(single, chunk)
    const { caller, signal, bill } = context
    const result = await run(
      {
        operation: list,
        input: { list: { where, first: chunk.length } },
        selection,
        caller,
        signal,
        denied: 'omit', // and charged by itself: what code returns is not known before
        bill,
      },
      context,
    )
    if (result.type !== 'page') throw new Error(`${list.name} answered no page.`)
    const level = toRowLevel(result.layout, caller)
    for (const row of result.page.rows()) {
      const source = toSource(level, row)
      found.set(toText(keyOf(source)), source)
    }
  }
  return found
}

const anyValue = (name: string, keys: readonly Key[]) => ({
  [name]: { in: keys.map((key) => key[name]) },
})

const anyOf = (keys: readonly Key[]) => ({
  OR: keys.map((key) =>
    Object.fromEntries(Object.entries(key).map(([name, value]) => [name, { eq: value }])),
  ),
})

function toKey(resource: Resource, row: object): Key {
  return Object.fromEntries(
    resource.primaryKey.fields.map(({ name }) => {
      const value: unknown = Reflect.get(row, name)
      if (value === undefined || value === null)
        throw new Error(
          `A hand-written field answered a ${resource.type} without ${name}, which its key has.`,
        )
      return [name, toWire(value)]
    }),
  )
}

/** Drizzle's value of a column as it is on the wire. */
function toWire(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  return value instanceof Date ? value.toISOString().replace('Z', '+00:00') : value
}

const toText = (values: readonly unknown[]): string => JSON.stringify(values.map(String))
