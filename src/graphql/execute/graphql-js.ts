// Execution by Mercurius: of what it does we use this alone (no routes, limits or JIT of its own).
import type { FastifyInstance } from 'fastify'
import type { DocumentNode, ExecutionResult, GraphQLSchema } from 'graphql'
import { mercurius } from 'mercurius'
import type { GraphqlContext } from '../schema/builder.ts'

/** A document that has been read and checked, with everything that it takes to run it. */
export interface Execution {
  readonly document: DocumentNode
  readonly operationName: string | null
  readonly variables: Readonly<Record<string, unknown>>
  readonly context: GraphqlContext
}

export type Executor = (execution: Execution) => Promise<ExecutionResult>

/**
 * Mercurius validates whatever it is given, text or document, and coerces variables twice. Documents come here parsed and
 * checked (read-document.ts). So Mercurius gets one placeholder, which it validates once and keeps, and its preExecution hook
 * replaces it by the real document (docs/decisions/0044).
 */
const PLACEHOLDER = '{__typename}'

export async function openExecutor(
  app: FastifyInstance,
  schema: GraphQLSchema,
  drizzle: unknown,
): Promise<Executor> {
  await app.register(mercurius, {
    schema,
    routes: false,
    cache: 1, // the placeholder
    errorFormatter: (execution) => ({ statusCode: 200, response: execution as never }), // errors.ts formats
  })
  const pending = new WeakMap<object, Execution>()
  app.graphql.addHook('preExecution', (_schema, _document, context) => {
    const execution = pending.get(context)
    return execution === undefined
      ? undefined
      : { document: execution.document, variables: { ...execution.variables } }
  })
  return async (execution) => {
    // Mercurius writes into the context it is given, and loaders keep what they loaded by it: one object for one execution.
    const context = {
      ...execution.context,
      drizzle: execution.context.together?.engine.database.drizzle ?? drizzle,
    }
    pending.set(context, execution)
    return app.graphql(PLACEHOLDER, context, undefined, execution.operationName ?? undefined)
  }
}
