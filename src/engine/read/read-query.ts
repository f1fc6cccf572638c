// Read queries: what a face reads, without the values that each request brings. Requests of one read query share its plans.
import type { Caller } from '../../schema/declare/caller.ts'
import type { Model, Resource, StandardOperation } from '../../schema/model/model.ts'
import type { Billed, EngineRequest, ListInput, Selection, Total } from '../request.ts'
import { selectedLists, withLists } from '../selection-lists.ts'
import type { ToTemplate } from '../render/template.ts'

/** An operation, the selection of its rows, and the template of the answer. */
export interface ReadQuery {
  readonly id: number
  readonly operation: StandardOperation
  /** Without the arguments of its lists, which come with each request. */
  readonly selection: Selection
  readonly denied: EngineRequest['denied']
  readonly template: ToTemplate
  /** Asks for one row of each of several keys: the key then holds lists of values. */
  readonly each: boolean
  /** Resources of the to-many relations in the selection, in its order. */
  readonly related: readonly Resource[]
}

let defined = 0

export function defineReadQuery(model: Model, form: Omit<ReadQuery, 'id' | 'related'>): ReadQuery {
  defined += 1
  return {
    ...form,
    id: defined,
    related: selectedLists(model, form.operation.resource, form.selection).map(
      ({ resource }) => resource,
    ),
  }
}

/** Whether the text of a key identifies its row: equal keys are equal texts. */
export const canAskEach = ({ by }: StandardOperation): boolean =>
  by?.fields.length === 1 &&
  by.fields.every(
    ({ kind }) => kind.name === 'integer' || kind.name === 'smallint' || kind.name === 'uuid',
  )

/** The text of a key's value as a row of it has it. */
export const keyText = (value: unknown): string => String(value).toLowerCase()

/** One request of a read query. */
export interface ReadQueryRequest extends Billed {
  readonly form: ReadQuery
  readonly key: Readonly<Record<string, unknown>> | null
  /** The arguments of the operation's own list (empty for one row), then those of the related ones. */
  readonly lists: readonly ListInput[]
  readonly rows: boolean
  readonly total: Total
  readonly caller: Caller
  readonly signal: AbortSignal
}

/** The request as the engine parses it, its lists in their places. */
export function toEngineRequest(
  model: Model,
  { form, key, lists, ...rest }: ReadQueryRequest,
): EngineRequest {
  const { operation, denied } = form
  const input =
    operation.standard === 'list'
      ? { list: lists[0] ?? {} }
      : { key: form.each ? firstOf(key) : key }
  return {
    ...rest,
    operation,
    denied,
    input,
    selection: withLists(model, operation.resource, form.selection, lists.slice(1)),
  }
}

/** The parser checks one key; the others were checked when the gets were batched. */
const firstOf = (key: ReadQueryRequest['key']): ReadQueryRequest['key'] =>
  key === null
    ? null
    : Object.fromEntries(
        Object.entries(key).map(([name, values]) => [name, (values as readonly unknown[])[0]]),
      ) // see `each`
