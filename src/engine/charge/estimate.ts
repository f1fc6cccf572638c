// From a request of either face to its estimate, before it is parsed: arguments that the parser will refuse cost what a right one would.
import type {
  CustomOperation,
  Model,
  Resource,
  StandardOperation,
} from '../../schema/model/model.ts'
import type { EngineRequest, ListInput, Selection, Total } from '../request.ts'
import { selectedLists } from '../selection-lists.ts'
import { addAggregate } from './aggregate-cost.ts'
import { costliestOf, type Estimate, openTally, type Tally, toCost } from './cost.ts'
import { addOwnList, addRows } from './read-cost.ts'
import { type RowShape, toRowShape } from './row-shape.ts'
import { addWrite } from './write-cost.ts'

type Resources = Pick<Model, 'resources'>

/** What of a request its cost depends on. */
export type Asked = Pick<EngineRequest, 'operation' | 'input' | 'selection' | 'rows' | 'total'>

/** What of a request of a read query its cost depends on. */
export interface AskedRead {
  readonly form: {
    readonly operation: StandardOperation
    readonly selection: Selection
  }
  readonly lists: readonly ListInput[]
  readonly rows: boolean
  readonly total: Total
}

const shapes = new WeakMap<AskedRead['form'], RowShape>()

/** The estimate of a get or a list. The shape of its rows is worked out once for a read query. */
export function estimateRead(model: Resources, asked: AskedRead): Estimate {
  const { form } = asked
  let shape = shapes.get(form)
  if (shape === undefined) {
    const { operation, selection } = form
    shape = toRowShape(model, operation.resource, selection, nameOf(operation))
    shapes.set(form, shape)
  }
  return estimateRows(model, form.operation, shape, asked)
}

/** The estimate of any operation. */
export function estimate(model: Resources, asked: Asked): Estimate {
  const { operation } = asked
  if (operation.standard === null) return estimateCustom(model, operation, asked)
  if (operation.standard === 'get' || operation.standard === 'list')
    return estimateSelected(model, operation, asked)
  const add = (tally: Tally): number => {
    if (operation.standard !== 'aggregate') return addWritten(tally, model, operation, asked)
    const { input, selection } = asked
    tally.statements += 1
    addAggregate(tally, model, operation.resource, {
      input: input.aggregate ?? {},
      selection,
    })
    return 0
  }
  return toEstimate(operation.name, add)
}

/** Of what the model knows nothing of, such as a hand-written field: a request costs a point. */
export const UNKNOWN: Estimate = Object.freeze({
  rows: 0,
  statements: 0,
  bytes: 0,
  points: 1,
  fixed: 1,
  costliest: () => 'one of its fields',
})

const nameOf = ({ standard, resource }: StandardOperation): string =>
  standard === 'list' ? resource.plural : resource.key

const listsOf = (
  model: Resources,
  { operation, input, selection }: Asked,
  resource: Resource,
): readonly ListInput[] => {
  const own = operation.standard === 'list' ? (input.list ?? {}) : {}
  if (selection === null) return [own]
  return [own, ...selectedLists(model as Model, resource, selection).map(({ list }) => list)]
}

function estimateSelected(model: Resources, operation: StandardOperation, asked: Asked): Estimate {
  const { resource } = operation
  const selection = asked.selection ?? NOTHING
  const shape = toRowShape(model, resource, selection, nameOf(operation))
  const { rows = true, total = false } = asked
  return estimateRows(model, operation, shape, {
    rows,
    total,
    lists: listsOf(model, asked, resource),
  })
}

function estimateRows(
  model: Resources,
  operation: StandardOperation,
  row: RowShape,
  { lists, rows, total }: Pick<AskedRead, 'lists' | 'rows' | 'total'>,
): Estimate {
  const path = nameOf(operation)
  return toEstimate(path, (tally) => {
    tally.statements += 1
    if (operation.standard === 'list') addOwnList(tally, model, { path, row, rows, total }, lists)
    else addRows(tally, row, { model, lists, most: 1, likely: 1, repeated: 0 })
    return 0
  })
}

/** @param add adds everything, and answers how many rows may be written */
function toEstimate(name: string, add: (tally: Tally) => number): Estimate {
  const tally = openTally()
  const writes = add(tally)
  return {
    ...toCost(tally, writes),
    costliest: () => costliestOf(name, (note) => add(openTally(note))),
  }
}

function addWritten(
  tally: Tally,
  model: Resources,
  operation: StandardOperation,
  asked: Asked,
): number {
  const { writes, shown } = addWrite(tally, model, operation, asked.input)
  addShown(tally, model, asked, { resource: operation.resource, most: shown })
  return writes
}

/** Rows that are read back by their keys. */
function addShown(
  tally: Tally,
  model: Resources,
  asked: Asked,
  { resource, most }: { readonly resource: Resource; readonly most: number },
): void {
  const { operation, selection } = asked
  if (selection === null) return
  const row = toRowShape(model, resource, selection, operation.name)
  const lists = listsOf(model, asked, resource)
  tally.note?.(operation.name, { rows: most, bytes: most * row.bytes, work: 0 })
  addRows(tally, row, { model, lists, most, likely: most, repeated: 0 })
}

/** Points of a custom operation: its handler's own statements are not known, and most of them are more than one. */
const CUSTOM_POINTS = 10

/** A handler's own statements are not known; of the rows that it answers as many are expected as a page has. */
const estimateCustom = (
  model: Resources,
  { name, output }: CustomOperation,
  asked: Asked,
): Estimate =>
  toEstimate(name, (tally) => {
    tally.statements += 1
    tally.work += CUSTOM_POINTS - 1
    if (output.type !== 'value')
      addShown(tally, model, asked, {
        resource: output.resource,
        most: output.type === 'row' ? 1 : output.resource.page.max,
      })
    return 0
  })

/** Rows that a handler answers beyond those that were expected of it. */
export const estimateMoreRows = (
  model: Resources,
  resource: Resource,
  asked: Asked,
  rows: number,
): Estimate =>
  toEstimate(asked.operation.name, (tally) => {
    addShown(tally, model, asked, { resource, most: rows })
    return 0
  })

const NOTHING: Selection = { fields: [], relations: [] }
