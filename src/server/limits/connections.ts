// Connections: how many there are at most, which are closed to make room, and when a request's first byte was read.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'

/** What is known of a connection besides what node tells. Times are of `performance.now()`. */
export interface Connection {
  /** When the first byte of its latest request was read. */
  began: number
  /** Requests that are not answered yet. */
  running: number
  /** The latest of them. */
  request: IncomingMessage | null
  /** Since when it has been as it is. */
  since: number
}

const known = Symbol('bifrons.connection')
type KnownSocket = Socket & { [known]?: Connection }

/** Null where there is no real socket, as in tests without a listener. */
export const toConnection = (socket: Socket): Connection | null =>
  (socket as KnownSocket)[known] ?? null

/** Node's parser. It calls its member 0 (kOnMessageBegin) at the first byte of a message; no public member tells of it. */
interface Parser {
  0: (() => void) | null
  readonly socket?: KnownSocket | null
}

/** One for all connections: node calls it on the parser. */
function onMessageBegin(this: Parser): void {
  const connection = this.socket?.[known]
  if (connection !== undefined) connection.began = performance.now()
}

/** Bounds the connections of a server, at all its addresses together. */
export function boundConnections(app: FastifyInstance, max: number): void {
  const sockets = new Set<KnownSocket>()
  const makeRoom = buildMakeRoom(sockets, max, () => app.log)
  app.server.on('connection', (socket: KnownSocket & { readonly parser?: Parser | null }) => {
    const now = performance.now()
    if (sockets.size >= max) makeRoom(now)
    if (sockets.size >= max) {
      socket.destroy()
      return
    }
    socket[known] = { began: now, running: 0, request: null, since: now }
    if (socket.parser) socket.parser[0] = onMessageBegin
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
}

/** Requests of one connection that may wait for their answers. Browsers send one at a time, and few other clients more. */
const MAX_PIPELINED = 32

/**
 * Closes a connection that sends many requests without waiting for an answer: node hands on all requests of one read in one turn of
 * the event loop, and each costs as much as any other, also where it is refused.
 */
export function boundPipelines(app: FastifyInstance): void {
  const { server } = app
  const dispatch = server.listeners('request') as ((
    ...args: [IncomingMessage, ServerResponse]
  ) => void)[]
  server.removeAllListeners('request')
  server.on('request', (request, response) => {
    const { socket } = request
    if (socket.destroyed) return
    if ((toConnection(socket)?.running ?? 0) >= MAX_PIPELINED) {
      app.log.info({ address: socket.remoteAddress, most: MAX_PIPELINED }, 'pipelined too many')
      socket.destroy()
      return
    }
    for (const listener of dispatch) listener.call(server, request, response)
  })
}

/** The share of all connections that is closed at a time, so that the search for them is rare. */
const SHARE = 0.02
/** Milliseconds for which a connection is left alone: a request, or the rest of it, may be on its way. */
const YOUNG_MS = 100
/** Milliseconds between two lines of the log about it. */
const TELL_MS = 1000

/** Closes idle connections, and where there are none those whose request does not arrive; the longest first. */
function buildMakeRoom(sockets: Set<KnownSocket>, max: number, log: () => FastifyBaseLogger) {
  let toldAt = Number.NEGATIVE_INFINITY
  return (now: number): void => {
    const idle = findOld(sockets, now, ({ running }) => running === 0)
    const found = idle.length > 0 ? idle : findOld(sockets, now, isArriving)
    const closed = found.slice(0, Math.ceil(max * SHARE))
    for (const socket of closed) {
      sockets.delete(socket)
      socket.destroy()
    }
    if (now - toldAt < TELL_MS) return
    toldAt = now
    log().warn({ connections: max, closed: closed.length }, 'all connections are taken')
  }
}

const isArriving = ({ request }: Connection): boolean => request !== null && !request.complete

/** The oldest first. */
function findOld(
  sockets: ReadonlySet<KnownSocket>,
  now: number,
  isWanted: (connection: Connection) => boolean,
): readonly KnownSocket[] {
  const sinceOf = (socket: KnownSocket): number => socket[known]?.since ?? 0
  return [...sockets]
    .filter((socket) => {
      const connection = socket[known]
      return connection !== undefined && isWanted(connection) && now - connection.since >= YOUNG_MS
    })
    .toSorted((a, b) => sinceOf(a) - sinceOf(b))
}
