// A proxy before PostgreSQL whose backends die at a chosen moment: FATAL comes in the same chunk as the end of an answer.
import { connect, createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'

/** The end of an answer: of the start of a session, then of each statement. */
export interface Moment {
  /** The number of the connection, from 1. */
  readonly connection: number
  /** How many ends this connection has had, with this one: 1 is the start of its session. */
  readonly end: number
}

export interface FatalProxy {
  /** The target's URL by way of the proxy. */
  readonly url: string
  /** Whether the backend dies at this moment; the default is no. */
  strike: (moment: Moment) => boolean
  /** Whether the connection stays open behind FATAL, as behind a proxy that hangs. */
  staysOpen: boolean
  /** How many have died. */
  readonly deaths: () => number
  /** Ends all backends that are connected, in a chunk of its own. */
  strikeAll(): void
  close(): void
}

const READY_FOR_QUERY = 0x5a // 'Z'

/** The last message of a backend after `pg_terminate_backend` (PostgreSQL's manual, 55.8). */
const FATAL = toMessage(
  'E',
  'SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0',
)

function toMessage(type: string, fields: string): Buffer {
  const message = Buffer.alloc(5 + fields.length)
  message.write(type)
  message.writeInt32BE(4 + fields.length, 1)
  message.write(fields, 5)
  return message
}

export async function openFatalProxy(target: string): Promise<FatalProxy> {
  const { hostname, port } = new URL(target)
  const backends = new Set<Backend>()
  let connections = 0
  let deaths = 0
  const proxy: Omit<FatalProxy, 'url'> = {
    strike: () => false,
    staysOpen: false,
    deaths: () => deaths,
    strikeAll: () => {
      for (const backend of backends) backend.die(Buffer.alloc(0))
    },
    close() {
      for (const backend of backends) backend.close()
      server.close()
    },
  }
  const server = createServer((socket) => {
    const connection = (connections += 1)
    const isLast = (end: number): boolean => proxy.strike({ connection, end })
    const onDeath = (): boolean => {
      deaths += 1
      return proxy.staysOpen
    }
    const backend = openBackend({
      socket,
      upstream: connect(Number(port), hostname),
      isLast,
      onDeath,
    })
    backends.add(backend)
    socket.on('close', () => backends.delete(backend))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const url = new URL(target)
  url.port = String((server.address() as AddressInfo).port) // it listens on a port
  return Object.assign(proxy, { url: url.href })
}

interface Backend {
  /** Sends the rest of the answer and FATAL in one chunk, and then no more. */
  die(last: Buffer): void
  close(): void
}

interface Wires {
  readonly socket: Socket
  readonly upstream: Socket
  readonly isLast: (end: number) => boolean
  /** Whether the connection stays open. */
  readonly onDeath: () => boolean
}

/** Gives whole messages of the server on, and looks for the end of an answer among them. */
function openBackend({ socket, upstream, isLast, onDeath }: Wires): Backend {
  let held = Buffer.alloc(0)
  let ends = 0
  let isDead = false
  const backend: Backend = {
    die(last) {
      if (isDead || socket.destroyed) return
      isDead = true
      socket.write(Buffer.concat([last, FATAL]))
      if (!onDeath()) socket.end()
      upstream.destroy()
    },
    close() {
      socket.destroy()
      upstream.destroy()
    },
  }
  upstream.on('data', (chunk) => {
    held = Buffer.concat([held, chunk])
    let at = 0
    while (at + 5 <= held.length && at + 1 + held.readInt32BE(at + 1) <= held.length) {
      const type = held[at]
      at += 1 + held.readInt32BE(at + 1)
      if (type !== READY_FOR_QUERY) continue
      ends += 1
      if (isLast(ends)) return backend.die(held.subarray(0, at))
    }
    if (at > 0 && !isDead) socket.write(held.subarray(0, at))
    held = held.subarray(at)
  })
  socket.on('data', (chunk) => {
    if (!upstream.destroyed) upstream.write(chunk)
  })
  socket.on('error', backend.close).on('close', backend.close)
  upstream.on('error', backend.close).on('close', () => {
    if (!isDead) socket.end()
  })
  return backend
}
