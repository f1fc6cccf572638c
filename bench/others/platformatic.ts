// Platformatic DB's parts on Fastify: its mapper, its REST and its GraphQL, as its own server puts them together.
import fastify, { type FastifyPluginAsync } from 'fastify'

/** Packages that are installed apart, so that the types cannot be theirs. */
type Plugin = FastifyPluginAsync<Readonly<Record<string, unknown>>>
const load = async (name: string): Promise<Plugin> =>
  ((await import(name)) as { default: Plugin }).default // the boundary: see above

const app = fastify()
await app.register(await load('@platformatic/sql-mapper'), {
  connectionString: process.env['DATABASE_URL'],
  poolSize: 10,
})
await app.register(await load('@platformatic/sql-openapi'), {})
await app.register(await load('@platformatic/sql-graphql'), { graphiql: false })
await app.listen({ port: Number(process.env['PORT']), host: '127.0.0.1' })
