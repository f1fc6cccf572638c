// Listening: one HTTP server on every address that the configured host means.
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
 * Listens, and logs errors of accepting from then on: an EventEmitter without a listener ends the process. `localhost` is
 * 127.0.0.1 and ::1 where both exist. Fastify would open a second HTTP server for the second address, without our
 * listeners and out of reach. Here a plain socket server hands its connections to the first one, so that timeouts,
 * `Expect` and shutdown are the same on both.
 */
export async function listen(
  app: FastifyInstance,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Listening> {
  const [first = host, ...others] = host === 'localhost' ? await addressesOf(host) : [host]
  const url = await app.listen({ host: first, port })
  logErrors(app, app.server) // Fastify listens for them until here
  const doors: Server[] = []
  for (const other of others) {
    const door = await openDoor(app, other)
    if (door !== null) doors.push(door)
  }
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

/** Another address of the same server. One that cannot be had is logged, for the first one serves. */
async function openDoor(app: FastifyInstance, host: string): Promise<Server | null> {
  const main = app.server.address()
  if (typeof main !== 'object' || main === null) return null
  const door = createServer({ noDelay: true }, (socket) => app.server.emit('connection', socket))
  try {
    door.listen({ host, port: main.port })
    await once(door, 'listening')
  } catch (error) {
    app.log.warn({ err: error, address: host }, 'an address of localhost is not served')
    return null
  }
  logErrors(app, door)
  const shown = host.includes(':') ? `[${host}]` : host
  app.log.info(`Server listening at http://${shown}:${main.port}`)
  return door
}

const closeDoor = (door: Server): Promise<void> =>
  new Promise((resolve) => {
    door.close(() => resolve())
  })

function logErrors(app: FastifyInstance, server: Pick<Server, 'on'>): void {
  server.on('error', (error) => app.log.error({ err: error }, 'a connection could not be accepted'))
}
