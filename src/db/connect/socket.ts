// The socket to a PostgreSQL server, read into one piece of memory: a new one for every chunk made V8 collect its whole heap
// every thousand answers of 26 KB, for a quarter of the time that lists took.
import { Socket } from 'node:net'

const SIZE = 64 * 1024

/** Its chunks are there until the listeners of `data` return: wire-protocol.ts copies what it has to keep, and pg-protocol makes strings. */
export function openSocket({ ssl }: { readonly ssl?: object | boolean }): Socket {
  if (ssl) return new Socket() // TLS reads from below the socket
  const socket: Socket = new Socket({
    onread: {
      buffer: Buffer.allocUnsafeSlow(SIZE),
      callback(size: number, buffer: Uint8Array) {
        socket.emit('data', Buffer.from(buffer.buffer, buffer.byteOffset, size))
        return true
      },
    },
  })
  return socket
}
