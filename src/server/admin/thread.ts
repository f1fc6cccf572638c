// The admin thread: an HTTP server that answers probes from the heartbeat, however busy the process is.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { parentPort, workerData } from 'node:worker_threads'
import { openHeartbeat } from './heartbeat.ts'
import { type AdminAnswer, adminRoutes, unknownPage } from './routes.ts'

/** What admin.ts gives this thread. */
export interface AdminInput {
  readonly host: string
  readonly port: number
  readonly memory: SharedArrayBuffer
}

/** What it says: where it listens, or why it cannot. */
export type FromAdmin = { readonly port: number } | { readonly code: string }

const parent = parentPort
if (parent === null) throw new Error('thread.ts runs as a worker thread')

/** Milliseconds for a request to arrive: probes are short. */
const TIMEOUT_MS = 5000
const MAX_CONNECTIONS = 100

const { host, port, memory } = workerData as AdminInput // set by admin.ts
const heartbeat = openHeartbeat(memory)

const server = createServer(
  { requestTimeout: TIMEOUT_MS, headersTimeout: TIMEOUT_MS, connectionsCheckingInterval: 1000 },
  (request, response) => send(response, toAnswer(request)),
)
server.maxConnections = MAX_CONNECTIONS
server.on('error', (error: NodeJS.ErrnoException) => tell({ code: error.code ?? 'unknown' }))
server.listen(port, host, () => {
  const address = server.address()
  if (typeof address === 'object' && address !== null) tell({ port: address.port })
})

function tell(message: FromAdmin): void {
  parent?.postMessage(message)
}

function toAnswer({ method, url = '/' }: IncomingMessage): AdminAnswer {
  const [path = '/'] = url.split('?', 1)
  const isRead = method === 'GET' || method === 'HEAD'
  const route = isRead && Object.hasOwn(adminRoutes, path) ? adminRoutes[path] : undefined
  return route?.(heartbeat.pulses()) ?? unknownPage
}

function send(response: ServerResponse, { status, type, body }: AdminAnswer): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  response.end(response.req.method === 'HEAD' ? undefined : body)
}
