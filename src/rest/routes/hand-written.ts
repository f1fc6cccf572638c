// The team's hand-written routes: Fastify under the API's prefix, with Zod schemas for what comes in and goes out.
import swagger from '@fastify/swagger'
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import { fastify } from 'fastify'
import { createJsonSchemaTransform, serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { zodValidator } from '../errors.ts'

/** Adds routes of the team's own to REST: `rest: (app) => { app.get('/ping', { schema: { … } }, handler) }`. */
export type RestExtension = (
  app: FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypeProvider>,
) => void | Promise<void>

/** What an extension adds to the OpenAPI document. */
export type ExtensionDocument = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** Registers the routes in a scope of their own: on the root, Zod's compilers would be everybody's. Gives their paths, once the server is ready. */
export async function registerExtension(app: FastifyInstance, extension: RestExtension, prefix: string): Promise<() => ExtensionDocument> {
  let describe = (): ExtensionDocument => ({})
  await app.register(async (scope) => {
    await scope.register(swagger, { openapi: { openapi: '3.1.0' }, transform: createJsonSchemaTransform({}) })
    scope.setValidatorCompiler(zodValidator)
    scope.setSerializerCompiler(serializerCompiler)
    await extension(scope.withTypeProvider<ZodTypeProvider>())
    describe = () => (scope.swagger() as { readonly paths?: ExtensionDocument }).paths ?? {} // the OpenAPI form, as asked for above
  }, { prefix })
  return () => describe()
}

/** The paths of an extension without serving it, for a document on paper. */
export async function describeExtension(extension: RestExtension, prefix: string): Promise<ExtensionDocument> {
  const app = fastify()
  const describe = await registerExtension(app, extension, prefix)
  await app.ready()
  const paths = describe()
  await app.close()
  return paths
}
