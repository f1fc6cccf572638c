// Runs compiled operations: the engine writes the text of each root field, and they are put together.
import { type ExecutionResult, GraphQLError } from 'graphql'
import type { Engine } from '../../engine/engine.ts'
import { answer, execute } from '../../engine/execute.ts'
import {
  releaseBytes,
  toSource,
  writeBytes,
  writeRaw,
  writeText,
} from '../../engine/render/json-buffer.ts'
import type { Layout, Row } from '../../engine/result.ts'
import { MissingValue } from '../../engine/render/template.ts'
import { openTextRenderer } from '../../engine/render/render-json.ts'
import { toProblem } from '../../errors.ts'
import type { Resource } from '../../schema/model/model.ts'
import type { GraphqlContext } from '../schema/builder.ts'
import { decodeNodeId } from '../request/node-id.ts'
import { nodeOperations, toStandardInput } from '../schema/operations.ts'
import { NotCompiled, type Values } from './coerce.ts'
import type { Compiled, Reads, RootField } from './compile.ts'
import type { Done, Running } from './running.ts'
import { answerEach, type Together } from './batched-gets.ts'

/** The JSON of a root field: its value, or why it is null; null where graphql-js has to answer. */
type Answered = { readonly json: string | Buffer } | { readonly error: GraphQLError } | null

/** Has graphql-js answer some of the root fields; what the engine has done for them already is not done again. */
export type Resolve = (fields: readonly RootField[], done: Done) => Promise<ExecutionResult>

export interface Outcome {
  /** The whole body; where there are errors, `data` alone. */
  readonly body: Buffer
  readonly errors: readonly GraphQLError[]
}

/**
 * Runs an operation root field by root field: each is compiled, or resolved by graphql-js, and runs once.
 * @throws NotCompiled where the variables do not fit, before anything was done
 */
export async function run(
  engine: Engine,
  { kind, coerce, fields }: Compiled,
  request: Request,
): Promise<Outcome> {
  const { context, resolve } = request
  const running: Running = {
    engine,
    context,
    variables: coerce(request.variables),
    done: new Map(),
  }
  const [answers, planned] = await Promise.all([
    kind === 'query' ? answerAll(running, fields) : answerInTurn(running, fields),
    resolveSome(
      resolve,
      fields.filter(({ type }) => type === 'resolved'),
      running.done,
    ),
  ])
  // Known only now: the caller is denied a part of these, or a value is missing.
  const rest = fields.filter(({ type }, i) => type !== 'resolved' && answers[i] === null)
  return toOutcome(fields, answers, [planned, await resolveSome(resolve, rest, running.done)])
}

interface Request {
  readonly variables: Values
  readonly context: GraphqlContext
  readonly resolve: Resolve
}

const NOTHING: ExecutionResult = { data: {} }

const resolveSome = async (
  resolve: Resolve,
  fields: readonly RootField[],
  done: Done,
): Promise<ExecutionResult> => (fields.length === 0 ? NOTHING : resolve(fields, done))

function answerAll(running: Running, fields: readonly RootField[]): Promise<readonly Answered[]> {
  const together = answerEach(running, fields)
  return Promise.all(fields.map((field) => answerField(running, field, together.get(field))))
}

/** Mutations run one after the other (GraphQL's specification, 6.2.2). */
async function answerInTurn(
  running: Running,
  fields: readonly RootField[],
): Promise<readonly Answered[]> {
  const answers: Answered[] = []
  for (const field of fields) answers.push(await answerField(running, field))
  return answers
}

function toOutcome(
  fields: readonly RootField[],
  answers: readonly Answered[],
  resolved: readonly ExecutionResult[],
): Outcome {
  const errors = errorsOf(fields, answers, resolved)
  const body = resolved.some(({ data }) => data === null || data === undefined)
    ? Buffer.from('null') // an error below a field that is never null
    : writeBytes((out) => {
        writeText(out, errors.length === 0 ? '{"data":{' : '{')
        for (const [i, { key }] of fields.entries()) {
          writeText(out, `${i === 0 ? '' : ','}${JSON.stringify(key)}:`)
          const json = jsonOf(key, answers[i] ?? null, resolved)
          if (typeof json === 'string') writeText(out, json)
          else writeRaw(out, toSource(json), 0, json.length)
        }
        writeText(out, errors.length === 0 ? '}}' : '}')
      })
  for (const answered of answers)
    if (answered !== null && 'json' in answered && typeof answered.json !== 'string')
      releaseBytes(answered.json)
  return { body, errors }
}

function jsonOf(
  key: string,
  answered: Answered,
  resolved: readonly ExecutionResult[],
): string | Buffer {
  if (answered !== null) return 'json' in answered ? answered.json : 'null'
  const value = resolved.find(({ data }) => Object.hasOwn(data ?? {}, key))?.data?.[key]
  return JSON.stringify(value ?? null)
}

/** In the order of the root fields that they are below. */
function errorsOf(
  fields: readonly RootField[],
  answers: readonly Answered[],
  resolved: readonly ExecutionResult[],
): readonly GraphQLError[] {
  const told = resolved.flatMap(({ errors = [] }) => errors)
  const ofRequest = told.filter(({ path }) => path === undefined)
  return [
    ...ofRequest,
    ...fields.flatMap(({ key }, i) => {
      const answered = answers[i] ?? null
      if (answered !== null) return 'error' in answered ? [answered.error] : []
      return told.filter(({ path }) => path?.[0] === key)
    }),
  ]
}

/** Null where graphql-js has to answer: a part is denied, a value is missing. */
async function answerField(
  running: Running,
  field: RootField,
  together?: Together,
): Promise<Answered> {
  try {
    switch (field.type) {
      case 'text':
        return { json: field.json }
      case 'read':
        if (together !== undefined) return await answerTogether(together)
        return await answerRead(running, field.reads, field.args(running.variables))
      case 'node':
        return await answerNode(running, field)
      case 'run':
        return await answerRun(running, field)
      case 'resolved':
        return null
    }
  } catch (error) {
    if (error instanceof MissingValue || error instanceof NotCompiled) return null
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
  { engine, context, variables }: Running,
  { form, rows, total, lists }: Reads,
  args: Values,
): Promise<Answered> {
  const isList = form.operation.standard === 'list'
  const key = isList ? null : (toStandardInput(form.operation, args).key as Values) // made of the arguments
  const related = lists.map((list) => list(variables))
  const { caller, signal } = context
  const written = await answer(engine, {
    form,
    key,
    rows,
    total,
    caller,
    signal,
    lists: [isList ? args : {}, ...related],
  })
  if (written === null) return null
  return { json: written.found ? written.bytes : 'null' }
}

async function answerTogether({ key, answers }: Together): Promise<Answered> {
  const written = await answers
  return written === null ? null : { json: written.each?.get(key) ?? 'null' }
}

async function answerNode(
  running: Running,
  { args, readsOf }: Extract<RootField, { type: 'node' }>,
): Promise<Answered> {
  const { nodeId } = args(running.variables)
  const resources = new Map(
    [...nodeOperations(running.engine.model)].map(([type, { resource }]): [string, Resource] => [
      type,
      resource,
    ]),
  )
  const { resource, key } = decodeNodeId(String(nodeId), resources)
  const reads = readsOf(resource)
  return reads === null ? null : answerRead(running, reads, key)
}

/** Writers by layout, for each root field: what a plan answers has the same layout every time. */
const writers = new WeakMap<RootField, WeakMap<Layout, (row: Row) => string>>()

function writerOf(
  field: Extract<RootField, { type: 'run' }>,
  layout: Layout,
): (row: Row) => string {
  const known = writers.get(field) ?? new WeakMap<Layout, (row: Row) => string>()
  writers.set(field, known)
  const write = known.get(layout) ?? openTextRenderer({ parts: field.partsOf(layout) })
  known.set(layout, write)
  return write
}

async function answerRun(
  { engine, context, variables, done }: Running,
  field: Extract<RootField, { type: 'run' }>,
): Promise<Answered> {
  const { operation } = field
  const args = field.args(variables)
  const selection = field.selectionOf(variables)
  const input =
    operation.standard === null ? { input: args['input'] } : toStandardInput(operation, args)
  const { caller, signal } = context
  const running = execute(engine, { operation, input, selection, caller, signal, denied: 'omit' })
  done.set(field.key, running)
  const result = await running
  if (result.type === 'value' || result.type === 'page' || isDenied(result.layout)) return null
  const write = (row: Row): string => writerOf(field, result.layout)(row) // without a row its layout is empty
  if (result.type === 'rows')
    return {
      json:
        result.rows === null
          ? 'null'
          : `[${result.rows.map((row) => (row === null ? 'null' : write(row))).join()}]`,
    }
  return { json: result.row === null ? 'null' : write(result.row) }
}

const isDenied = ({ denied, toOne, toMany }: Layout): boolean =>
  denied.length > 0 ||
  toOne.some((one) => isDenied(one.layout)) ||
  toMany.some((many) => isDenied(many.layout))
