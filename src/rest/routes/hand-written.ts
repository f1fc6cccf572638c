// The team's hand-written routes: Fastify below the API's prefix, with Zod schemas for requests and answers.
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

/** Registers the routes in a scope of their own, so that Zod's compilers hold for these routes only. */
export async function registerExtension(
  app: FastifyInstance,
  extension: RestExtension,
  prefix: string,
): Promise<void> {
  await app.register(
    async (scope) => {
      scope.addHook('onRoute', (route) => {
        route.config = { swaggerTransform: toJsonSchema, ...route.config } // plugin.ts hides all other routes from @fastify/swagger
      })
      scope.setValidatorCompiler(zodValidator)
      scope.setSerializerCompiler(serializerCompiler)
      await extension(scope.withTypeProvider<ZodTypeProvider>())
    },
    { prefix },
  )
}
