// The admin thread: an HTTP server that answers probes from the heartbeat, however busy the process is.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { parentPort, workerData } from 'node:worker_threads'
import { openHeartbeat } from './heartbeat.ts'
import {
  type AdminAnswer,
  adminPages,
  adminRoutes,
  type PageName,
  silentLoop,
  unknownPage,
} from './routes.ts'

/** What admin.ts gives this thread. */
export interface AdminInput {
  readonly host: string
  readonly port: number
  readonly memory: SharedArrayBuffer
}

/** What it says: where it listens, or why it cannot; and what it asks for. */
export type FromAdmin = { readonly port: number } | { readonly code: string } | AskedPage

/** A page that only the process knows, and who asks for it. */
export interface AskedPage {
  readonly id: number
  readonly page: PageName
  readonly ip: string
  readonly authorization: string
}

/** The process's answer. */
export interface ToldPage extends AdminAnswer {
  readonly id: number
}

const parent = parentPort
if (parent === null) throw new Error('thread.ts runs as a worker thread')

/** Milliseconds for a request to arrive: probes are short. */
const TIMEOUT_MS = 5000
const MAX_CONNECTIONS = 100

const { host, port, memory } = workerData as AdminInput // set by admin.ts
const heartbeat = openHeartbeat(memory)

const server = createServer(
  { requestTimeout: TIMEOUT_MS, headersTimeout: TIMEOUT_MS, connectionsCheckingInterval: 1000 },
  (request, response) => void answer(request).then((found) => send(response, found)),
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

async function answer({
  method,
  url = '/',
  headers,
  socket,
}: IncomingMessage): Promise<AdminAnswer> {
  const [path = '/'] = url.split('?', 1)
  if (method !== 'GET' && method !== 'HEAD') return unknownPage
  if (Object.hasOwn(adminRoutes, path))
    return adminRoutes[path]?.(heartbeat.pulses()) ?? unknownPage
  const page = adminPages[path]
  if (!Object.hasOwn(adminPages, path) || page === undefined) return unknownPage
  return ask({ page, ip: socket.remoteAddress ?? '', authorization: headers.authorization ?? '' })
}

/** Milliseconds that the process has to tell a page. */
const PATIENCE_MS = 1000
const asked = new Map<number, (told: AdminAnswer) => void>()
let lastId = 0

parent.on('message', ({ id, ...told }: ToldPage) => asked.get(id)?.(told))

/** The process's answer, or 503 where its loop does not tell it in time. */
function ask(page: Omit<AskedPage, 'id'>): Promise<AdminAnswer> {
  if (asked.size >= MAX_CONNECTIONS) return Promise.resolve(silentLoop)
  lastId += 1
  const id = lastId
  return new Promise((resolve) => {
    const end = (told: AdminAnswer): void => {
      clearTimeout(timer)
      asked.delete(id)
      resolve(told)
    }
    const timer = setTimeout(() => end(silentLoop), PATIENCE_MS)
    asked.set(id, end)
    tell({ id, ...page })
  })
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
