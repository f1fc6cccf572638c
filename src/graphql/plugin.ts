// Face one on the server: /graphql, and the schema's document.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { COST_HEADER, costHeader, openBill, settleBill } from '../engine/charge/bill.ts'
import { execute as executeOperation } from '../engine/execute.ts'
import { releaseBytes } from '../engine/render/json-buffer.ts'
import type { Bill } from '../engine/request.ts'
import { type Problem, toProblem } from '../errors.ts'
import {
  defaultDocumentLimits,
  type DocumentLimits,
  openDocumentCache,
  openDocuments,
} from './document/read-document.ts'
import { anyDocument, type ListedDocuments } from './document/listed-documents.ts'
import { type OutdatedDocument, prepareListed } from './document/prepare-listed.ts'
import {
  type ErrorEntry,
  fitting,
  isDocumentFault,
  toDocumentEntries,
  toEntry,
  toDocumentProblem,
} from './errors.ts'
import { extensionsText } from './http/cost-extension.ts'
import { openCompiledOperations } from './execute/compiled-cache.ts'
import type { GraphQLSchema } from 'graphql'
import { withoutNames } from '../told-names.ts'
import type { Model } from '../schema/model/model.ts'
import { openReadings } from './document/caller-reading.ts'
import { executeRequest, type ExecutionOptions, type Serving } from './execute-request.ts'
import { openExecutor } from './execute/graphql-js.ts'
import { type MediaType, negotiate, readParameters } from './http/graphql-over-http.ts'
import { buildGraphqlSchema, printGraphqlSchema } from './schema/build-schema.ts'
import type { AnyExtension, DrizzleParts } from './schema/builder.ts'

export interface GraphqlOptions extends ExecutionOptions {
  /** Whether the schema may be asked for: by introspection, in GraphQL's own suggestions, at /schema.graphql. */
  readonly introspection: boolean
  readonly limits?: Partial<DocumentLimits>
  readonly drizzle: DrizzleParts
  /** What clients have listed, and whether other documents are executed. Absent: any text is. */
  readonly listed?: ListedDocuments
  /** Is given every listed document that this schema does not allow. */
  readonly onOutdated?: (document: OutdatedDocument) => void
  /** Hand-written fields. */
  readonly extension?: AnyExtension | undefined
}

/** Serves a model as GraphQL. Other methods on its addresses are the server's to answer, as everywhere. */
export async function graphqlPlugin(app: FastifyInstance, options: GraphqlOptions): Promise<void> {
  const serving = await openServing(app, options)
  await app.register(async (scope) => {
    scope.setErrorHandler((error, request, reply) => {
      const problem = toDocumentProblem(error)
      if (problem === null) throw error // the server's own handler knows the framework's errors, and logs defects
      options.onProblem(request, problem)
      reply.code(problem.status).headers(problem.headers)
      return sendErrors(reply, 'application/json', [toEntry(problem, request.id)])
    })
    scope.route({
      method: ['GET', 'POST'],
      url: '/graphql',
      config: { face: 'graphql' },
      handler: (request, reply) => answer(serving, request, reply),
    })
  })
  if (options.introspection) {
    const document = printGraphqlSchema(serving.schema)
    app.get('/schema.graphql', (_request, reply) =>
      reply.type('text/plain; charset=utf-8').send(document),
    )
  }
}

/** Builds the schema; listed documents are compiled, and those that do not fit are named. */
async function openServing(app: FastifyInstance, options: GraphqlOptions): Promise<Serving> {
  const { engine, introspection, drizzle, extension, listed = anyDocument } = options
  const { names, model } = engine
  const schemaOf = (view: Model, whole?: Model): GraphQLSchema =>
    buildGraphqlSchema({
      model: view,
      drizzle,
      extension,
      whole,
      run: (request, { together }) => executeOperation(together?.engine ?? engine, request),
    })
  const schema = schemaOf(model)
  const documentLimits = { ...defaultDocumentLimits, ...options.limits }
  const compiled = openCompiledOperations(
    { model, schema, limit: documentLimits.values },
    engine.cacheBudget,
  )
  const cache = openDocumentCache(engine.cacheBudget, compiled.forget)
  const judging = { schema, model, introspection, limits: documentLimits }
  const others = openDocuments({ ...judging, cache, scope: '0 ' })
  const { documents, outdated } = prepareListed(others, listed.all, compiled.prepare)
  for (const document of outdated) options.onOutdated?.(document)
  return {
    ...options,
    schema,
    readingOf: openReadings({
      whole: { schema, engine, introspection, documents, listed, documentLimits },
      names,
      cache,
      buildSchema: (view) => schemaOf(view.model, extension === undefined ? undefined : model),
    }),
    tell: names === null ? (problem) => problem : withoutNames,
    execute: await openExecutor(app, schema, drizzle.client),
    compiled,
  }
}

/** No schema of the answer, so that numbers keep the digits that they were stored with. */
function sendErrors(
  reply: FastifyReply,
  mediaType: MediaType,
  errors: readonly ErrorEntry[],
  bill?: Bill,
): FastifyReply {
  const text = JSON.stringify(errors)
  const isKnown = bill !== undefined && bill.requested > 0
  const more = isKnown ? `,${extensionsText(bill)}` : ''
  return sendBytes(reply, mediaType, `{"errors":${text}${more}}`)
}

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
  const { caller, account, ...context } = serving.contextOf(request)
  const bill = openBill(serving.engine, caller, account)
  serving.onBill?.(request, bill)
  const asked = { parameters, bill, context: { ...context, caller, bill } }
  try {
    const { body, headers = {} } = await executeRequest(serving, request, asked)
    settleBill(bill, context.signal, body.length)
    return sendBytes(reply.headers(headers).header(COST_HEADER, costHeader(bill)), mediaType, body)
  } catch (error) {
    const { problem, entries } = toRefusal(serving, error, request)
    serving.onProblem(request, problem)
    // What is no GraphQL answer at all keeps its status; a document's faults are an answer of 200 in application/json.
    const asAnswer =
      mediaType === 'application/json' &&
      problem.status < 500 &&
      problem.code !== 'METHOD_NOT_ALLOWED' &&
      problem.code !== 'RATE_LIMITED'
    reply.code(asAnswer ? 200 : problem.status).headers(problem.headers)
    if (bill.requested > 0) reply.header(COST_HEADER, costHeader(bill))
    return sendErrors(reply, mediaType, fitting(entries), bill)
  }
}

function toRefusal(
  { tell }: Serving,
  error: unknown,
  request: FastifyRequest,
): { readonly problem: Problem; readonly entries: readonly ErrorEntry[] } {
  if (isDocumentFault(error))
    return { problem: error.problem, entries: toDocumentEntries(error, request.id, tell) }
  const problem = tell(toProblem(error))
  return { problem, entries: [toEntry(problem, request.id)] }
}
