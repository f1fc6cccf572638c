// The team's hand-written routes: Fastify under the API's prefix, with Zod schemas for what comes in and goes out.
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import {
  createJsonSchemaTransform,
  serializerCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { zodValidator } from '../errors.ts'

/** Adds routes of the team's own to REST: `rest: (app) => { app.get('/ping', { schema: { … } }, handler) }`. */
export type RestExtension = (
  app: FastifyInstance<
    RawServerDefault,
    IncomingMessage,
    ServerResponse,
    FastifyBaseLogger,
    ZodTypeProvider
  >,
) => void | Promise<void>

const toJsonSchema = createJsonSchemaTransform({})

/** Registers the routes in a scope of their own: on the root, Zod's compilers would be everybody's. */
export async function registerExtension(
  app: FastifyInstance,
  extension: RestExtension,
  prefix: string,
): Promise<void> {
  await app.register(
    async (scope) => {
      scope.addHook('onRoute', (route) => {
        route.config = { swaggerTransform: toJsonSchema, ...route.config } // plugin.ts: other routes are hidden from @fastify/swagger
      })
      scope.setValidatorCompiler(zodValidator)
      scope.setSerializerCompiler(serializerCompiler)
      await extension(scope.withTypeProvider<ZodTypeProvider>())
    },
    { prefix },
  )
}
