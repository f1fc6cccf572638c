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
import { chargeBill, costOfBill } from '../engine/charge/bill.ts'
import type { Engine } from '../engine/engine.ts'
import type { Bill } from '../engine/request.ts'
import { claimKey, type ClaimedKey, REPLAYED } from '../engine/write/idempotency.ts'
import { releaseBytes } from '../engine/render/json-buffer.ts'
import { refuseHeader } from '../engine/unsupported-headers.ts'
import type { Problem } from '../errors.ts'
import type { CallerReading, ReadingOf } from './document/caller-reading.ts'
import { findOperation, type FoundOperation, toExecuting } from './document/find-operation.ts'
import { nameOf } from './document/operation-name.ts'
import { boundVariables } from './document/variable-uses.ts'
import { checkVariables } from './document/variables.ts'
import { type ErrorEntry, fitting, toExecutionEntry, toExecutionProblem } from './errors.ts'
import type { Parameters } from './http/graphql-over-http.ts'
import type { GraphqlContext, RequestContext } from './schema/builder.ts'
import type { CompiledOperations } from './execute/compiled-cache.ts'
import { restrictTo } from './execute/compile.ts'
import type { CompiledOperation } from './execute/compiled.ts'
import { extensionsText } from './http/cost-extension.ts'
import { estimateCompiled, estimateOperation } from './charge/estimate-fields.ts'
import type { Execution, Executor } from './execute/graphql-js.ts'
import { executeOnce, toKeyed } from './execute/idempotency.ts'
import type { OperationOutcome } from './execute/outcome.ts'
import { type Resolve, run } from './execute/run.ts'
import { executeTogether, mutationsIn } from './execute/shared-transaction.ts'

export interface ExecutionOptions {
  readonly engine: Engine
  /** Whether operations are compiled; without, all of them go through graphql-js, with the same answers. */
  readonly compile?: boolean
  readonly contextOf: (request: FastifyRequest) => RequestContext
  /** Called with the name of the operation that a request asks for, or its root fields. */
  readonly onOperation?: (request: FastifyRequest, name: string) => void
  /** Is given the bill of each request, before anything stands on it. */
  readonly onBill?: (request: FastifyRequest, bill: Bill) => void
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
  readonly bill: Bill
}

/** What a request brings, before its document is read. */
interface Asked extends Pick<Preparing, 'parameters' | 'bill'> {
  readonly context: Omit<GraphqlContext, 'isKnownType'>
}

/** The whole answer: root fields that can be compiled are written by the engine, the others by graphql-js. */
export async function executeRequest(
  serving: Serving,
  request: FastifyRequest,
  { parameters, context: asked, bill }: Asked,
): Promise<Executed> {
  boundAnswer(asked.signal, serving.engine.limits.maxBytes)
  const key = claimKey(request.headers, asked.caller)
  const reading = serving.readingOf(asked.caller)
  const found = findOperation(reading, request, parameters)
  serving.onOperation?.(request, nameOf(found.operation))
  refuseUnsupported(request.headers, found.operation)
  boundVariables(found, parameters.variables, reading.documentLimits.variables)
  reading.checkNames(found, parameters.variables)
  const context: GraphqlContext = { ...asked, isKnownType: reading.isKnownType }
  const preparing: Preparing = { ...found, reading, request, parameters, context, bill }
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
  const execution = await prepare(serving, preparing) // charged before the key is looked for
  const { body, repeated } = await executeOnce(
    serving.engine,
    toKeyed(key, mutations, preparing),
    (engine) => executeTogether(engine, serving.execute, mutations.length, execution),
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
  const execution = await prepare(serving, preparing)
  const result = await executeTogether(serving.engine, serving.execute, count, execution)
  return toText(serving, preparing, result)
}

/** Root fields that can be compiled are; null where none can, or the variables do not fit: graphql-js says what is wrong with them. */
async function executeCompiled(serving: Serving, preparing: Preparing): Promise<Buffer | null> {
  if (serving.compile === false) return null
  const { document, operation, parameters } = preparing
  const compiled = serving.compiled.find(document, operation, parameters.variables)
  if (compiled === null) return null
  const outcome = await runCompiled(serving, compiled, preparing)
  if (outcome === null) return null
  return toBytes(
    outcome.body,
    outcome.errors.map((error) => toEntryOf(serving, preparing, error)),
    preparing.bill,
  )
}

/** Everything by graphql-js. */
async function executeAll(serving: Serving, preparing: Preparing): Promise<string> {
  return toText(serving, preparing, await serving.execute(await prepare(serving, preparing)))
}

async function runCompiled(
  serving: Serving,
  compiled: CompiledOperation,
  preparing: Preparing,
): Promise<OperationOutcome | null> {
  const { engine, schema } = serving
  const { document, operation, parameters, bill } = preparing
  const context = { ...preparing.context, isCharged: true } // before any of them is run
  const resolve: Resolve = async (fields, done) => {
    checkVariables(toExecuting(preparing.reading, { document, operation }), parameters.variables)
    return serving.execute({
      ...executionOf(preparing),
      document: restrictTo(document, operation, fields),
      context: { ...context, done },
    })
  }
  return run(engine, compiled, {
    variables: parameters.variables,
    context,
    bill,
    resolve,
    charge: (variables, fields) =>
      chargeBill(
        engine,
        bill,
        estimateCompiled(
          { engine, schema, document, operation, variables, isKnownType: context.isKnownType },
          fields,
        ),
      ),
  })
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

function toBytes(body: Buffer, errors: readonly ErrorEntry[], bill: Bill): Buffer {
  if (errors.length === 0) return body
  const whole = Buffer.concat([
    Buffer.from(`{"errors":${JSON.stringify(fitting(errors))},"data":`),
    body,
    Buffer.from(`,${extensionsText(bill)}}`),
  ])
  releaseBytes(body)
  return whole
}

/** Checks the variables and charges the operation, where nothing compiled has done so. */
async function prepare(serving: Serving, preparing: Preparing): Promise<Execution> {
  const { engine, schema } = serving
  const { reading, document, operation, parameters, context, bill } = preparing
  const { variables } = parameters
  checkVariables(toExecuting(reading, { document, operation }), variables)
  const { isKnownType } = context
  const estimates = estimateOperation(
    { engine, schema, document, operation, isKnownType },
    variables,
  )
  if (estimates === null) return executionOf(preparing)
  await chargeBill(engine, bill, estimates)
  return { ...executionOf(preparing), context: { ...context, isCharged: true } }
}

const executionOf = ({ document, context, parameters }: Preparing): Execution => ({
  document,
  context,
  operationName: parameters.operationName,
  variables: parameters.variables,
})

/** The answer of graphql-js as JSON, by JSON.stringify: numbers keep the digits that they were stored with. */
function toText(serving: Serving, preparing: Preparing, { data, errors }: ExecutionResult): string {
  const extensions = { cost: costOfBill(preparing.bill) }
  if (errors === undefined) return JSON.stringify({ data, extensions })
  const entries = errors.map((error) => toEntryOf(serving, preparing, error))
  return JSON.stringify({ errors: fitting(entries), data: data ?? null, extensions })
}

/** A part that the caller may not see is left out, and the others come to their end. */
const isDenial = ({ code }: Problem): boolean => code === 'FORBIDDEN' || code === 'UNAUTHENTICATED'

function toEntryOf(
  serving: Serving,
  { request, bill }: Preparing,
  error: GraphQLError,
): ErrorEntry {
  const problem = serving.tell(toExecutionProblem(error))
  if (!isDenial(problem)) bill.isBroken = true
  serving.onProblem(request, problem)
  return toExecutionEntry(error, problem, request.id)
}
