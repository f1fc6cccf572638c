// Runs compiled operations: the engine writes the text of each root field, and they are put together.
import { GraphQLError } from 'graphql'
import type { Engine } from '../../engine/engine.ts'
import { execute } from '../../engine/execute.ts'
import { releaseBytes, toSource, writeBytes, writeRaw, writeText } from '../../engine/render/json-buffer.ts'
import { answer } from '../../engine/read/prepare-read.ts'
import type { Layout, Row } from '../../engine/result.ts'
import { MissingValue } from '../../engine/render/template.ts'
import { openTextWriter } from '../../engine/render/render-json.ts'
import { toProblem } from '../../errors.ts'
import type { Resource } from '../../schema/model/model.ts'
import type { GraphqlContext } from '../schema/builder.ts'
import { decodeNodeId } from '../request/node-id.ts'
import { nodeOperations, toStandardInput } from '../schema/operations.ts'
import { NotCompiled, type Values } from './coerce.ts'
import type { Compiled, Reads, RootField } from './compile.ts'
import type { Done, Running } from './running.ts'
import { answerEach, type Together } from './batched-gets.ts'

export type Outcome =
  /** The whole body; where there are errors, `data` alone. */
  | { readonly type: 'body', readonly body: Buffer, readonly errors: readonly GraphQLError[] }
  | { readonly type: 'ordinary', readonly done: Done }

/** The JSON of a root field: its value, or why it is null. */
type Answered = { readonly json: string | Buffer } | { readonly error: GraphQLError } | null

/** @throws NotCompiled where the variables do not fit, before anything was done */
export async function run(engine: Engine, { kind, coerce, fields }: Compiled, given: Values, context: GraphqlContext): Promise<Outcome> {
  const running: Running = { engine, context, variables: coerce(given), done: new Map() }
  const answers = kind === 'query' ? await answerQuery(running, fields) : await answerMutation(running, fields)
  return answers.includes(null) ? { type: 'ordinary', done: running.done } : toBody(fields, answers)
}

function answerQuery(running: Running, fields: readonly RootField[]): Promise<readonly Answered[]> {
  const together = answerEach(running, fields)
  return Promise.all(fields.map((field) => answerField(running, field, together.get(field))))
}

/** Mutations run one after the other, as the specification says. */
async function answerMutation(running: Running, fields: readonly RootField[]): Promise<readonly Answered[]> {
  const answers: Answered[] = []
  for (const field of fields) answers.push(await answerField(running, field))
  return answers
}

function toBody(fields: readonly RootField[], answers: readonly Answered[]): Outcome {
  const errors = answers.flatMap((answered) => answered !== null && 'error' in answered ? [answered.error] : [])
  const body = writeBytes((out) => {
    writeText(out, errors.length === 0 ? '{"data":{' : '{')
    for (const [i, { key }] of fields.entries()) {
      writeText(out, `${i === 0 ? '' : ','}${JSON.stringify(key)}:`)
      const answered = answers[i] ?? null
      const json = answered !== null && 'json' in answered ? answered.json : 'null'
      if (typeof json === 'string') writeText(out, json)
      else writeRaw(out, toSource(json), 0, json.length)
    }
    writeText(out, errors.length === 0 ? '}}' : '}')
  })
  for (const answered of answers) if (answered !== null && 'json' in answered && typeof answered.json !== 'string') releaseBytes(answered.json)
  return { type: 'body', body, errors }
}

/** Null where the ordinary way has to answer: an error in the middle, a value that is missing. */
async function answerField(running: Running, field: RootField, together?: Together): Promise<Answered> {
  try {
    switch (field.type) {
      case 'text': return { json: field.json }
      case 'read':
        if (together !== undefined) return await answerTogether(together)
        return await answerRead(running, field.reads, field.args(running.variables))
      case 'node': return await answerNode(running, field)
      case 'run': return await answerRun(running, field)
    }
  } catch (error) {
    if (error instanceof MissingValue || error instanceof NotCompiled) return null
    const { key, nodes } = field
    return { error: new GraphQLError(toProblem(error).message, { nodes, path: [key], originalError: error instanceof Error ? error : toProblem(error) }) }
  }
}

async function answerRead({ engine, context, variables }: Running, { form, rows, total, lists }: Reads, args: Values): Promise<Answered> {
  const isList = form.operation.standard === 'list'
  const key = isList ? null : toStandardInput(form.operation, args).key as Values // made of the arguments
  const related = lists.map((list) => list(variables))
  const { caller, signal } = context
  const written = await answer(engine, { form, key, rows, total, caller, signal, lists: [isList ? args : {}, ...related] })
  if (written === null) return null
  return { json: written.found ? written.bytes : 'null' }
}

async function answerTogether({ key, answers }: Together): Promise<Answered> {
  const written = await answers
  return written === null ? null : { json: written.each?.get(key) ?? 'null' }
}

async function answerNode(running: Running, { args, readsOf }: Extract<RootField, { type: 'node' }>): Promise<Answered> {
  const { nodeId } = args(running.variables)
  const resources = new Map([...nodeOperations(running.engine.model)].map(([type, { resource }]): [string, Resource] => [type, resource]))
  const { resource, key } = decodeNodeId(String(nodeId), resources)
  const reads = readsOf(resource)
  return reads === null ? null : answerRead(running, reads, key)
}

/** Writers by layout, for each root field: what a plan answers has the same layout every time. */
const writers = new WeakMap<RootField, WeakMap<Layout, (row: Row) => string>>()

function writerOf(field: Extract<RootField, { type: 'run' }>, layout: Layout): (row: Row) => string {
  const known = writers.get(field) ?? new WeakMap<Layout, (row: Row) => string>()
  writers.set(field, known)
  const write = known.get(layout) ?? openTextWriter({ parts: field.partsOf(layout) })
  known.set(layout, write)
  return write
}

async function answerRun({ engine, context, variables, done }: Running, field: Extract<RootField, { type: 'run' }>): Promise<Answered> {
  const { operation } = field
  const args = field.args(variables)
  const selection = field.selectionOf(variables)
  const input = operation.standard === null ? { input: args['input'] } : toStandardInput(operation, args)
  const { caller, signal } = context
  const running = execute(engine, { operation, input, selection, caller, signal, denied: 'omit' })
  done.set(field.key, running)
  const result = await running
  if (result.type === 'value' || result.type === 'page' || isDenied(result.layout)) return null
  const write = (row: Row): string => writerOf(field, result.layout)(row) // without a row its layout is empty
  if (result.type === 'rows') return { json: result.rows === null ? 'null' : `[${result.rows.map((row) => row === null ? 'null' : write(row)).join()}]` }
  return { json: result.row === null ? 'null' : write(result.row) }
}

const isDenied = ({ denied, ones, manys }: Layout): boolean => denied.length > 0
  || ones.some((one) => isDenied(one.layout)) || manys.some((many) => isDenied(many.layout))
