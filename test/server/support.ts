// A server for tests: the real one, on the embedded database in memory, with small routes instead of the faces.
import type { FastifyInstance } from 'fastify'
import { connect } from 'node:net'
import { inject } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { openDatabase } from '../../src/db/open.ts'
import { Problem } from '../../src/errors.ts'
import { buildServer } from '../../src/server/build-server.ts'
import type { ServerParts } from '../../src/server/build-server.ts'
import { readConfig } from '../../src/server/config/config.ts'
import type { Mode } from '../../src/server/config/variables.ts'

export const secret = 'a-secret-of-tests-that-is-long-enough'
export const home = {
  name: 'Test',
  version: '0.0.0',
  links: [{ title: 'GraphQL', href: '/graphql', description: 'One face.' }],
}

export const openTestDatabase = (): Promise<Database> =>
  openDatabase({
    url: 'pglite:memory',
    snapshot: inject('pgliteSnapshot'),
    poolMax: 5,
    statementTimeout: 5000,
    lockTimeout: 2000,
    idleInTransactionTimeout: 10_000,
    connectTimeout: 2000,
  })

/** Routes that answer the caller, take a body, fail in every way, and take their time. */
async function mountSamples(scope: FastifyInstance): Promise<void> {
  scope.get('/who', async (request) => request.caller)
  scope.get('/things/:id', async (request) => request.params)
  scope.post('/echo', async (request) => ({ body: request.body }))
  scope.patch('/echo', async (request) => ({ body: request.body }))
  scope.get('/broken', async () => {
    throw new Error('select password from users where id = 7')
  })
  scope.get('/forbidden', async () => {
    throw new Problem('FORBIDDEN', 'This is for staff.')
  })
  scope.get('/teapot', async () => {
    throw Object.assign(new Error('the kettle of customer 7'), { statusCode: 409 })
  })
  scope.get('/slow', async (request) => {
    const { promise, resolve } = Promise.withResolvers<object>()
    const ms = Number((request.query as { ms?: string }).ms ?? 300) // this route has no schema
    setTimeout(() => resolve({ slept: ms }), ms)
    return promise
  })
}

export interface TestServer {
  readonly app: FastifyInstance
  /** Every log line so far, as text. */
  readonly log: string[]
}

interface TestServerOptions extends Partial<Omit<ServerParts, 'config' | 'logStream'>> {
  readonly env?: Record<string, string>
  readonly mode?: Mode
}

export async function openTestServer(
  database: Database,
  options: TestServerOptions = {},
): Promise<TestServer> {
  const { env = {}, mode = 'development', ...parts } = options
  const log: string[] = []
  const config = readConfig(
    { DATABASE_URL: 'pglite:memory', LOG_LEVEL: 'info', PORT: '0', ...env },
    mode,
  )
  const app = await buildServer({
    database,
    home,
    mounts: [mountSamples],
    ...parts,
    config,
    logStream: { write: (line) => log.push(line) },
  })
  return { app, log }
}

/** The log lines of security events, parsed. */
export const securityEvents = ({ log }: TestServer): Record<string, unknown>[] =>
  log
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter((line) => line['security'] !== undefined) // our own lines are objects

/** Sends bytes as they are over a socket and gives all that comes back until the server closes, or after `ms`. */
export function sendRaw(
  to: number | { readonly port: number; readonly host: string },
  bytes: string | Buffer,
  ms = 3000,
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const chunks: Buffer[] = []
  const { port, host } = typeof to === 'number' ? { port: to, host: '127.0.0.1' } : to
  const socket = connect(port, host, () => socket.write(bytes))
  const done = (): void => {
    clearTimeout(timer)
    socket.destroy()
    resolve(Buffer.concat(chunks).toString('latin1'))
  }
  const timer = setTimeout(done, ms)
  socket
    .on('data', (chunk) => chunks.push(chunk))
    .on('end', done)
    .on('error', (error) => (chunks.length > 0 ? done() : reject(error)))
  return promise
}
