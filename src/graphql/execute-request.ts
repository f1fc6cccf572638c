// One request over /graphql, from its parameters to its body.
import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyRequest } from 'fastify'
import {
  type ExecutionResult,
  type GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql'
import { boundAnswer, checkWritten } from '../answer-bytes.ts'
import type { Engine } from '../engine/engine.ts'
import { claimKey, type ClaimedKey, REPLAYED } from '../engine/write/idempotency.ts'
import { releaseBytes } from '../engine/render/json-buffer.ts'
import { refuseHeader } from '../engine/unsupported-headers.ts'
import type { Problem } from '../errors.ts'
import type { CallerReading, ReadingOf } from './document/caller-reading.ts'
import { findOperation, type FoundOperation, toExecuting } from './document/find-operation.ts'
import { checkVariables } from './document/variables.ts'
import { type ErrorEntry, fitting, toExecutionEntry, toExecutionProblem } from './errors.ts'
import type { Parameters } from './http/graphql-over-http.ts'
import type { GraphqlContext } from './schema/builder.ts'
import type { CompiledOperations } from './execute/compiled-cache.ts'
import { restrictTo } from './execute/compile.ts'
import type { CompiledOperation } from './execute/compiled.ts'
import type { Execution, Executor } from './execute/graphql-js.ts'
import { executeOnce, toKeyed } from './execute/idempotency.ts'
import type { OperationOutcome } from './execute/outcome.ts'
import { type Resolve, run } from './execute/run.ts'
import { executeTogether, mutationsIn } from './execute/shared-transaction.ts'

export interface ExecutionOptions {
  readonly engine: Engine
  /** Whether operations are compiled; without, all of them go through graphql-js, with the same answers. */
  readonly compile?: boolean
  readonly contextOf: (request: FastifyRequest) => Omit<GraphqlContext, 'isKnownType'>
  /** Told of every problem that is answered, for the log. */
  readonly onProblem: (request: FastifyRequest, problem: Problem) => void
}

/** What requests are executed with. */
export interface Serving extends ExecutionOptions {
  /** The whole schema. */
  readonly schema: GraphQLSchema
  readonly readingOf: ReadingOf
  readonly execute: Executor
  readonly compiled: CompiledOperations
  /** A problem in the words that this gateway uses: without lists of names, where introspection is off. */
  readonly tell: (problem: Problem) => Problem
}

interface Executed {
  readonly body: string | Buffer
  readonly headers?: Readonly<Record<string, string>>
}

interface Preparing extends FoundOperation {
  readonly reading: CallerReading
  readonly request: FastifyRequest
  readonly parameters: Parameters
  readonly context: GraphqlContext
}

/** The whole answer: root fields that can be compiled are written by the engine, the others by graphql-js. */
export async function executeRequest(
  serving: Serving,
  request: FastifyRequest,
  parameters: Parameters,
): Promise<Executed> {
  const asked = serving.contextOf(request)
  boundAnswer(asked.signal, serving.engine.limits.maxBytes)
  const key = claimKey(request.headers, asked.caller)
  const reading = serving.readingOf(asked.caller)
  const found = findOperation(reading, request, parameters)
  refuseUnsupported(request.headers, found.operation)
  reading.checkNames(found, parameters.variables)
  const context: GraphqlContext = { ...asked, isKnownType: reading.isKnownType }
  const preparing: Preparing = { ...found, reading, request, parameters, context }
  const mutations = mutationsIn(found.document, found.operation)
  if (key !== null) return executeKeyed(serving, preparing, key, mutations)
  if (mutations.length > 1)
    return { body: await executeMutations(serving, preparing, mutations.length) }
  const body = (await executeCompiled(serving, preparing)) ?? (await executeAll(serving, preparing))
  if (mutations.length === 0) checkWritten(context.signal, body) // a mutation is done
  return { body }
}

/** A document with an Idempotency-Key: executed once, and answered again as it was. */
async function executeKeyed(
  serving: Serving,
  preparing: Preparing,
  key: ClaimedKey,
  mutations: readonly string[],
): Promise<Executed> {
  const { body, repeated } = await executeOnce(
    serving.engine,
    toKeyed(key, mutations, preparing),
    (engine) => executeTogether(engine, serving.execute, mutations.length, prepare(preparing)),
    (result) => toText(serving, preparing, result),
  )
  return { body: body ?? '', headers: repeated ? REPLAYED : {} }
}

/** Several mutations share a transaction. */
async function executeMutations(
  serving: Serving,
  preparing: Preparing,
  count: number,
): Promise<string> {
  const execution = prepare(preparing)
  const result = await executeTogether(serving.engine, serving.execute, count, execution)
  return toText(serving, preparing, result)
}

/** Root fields that can be compiled are; null where none can, or the variables do not fit: graphql-js says what is wrong with them. */
async function executeCompiled(serving: Serving, preparing: Preparing): Promise<Buffer | null> {
  if (serving.compile === false) return null
  const { document, operation, parameters, request } = preparing
  const compiled = serving.compiled.find(document, operation, parameters.variables)
  if (compiled === null) return null
  const outcome = await runCompiled(serving, compiled, preparing)
  if (outcome === null) return null
  return toBytes(
    outcome.body,
    outcome.errors.map((error) => toEntryOf(serving, request, error)),
  )
}

/** Everything by graphql-js. */
async function executeAll(serving: Serving, preparing: Preparing): Promise<string> {
  return toText(serving, preparing, await serving.execute(prepare(preparing)))
}

async function runCompiled(
  serving: Serving,
  compiled: CompiledOperation,
  preparing: Preparing,
): Promise<OperationOutcome | null> {
  const { document, operation, parameters, context } = preparing
  const resolve: Resolve = async (fields, done) => {
    const execution = prepare({ ...preparing, context: { ...context, done } })
    return serving.execute({ ...execution, document: restrictTo(document, operation, fields) })
  }
  return run(serving.engine, compiled, { variables: parameters.variables, context, resolve })
}

/** Versions stand in a document: one for each row that it changes. */
const unkept = ['if-match', 'if-unmodified-since'] as const

function refuseUnsupported(
  headers: IncomingHttpHeaders,
  { operation }: OperationDefinitionNode,
): void {
  if (operation !== OperationTypeNode.MUTATION)
    refuseHeader(headers, 'idempotency-key', 'It is for writes.')
  for (const name of unkept)
    refuseHeader(headers, name, 'A mutation has the version in its argument ifVersion.')
}

function toBytes(body: Buffer, errors: readonly ErrorEntry[]): Buffer {
  if (errors.length === 0) return body
  const whole = Buffer.concat([
    Buffer.from(`{"errors":${JSON.stringify(fitting(errors))},"data":`),
    body,
    Buffer.from('}'),
  ])
  releaseBytes(body)
  return whole
}

/** The variables, where nothing compiled has looked at them. */
function prepare(preparing: Preparing): Execution {
  const { reading, document, operation, parameters, context } = preparing
  checkVariables(toExecuting(reading, { document, operation }), parameters.variables)
  return {
    document,
    context,
    operationName: parameters.operationName,
    variables: parameters.variables,
  }
}

/** The answer of graphql-js as JSON, by JSON.stringify: numbers keep the digits that they were stored with. */
function toText(
  serving: Serving,
  { request }: Preparing,
  { data, errors }: ExecutionResult,
): string {
  if (errors === undefined) return JSON.stringify({ data })
  const entries = errors.map((error) => toEntryOf(serving, request, error))
  return JSON.stringify({ errors: fitting(entries), data: data ?? null })
}

function toEntryOf(serving: Serving, request: FastifyRequest, error: GraphQLError): ErrorEntry {
  const problem = serving.tell(toExecutionProblem(error))
  serving.onProblem(request, problem)
  return toExecutionEntry(error, problem, request.id)
}
