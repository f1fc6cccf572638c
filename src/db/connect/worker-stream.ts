// A socket, as far as `pg` needs one, whose other end is a worker thread.
import { Duplex } from 'node:stream'
import type { Worker } from 'node:worker_threads'

/** What `pg`'s connection calls on a socket beside a stream's own methods. */
interface SocketLike {
  connect(): void
  setNoDelay(): void
  setKeepAlive(): void
  ref(): void
  unref(): void
}

/** Bytes written go to the worker as messages, its messages are the bytes read; it ends when the worker does. */
export function openWorkerStream(worker: Worker): Duplex {
  const post = (bytes: Uint8Array): void => {
    const copy = new Uint8Array(bytes) // the driver's buffers are pooled: only a copy of its own can be handed over
    worker.postMessage(copy, [copy.buffer])
  }
  const stream = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      post(chunk)
      done()
    },
    // One message for what the driver corks: Parse, Bind, Describe, Execute and Sync of one statement.
    writev(chunks, done) {
      post(Buffer.concat(chunks.map(({ chunk }) => chunk as Buffer))) // no encoding: decodeStrings is on
      done()
    },
    final(done) {
      stream.push(null)
      done()
    },
  })
  worker.on('message', (message: Uint8Array | 'ready') => {
    if (message !== 'ready')
      stream.push(Buffer.from(message.buffer, message.byteOffset, message.byteLength))
  })
  // as of a server that ends: what runs is lost, and another one is started
  worker.on('error', (cause) => stream.destroy(new Error('Connection terminated', { cause })))
  worker.once('exit', () => stream.destroy())
  const socket: SocketLike = {
    connect: () => queueMicrotask(() => stream.emit('connect')),
    setNoDelay() {},
    setKeepAlive() {},
    ref: () => worker.ref(),
    unref: () => worker.unref(),
  }
  return Object.assign(stream, socket)
}
