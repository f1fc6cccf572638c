// PostGraphile 5 with its Amber preset and the filter plugin that most add to it, on node:http through Grafserv, nothing else on.
import { createServer, type RequestListener } from 'node:http'

/** The little of these packages that is used here; they are installed apart, so that the types cannot be theirs. */
interface PostGraphile {
  postgraphile(preset: object): {
    createServ(grafserv: unknown): {
      createHandler?(): RequestListener
      addTo(server: unknown): Promise<void>
    }
  }
}
const load = async <T>(name: string): Promise<T> => (await import(name)) as T // the boundary: see above

const { postgraphile } = await load<PostGraphile>('postgraphile')
const { PostGraphileAmberPreset } = await load<{ PostGraphileAmberPreset: object }>(
  'postgraphile/presets/amber',
)
const { makePgService } = await load<{ makePgService(options: object): object }>(
  'postgraphile/adaptors/pg',
)
const { grafserv } = await load<{ grafserv: unknown }>('postgraphile/grafserv/node')
const { PostGraphileConnectionFilterPreset } = await load<{
  PostGraphileConnectionFilterPreset: object
}>('postgraphile-plugin-connection-filter')

const instance = postgraphile({
  extends: [PostGraphileAmberPreset, PostGraphileConnectionFilterPreset],
  pgServices: [
    makePgService({
      connectionString: process.env['DATABASE_URL'],
      schemas: ['public'],
      poolConfig: { max: 10 },
    }),
  ],
  grafserv: { graphqlPath: '/graphql', graphiql: false, watch: false },
  grafast: { explain: false },
})
const server = createServer()
server.on('error', (error) => {
  throw error
})
await instance.createServ(grafserv).addTo(server)
server.listen(Number(process.env['PORT']), '127.0.0.1')
