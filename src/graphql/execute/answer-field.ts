// Answers one root field of a compiled operation: the engine writes its JSON.
import { GraphQLError } from 'graphql'
import { answer, execute } from '../../engine/execute.ts'
import { openResultRenderer, type ResultRenderer } from '../../engine/render/render-json.ts'
import { MissingValue } from '../../engine/render/template.ts'
import type { Layout } from '../../engine/result.ts'
import { toProblem } from '../../errors.ts'
import type { Resource } from '../../schema/model/model.ts'
import { decodeNodeId } from '../request/node-id.ts'
import { inContext, nodeOperations, toStandardInput } from '../schema/operations.ts'
import type { BatchedGet } from './batched-gets.ts'
import type { VariableValues } from './coerce.ts'
import { type NodeField, readLists, type Reads, type RootField, type RunField } from './compiled.ts'
import type { FieldAnswer } from './outcome.ts'
import type { OperationRun } from './running.ts'

/** Null where graphql-js has to answer: a part is denied, a value is missing. */
export async function answerField(
  running: OperationRun,
  field: RootField,
  batched?: BatchedGet,
): Promise<FieldAnswer> {
  try {
    switch (field.type) {
      case 'text':
        return { json: field.json }
      case 'read':
        return await (batched === undefined
          ? answerRead(running, field.reads, field.args(running.variables))
          : answerBatched(batched))
      case 'node':
        return await answerNode(running, field)
      case 'run':
        return await answerRun(running, field, field.key)
      case 'resolved':
        return null
    }
  } catch (error) {
    if (error instanceof MissingValue) {
      running.repeated.push(field)
      return null
    }
    const { key, nodes } = field
    return {
      error: new GraphQLError(toProblem(error).message, {
        nodes,
        path: [key],
        originalError: error instanceof Error ? error : toProblem(error),
      }),
    }
  }
}

async function answerRead(
  { engine, context, variables }: OperationRun,
  { form, rows, total, lists }: Reads,
  args: VariableValues | null,
): Promise<FieldAnswer> {
  const related = readLists(lists, variables)
  if (args === null || related === null) return null
  const isList = form.operation.standard === 'list'
  const key = isList ? null : (toStandardInput(form.operation, args).key as VariableValues) // made of the arguments
  const { caller, signal, bill } = context
  const written = await answer(engine, {
    form,
    key,
    rows,
    total,
    caller,
    signal,
    bill,
    isCharged: true,
    lists: [isList ? args : {}, ...related],
  })
  if (written === null) return null
  return { json: written.found ? written.bytes : 'null' }
}

async function answerBatched({ key, answers }: BatchedGet): Promise<FieldAnswer> {
  const written = await answers
  return written === null ? null : { json: written.each?.get(key) ?? 'null' }
}

async function answerNode(
  running: OperationRun,
  { args: readArguments, readsOf }: NodeField,
): Promise<FieldAnswer> {
  const args = readArguments(running.variables)
  if (args === null) return null
  const resources = new Map(
    [...nodeOperations(running.engine.model)].map(([type, { resource }]): [string, Resource] => [
      type,
      resource,
    ]),
  )
  const { resource, key } = decodeNodeId(
    String(args['nodeId']),
    resources,
    running.context.isKnownType,
  )
  const reads = readsOf(resource)
  return reads === null ? null : answerRead(running, reads, key)
}

/** Renderers by layout, for each root field: what a plan answers has the same layout every time. */
const renderers = new WeakMap<RunField, WeakMap<Layout, ResultRenderer>>()

function rendererOf(field: RunField, layout: Layout): ResultRenderer {
  const known = renderers.get(field) ?? new WeakMap<Layout, ResultRenderer>()
  renderers.set(field, known)
  const renderer = known.get(layout) ?? openResultRenderer(() => field.partsOf(layout))
  known.set(layout, renderer)
  return renderer
}

async function answerRun(
  { engine, context, variables, done }: OperationRun,
  field: RunField,
  key: string,
): Promise<FieldAnswer> {
  const { operation } = field
  const args = field.args(variables)
  const selection = field.selectionOf(variables)
  if (args === null || selection === null) return null
  const input =
    operation.standard === null ? { input: args['input'] } : toStandardInput(operation, args)
  const running = execute(engine, {
    operation,
    input,
    selection,
    ...inContext(context),
    isCharged: true,
  })
  done.set(key, running)
  const result = await running
  if (result.type === 'value' || result.type === 'page' || isDenied(result.layout)) return null
  const renderer = rendererOf(field, result.layout)
  if (result.type === 'row') return toAnswered(result.row, (row) => renderer.row(row))
  return toAnswered(result.rows, (rows) => renderer.rows(rows, '', ''))
}

const toAnswered = <T>(value: T | null, render: (value: T) => Buffer): FieldAnswer => ({
  json: value === null ? 'null' : render(value),
})

const isDenied = ({ denied, toOne, toMany }: Layout): boolean =>
  denied.length > 0 ||
  toOne.some((one) => isDenied(one.layout)) ||
  toMany.some((many) => isDenied(many.layout))
