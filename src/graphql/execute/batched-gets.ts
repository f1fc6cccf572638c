// Root fields that ask for the same of rows with different keys: one statement answers all of them.
import { type ReadQuery, keyText } from '../../engine/read/read-query.ts'
import { wireCheck } from '../../engine/read/parameter-checks.ts'
import { answer } from '../../engine/execute.ts'
import type { Rendered } from '../../engine/render/render-json.ts'
import type { ReadArguments, VariableValues } from './coerce.ts'
import { readLists, type RootField } from './compiled.ts'
import type { OperationRun } from './running.ts'

/** The answer of one of them: it is found by the text of its key. */
export interface BatchedGet {
  readonly key: string
  readonly answers: Promise<Rendered | null>
}

interface Sharing {
  readonly field: RootField
  readonly lists: readonly ReadArguments[]
  readonly value: unknown
}

/** Starts the statements that several fields share; a field that shares none is not in the map. */
export function startBatchedGets(
  running: OperationRun,
  fields: readonly RootField[],
): ReadonlyMap<RootField, BatchedGet> {
  const batched = new Map<RootField, BatchedGet>()
  for (const [form, sharing] of groupByForm(fields, running.variables)) {
    if (sharing.length < 2) continue
    const answers = answerGroup(running, form, sharing)
    answers.catch(() => {}) // each of the fields waits for it, and tells
    for (const { field, value } of sharing) batched.set(field, { key: keyText(value), answers })
  }
  return batched
}

function groupByForm(
  fields: readonly RootField[],
  variables: VariableValues,
): ReadonlyMap<ReadQuery, readonly Sharing[]> {
  const groups = new Map<ReadQuery, Sharing[]>()
  for (const field of fields) {
    const form = field.type === 'read' ? field.reads.byKeysQuery : null
    if (form === null || field.type !== 'read') continue
    const value = keyOf(form, field.args, variables)
    if (value === undefined) continue // what is wrong with it is its own
    const group = groups.get(form) ?? []
    groups.set(form, group)
    group.push({ field, value, lists: field.reads.lists })
  }
  return groups
}

/** The value of a key of one column; undefined where it is not right. */
function keyOf({ operation }: ReadQuery, args: ReadArguments, variables: VariableValues): unknown {
  const [field] = operation.by?.fields ?? []
  if (field === undefined) return undefined
  const value = args(variables)?.[field.name]
  return wireCheck(field)(value) ? value : undefined
}

/** Null where graphql-js has to answer: a part is denied, or an argument does not fit. */
async function answerGroup(
  { engine, context, variables }: OperationRun,
  form: ReadQuery,
  sharing: readonly Sharing[],
): Promise<Rendered | null> {
  const name = form.operation.by?.fields[0]?.name ?? ''
  const { caller, signal, bill } = context
  const lists = readLists(sharing[0]?.lists ?? [], variables) // the same in all of them, as their texts are
  if (lists === null) return null
  return answer(engine, {
    form,
    caller,
    signal,
    bill,
    isCharged: true,
    rows: true,
    total: false,
    key: { [name]: sharing.map(({ value }) => value) },
    lists: [{}, ...lists],
  })
}
