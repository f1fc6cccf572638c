// A proxy before PostgreSQL whose network fails: answers are lost, orders do not arrive, bytes are late, connections are cut.
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A message of the server: its type, and its bytes as text. */
export interface ServerMessage {
  readonly type: string
  readonly text: string
}

export interface FaultyProxy {
  /** The target's URL by way of the proxy. */
  readonly url: string
  /** Whether this message and all behind it are lost: the server's statement ends, then the connection is reset. */
  loses: (message: ServerMessage) => boolean
  /** Whether bytes of the client do not arrive: the connection is reset on both sides. */
  drops: (text: string) => boolean
  /** Milliseconds that bytes take, each way. */
  delay: number
  /** Half-open: connections stay, and nothing passes. */
  frozen: boolean
  /** How often the client has sent something and then waited for an answer. */
  roundTrips: number
  /** Connections so far. */
  readonly connections: () => number
  /** Resets every connection. */
  cutAll(): void
  close(): void
}

const COMPLETE = 'C'
const READY = 'Z'

/** Loses the answer to the statement of this command tag, such as COMMIT or INSERT, once. */
export function loseAnswerOf(proxy: FaultyProxy, tag: string): void {
  proxy.loses = ({ type, text }) => {
    if (type !== COMPLETE || !text.startsWith(tag)) return false
    proxy.loses = () => false
    return true
  }
}

/** @param listenPort the port of the proxy; any free one by default */
export async function openFaultyProxy(target: string, listenPort = 0): Promise<FaultyProxy> {
  const { hostname, port } = new URL(target)
  const pairs = new Set<() => void>()
  let connections = 0
  const proxy: Omit<FaultyProxy, 'url'> = {
    loses: () => false,
    drops: () => false,
    delay: 0,
    frozen: false,
    roundTrips: 0,
    connections: () => connections,
    cutAll: () => {
      for (const cut of pairs) cut()
    },
    close() {
      proxy.cutAll()
      server.close()
    },
  }
  const server = createServer((socket) => {
    connections += 1
    const cut = join(proxy, socket, connect(Number(port), hostname))
    pairs.add(cut)
    socket.on('close', () => pairs.delete(cut))
  })
  await new Promise<void>((resolve) => {
    server.listen(listenPort, '127.0.0.1', resolve)
  })
  const url = new URL(target)
  url.port = String((server.address() as AddressInfo).port) // it listens on a port
  return Object.assign(proxy, { url: url.href })
}

type Faults = Omit<FaultyProxy, 'url'>

/** Joins two sockets; the function it gives cuts them. */
function join(proxy: Faults, socket: Socket, upstream: Socket): () => void {
  const cut = (): void => {
    socket.resetAndDestroy()
    upstream.destroy()
  }
  const send = (to: Socket, bytes: Buffer): void => {
    const write = (): void => {
      if (!to.destroyed && !proxy.frozen) to.write(bytes)
    }
    if (proxy.delay > 0) setTimeout(write, proxy.delay)
    else write()
  }
  let isAsking = false
  socket.on('data', (bytes) => {
    if (!isAsking) proxy.roundTrips += 1
    isAsking = true
    if (proxy.drops(bytes.toString('latin1'))) return cut()
    send(upstream, bytes)
  })
  let isLost = false
  const take = splitMessages(({ type, text }, bytes) => {
    isAsking = false
    isLost ||= proxy.loses({ type, text })
    if (isLost && type === READY) cut()
    if (!isLost) send(socket, bytes)
  })
  upstream.on('data', take)
  socket.on('error', cut).on('close', cut)
  upstream.on('error', cut).on('close', () => socket.end()) // behind the server's last words
  return cut
}

function splitMessages(
  give: (message: ServerMessage, bytes: Buffer) => void,
): (chunk: Buffer) => void {
  let held = Buffer.alloc(0)
  return (chunk) => {
    held = Buffer.concat([held, chunk])
    let at = 0
    while (at + 5 <= held.length && at + 1 + held.readInt32BE(at + 1) <= held.length) {
      const bytes = held.subarray(at, at + 1 + held.readInt32BE(at + 1))
      give({ type: String.fromCharCode(bytes[0] ?? 0), text: bytes.toString('latin1', 5) }, bytes)
      at += bytes.length
    }
    held = held.subarray(at)
  }
}
