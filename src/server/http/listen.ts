// Listening: one HTTP server on every address that the configured host means.
import cluster from 'node:cluster'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import type { FastifyInstance } from 'fastify'

export interface Listening {
  /** The URL of the first address. */
  readonly url: string
  /** Accepts no more, lets what is in flight end, and closes the app. */
  close(): Promise<void>
}

/**
 * libuv accepts one connection of a listener in each turn of the event loop (since 1.46), so that a busy loop accepts a few a second, and
 * callers wait where we cannot refuse them. Several listeners of one port are accepted from together.
 */
const LISTENERS = 128

/** Of several processes the first one accepts, and does nothing else. Other systems have no ports with several listeners. */
const canShare = (): boolean => process.platform === 'linux' && !cluster.isWorker

/**
 * Listens, and logs errors of accepting from then on: an EventEmitter without a listener ends the process. `localhost` is
 * 127.0.0.1 and ::1 where both exist. Fastify would open a second HTTP server for the second address, without our
 * listeners and out of reach. Here plain socket servers hand their connections to the first one, so that timeouts,
 * `Expect` and shutdown are the same on all.
 */
export async function listen(
  app: FastifyInstance,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Listening> {
  const [first = host, ...others] = host === 'localhost' ? await addressesOf(host) : [host]
  const reusePort = canShare()
  if (reusePort && port !== 0) await refuseTaken(first, port)
  const address = { host: first, port, reusePort } // Fastify hands it to node; its type lacks the last member
  const url = await app.listen(address)
  logErrors(app, app.server) // Fastify listens for them until here
  const doors = reusePort ? await openDoors(app, first) : []
  for (const other of others)
    for (const door of await openOther(app, other, reusePort)) doors.push(door)
  return {
    url,
    async close() {
      const closed = doors.map(closeDoor)
      app.server.closeIdleConnections()
      await Promise.all(closed) // before the app, which stops the deadlines of its requests as it closes
      await app.close()
    },
  }
}

const addressesOf = async (host: string): Promise<readonly string[]> =>
  (await lookup(host, { all: true })).map(({ address }) => address)

/** A port with several listeners may be taken by a second process of the same user; a listener that does not share is refused. */
async function refuseTaken(host: string, port: number): Promise<void> {
  const probe = createServer()
  probe.listen({ host, port })
  await once(probe, 'listening')
  await closeDoor(probe)
}

/** The other listeners of an address that has one already. */
function openDoors(app: FastifyInstance, host: string): Promise<Server[]> {
  return Promise.all(Array.from({ length: LISTENERS - 1 }, () => openDoor(app, host, true)))
}

/** Another address of the same server. One that cannot be had is logged, for the first one serves. */
async function openOther(
  app: FastifyInstance,
  host: string,
  reusePort: boolean,
): Promise<readonly Server[]> {
  try {
    const door = await openDoor(app, host, reusePort)
    const shown = host.includes(':') ? `[${host}]` : host
    app.log.info(`Server listening at http://${shown}:${portOf(app)}`)
    return [door]
  } catch (error) {
    app.log.warn({ err: error, address: host }, 'an address of localhost is not served')
    return []
  }
}

function portOf({ server }: FastifyInstance): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Hands its connections to the app's server. */
async function openDoor(app: FastifyInstance, host: string, reusePort: boolean): Promise<Server> {
  const door = createServer({ noDelay: true }, (socket) => app.server.emit('connection', socket))
  door.listen({ host, port: portOf(app), reusePort })
  await once(door, 'listening')
  logErrors(app, door)
  return door
}

const closeDoor = (door: Server): Promise<void> =>
  new Promise((resolve) => {
    door.close(() => resolve())
  })

function logErrors(app: FastifyInstance, server: Pick<Server, 'on'>): void {
  server.on('error', (error) => app.log.error({ err: error }, 'a connection could not be accepted'))
}
