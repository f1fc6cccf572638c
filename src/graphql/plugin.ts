// Face one on the server: /graphql, and the schema's document.
import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import {
  type DocumentNode,
  getOperationAST,
  type GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql'
import type { Engine } from '../engine/engine.ts'
import { execute as executeOperation } from '../engine/execute.ts'
import { claimKey, REPLAYED } from '../engine/write/idempotency.ts'
import { releaseBytes } from '../engine/render/json-buffer.ts'
import { refuseHeader } from '../engine/unsupported-headers.ts'
import { echo, Problem, toProblem } from '../errors.ts'
import type { AnyExtension, DrizzleParts, GraphqlContext } from './schema/builder.ts'
import { type CompiledOperations, openCompiledOperations } from './execute/compiled-cache.ts'
import { restrictTo } from './execute/compile.ts'
import type { CompiledOperation } from './execute/compiled.ts'
import type { OperationOutcome } from './execute/outcome.ts'
import { type Resolve, run } from './execute/run.ts'
import {
  defaultDocumentLimits,
  type DocumentLimits,
  type Documents,
  openDocuments,
} from './document/read-document.ts'
import {
  type ErrorEntry,
  fitting,
  isDocumentFault,
  refuseLiterals,
  toDocumentEntries,
  toEntry,
  toExecutionEntry,
  toExecutionProblem,
  toRequestProblem,
} from './errors.ts'
import { type Execution, type Executor, openExecutor } from './execute/graphql-js.ts'
import {
  mayMutate,
  type MediaType,
  negotiate,
  type Parameters,
  readParameters,
} from './http/graphql-over-http.ts'
import { executeOnce, toKeyed } from './execute/idempotency.ts'
import { buildGraphqlSchema, printGraphqlSchema } from './schema/build-schema.ts'
import { executeTogether, mutationsIn } from './execute/shared-transaction.ts'
import { checkVariables, type Executing, issuesOfLiterals } from './document/variables.ts'

export interface GraphqlOptions {
  readonly engine: Engine
  /** Whether the schema may be asked for: by introspection, in GraphQL's own suggestions, at /schema.graphql. */
  readonly introspection: boolean
  readonly limits?: Partial<DocumentLimits>
  /** Whether operations are compiled; without, all of them go through graphql-js, with the same answers. */
  readonly compile?: boolean
  readonly contextOf: (request: FastifyRequest) => GraphqlContext
  readonly drizzle: DrizzleParts
  /** Hand-written fields. */
  readonly extension?: AnyExtension | undefined
  /** Told of every problem that is answered, for the log. */
  readonly onProblem: (request: FastifyRequest, problem: Problem) => void
}

interface Serving extends GraphqlOptions {
  readonly schema: GraphQLSchema
  readonly documents: Documents
  readonly documentLimits: DocumentLimits
  readonly execute: Executor
  readonly compiled: CompiledOperations
}

/** Serves a model as GraphQL. Other methods on its addresses are the server's to answer, as everywhere. */
export async function graphqlPlugin(app: FastifyInstance, options: GraphqlOptions): Promise<void> {
  const { engine, introspection, drizzle, extension } = options
  const schema = buildGraphqlSchema({
    model: engine.model,
    drizzle,
    extension,
    run: (request, { together }) => executeOperation(together?.engine ?? engine, request),
  })
  const documentLimits = { ...defaultDocumentLimits, ...options.limits }
  const serving: Serving = {
    ...options,
    schema,
    documentLimits,
    documents: openDocuments({
      schema,
      model: engine.model,
      introspection,
      limits: documentLimits,
      budget: engine.cacheBudget,
    }),
    execute: await openExecutor(app, schema, drizzle.client),
    compiled: openCompiledOperations({ model: engine.model, schema, limit: documentLimits.values }),
  }
  await app.register(async (scope) => {
    scope.setErrorHandler((error, request, reply) => {
      const problem = toRequestProblem(error)
      if (problem === null) throw error // the server's own handler knows the framework's errors, and logs defects
      options.onProblem(request, problem)
      return send(reply.code(problem.status).headers(problem.headers), 'application/json', {
        errors: [toEntry(problem, request.id)],
      })
    })
    scope.route({
      method: ['GET', 'POST'],
      url: '/graphql',
      handler: (request, reply) => answer(serving, request, reply),
    })
  })
  if (introspection) {
    const document = printGraphqlSchema(schema)
    app.get('/schema.graphql', (_request, reply) =>
      reply.type('text/plain; charset=utf-8').send(document),
    )
  }
}

interface Body {
  readonly data?: unknown
  readonly errors?: readonly ErrorEntry[]
}

/** JSON.stringify and no schema of the answer, so that numbers keep the digits that they were stored with. */
const send = (reply: FastifyReply, mediaType: MediaType, body: Body): FastifyReply =>
  sendBytes(reply, mediaType, JSON.stringify(body))

function sendBytes(reply: FastifyReply, mediaType: MediaType, body: string | Buffer): FastifyReply {
  if (typeof body !== 'string') reply.raw.once('finish', () => releaseBytes(body))
  return reply.header('cache-control', 'no-store').type(`${mediaType}; charset=utf-8`).send(body)
}

async function answer(
  serving: Serving,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const mediaType = negotiate(request.headers.accept)
  const parameters = readParameters(request)
  try {
    const { body, headers = {} } = await execute(serving, request, parameters)
    return sendBytes(reply.headers(headers), mediaType, body)
  } catch (error) {
    const { problem, entries } = toRefusal(error, request)
    serving.onProblem(request, problem)
    // What is no GraphQL answer at all keeps its status; a document's faults are an answer of 200 in application/json.
    const asAnswer =
      mediaType === 'application/json' &&
      problem.status < 500 &&
      problem.code !== 'METHOD_NOT_ALLOWED'
    return send(reply.code(asAnswer ? 200 : problem.status).headers(problem.headers), mediaType, {
      errors: fitting(entries),
    })
  }
}

interface Executed {
  readonly body: string | Buffer
  readonly headers?: Readonly<Record<string, string>>
}

/** The whole answer: root fields that can be compiled are written by the engine, the others by graphql-js. */
async function execute(
  serving: Serving,
  request: FastifyRequest,
  parameters: Parameters,
): Promise<Executed> {
  const context = serving.contextOf(request)
  const key = claimKey(request.headers, context.caller)
  const { document, operation } = findOperation(serving, request, parameters)
  refuseUnsupported(request.headers, operation)
  const { variables } = parameters
  const mutations = mutationsIn(document, operation)
  const count = mutations.length
  if (key !== null) {
    const keyed = toKeyed(key, mutations, { parameters, context })
    const work = (engine: Engine) =>
      executeTogether(
        engine,
        serving.execute,
        count,
        prepare(serving, { document, operation, parameters, context }),
      )
    const { body, repeated } = await executeOnce(serving.engine, keyed, work, (result) =>
      JSON.stringify(toBody(serving, request, result)),
    )
    return { body: body ?? '', headers: repeated ? REPLAYED : {} }
  }
  const preparing: Preparing = { document, operation, parameters, context }
  const compiled =
    serving.compile === false || count > 1
      ? null
      : serving.compiled.find(document, operation, variables)
  const outcome = compiled === null ? null : await runCompiled(serving, compiled, preparing)
  if (outcome !== null)
    return {
      body: toBytes(
        outcome.body,
        outcome.errors.map((error) => toEntryOf(serving, request, error)),
      ),
    }
  const execution = prepare(serving, preparing)
  const result = await (count > 1
    ? executeTogether(serving.engine, serving.execute, count, execution)
    : serving.execute(execution))
  return { body: JSON.stringify(toBody(serving, request, result)) }
}

/** Null where the variables do not fit what was compiled: graphql-js says what is wrong with them. */
async function runCompiled(
  serving: Serving,
  compiled: CompiledOperation,
  preparing: Preparing,
): Promise<OperationOutcome | null> {
  const { document, operation, parameters, context } = preparing
  const resolve: Resolve = async (fields, done) => {
    const execution = prepare(serving, { ...preparing, context: { ...context, done } })
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

interface Found {
  readonly document: DocumentNode
  readonly operation: OperationDefinitionNode
}

function findOperation(serving: Serving, request: FastifyRequest, parameters: Parameters): Found {
  const { schema } = serving
  const document = readDocument(serving, parameters)
  const operation = getOperationAST(document, parameters.operationName)
  if (operation === null || operation === undefined) throw unknownOperation(parameters)
  if (operation.operation !== OperationTypeNode.QUERY && !mayMutate(request)) {
    throw new Problem('METHOD_NOT_ALLOWED', 'Only queries may be sent with GET or HEAD.', {
      headers: { allow: 'POST' },
    })
  }
  if (schema.getRootType(operation.operation) === undefined) throw unserved(operation.operation)
  return { document, operation }
}

/**
 * The document. Where its literals alone are wrong, they are refused in the issues that the same values have in variables and on REST;
 * where the engine finds nothing wrong with them, for it takes more than GraphQL or has no such place, in GraphQL's words.
 */
function readDocument(
  serving: Serving,
  { query, operationName, variables }: Parameters,
): DocumentNode {
  try {
    return serving.documents.read(query)
  } catch (error) {
    if (!isDocumentFault(error) || error.wrongLiterals === null) throw error
    const operation = getOperationAST(error.wrongLiterals, operationName)
    if (operation === null || operation === undefined) throw error
    const issues = issuesOfLiterals(
      toExecuting(serving, { document: error.wrongLiterals, operation }),
      variables,
    )
    throw issues.length === 0 ? error : refuseLiterals(error, issues)
  }
}

const toExecuting = (
  { schema, engine, introspection, documentLimits: limits }: Serving,
  found: Found,
): Executing => ({ schema, checker: engine, introspection, limits, ...found })

interface Preparing extends Found {
  readonly parameters: Parameters
  readonly context: GraphqlContext
}

/** The variables, where nothing compiled has looked at them. */
function prepare(
  serving: Serving,
  { document, operation, parameters, context }: Preparing,
): Execution {
  checkVariables(toExecuting(serving, { document, operation }), parameters.variables)
  return {
    document,
    context,
    operationName: parameters.operationName,
    variables: parameters.variables,
  }
}

function unknownOperation({ operationName }: Parameters): Problem {
  const message =
    operationName === null
      ? 'The document has several operations or none; name one in operationName.'
      : `The document has no operation ${echo(operationName)}.`
  return new Problem('BAD_REQUEST', message, {
    issues: [{ in: 'document', path: ['operationName'], code: 'unknown_operation', message }],
  })
}

function unserved(kind: string): Problem {
  const message = `This schema has no ${kind}s.`
  return new Problem('BAD_REQUEST', message, {
    issues: [{ in: 'document', path: [], code: 'GRAPHQL_VALIDATION_FAILED', message }],
  })
}

function toRefusal(
  error: unknown,
  request: FastifyRequest,
): { readonly problem: Problem; readonly entries: readonly ErrorEntry[] } {
  if (isDocumentFault(error))
    return { problem: error.problem, entries: toDocumentEntries(error, request.id) }
  const problem = toProblem(error)
  return { problem, entries: [toEntry(problem, request.id)] }
}

function toBody(
  serving: Serving,
  request: FastifyRequest,
  { data, errors }: Awaited<ReturnType<Executor>>,
): Body {
  if (errors === undefined) return { data }
  return {
    errors: fitting(errors.map((error) => toEntryOf(serving, request, error))),
    data: data ?? null,
  }
}

function toEntryOf(serving: Serving, request: FastifyRequest, error: GraphQLError): ErrorEntry {
  const problem = toExecutionProblem(error)
  serving.onProblem(request, problem)
  return toExecutionEntry(error, problem, request.id)
}
