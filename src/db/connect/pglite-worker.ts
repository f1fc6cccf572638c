// The embedded database's own thread: takes PostgreSQL's wire protocol from its port and answers on it.
import { existsSync, openAsBlob } from 'node:fs'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { type Extension, PGlite } from '@electric-sql/pglite'

/** What pglite.ts gives this thread: where the data is, and what a database in memory starts from. */
export interface WorkerInput {
  /** An absolute path, or null for a database in memory. */
  readonly folder: string | null
  /** What a new database starts from, a tar file; null for initdb. */
  readonly snapshot: string | null
  /** Extensions that do not come with PGlite, by the module that each is in. */
  readonly extensions: readonly PgliteExtension[]
}

export interface PgliteExtension {
  readonly name: string
  readonly module: string
}

/** Bytes of the wire protocol, whole messages at a time, or the wish to end. The answers are bytes. */
export type ToWorker = Uint8Array | 'close'

const SYNC = 0x53 // 'S' of the extended protocol: the end of a unit, answered with ReadyForQuery
const QUERY = 0x51 // 'Q': a unit by itself
const TERMINATE = 0x58 // 'X': we end by 'close' instead
const READY_FOR_QUERY = 0x5a // 'Z'

const port = parentPort
if (port === null) throw new Error('pglite-worker runs as a worker thread')

const input = workerData as WorkerInput // set by pglite.ts
const fresh = input.folder === null || !existsSync(join(input.folder, 'PG_VERSION'))
const extensions = Object.fromEntries(
  await Promise.all(
    input.extensions.map(async ({ name, module }) => {
      const { [name]: extension } = (await import(module)) as Record<string, Extension> // as the extension's own page shows it
      if (extension === undefined) throw new Error(`${module} has no extension ${name}`)
      return [name, extension] as const
    }),
  ),
)
const database = await PGlite.create({
  dataDir: input.folder ?? 'memory://',
  extensions,
  ...(input.snapshot !== null && fresh && { loadDataDir: await openAsBlob(input.snapshot) }),
})

let queue: Promise<void> = Promise.resolve()
port.on('message', (message: ToWorker) => {
  queue = queue.then(() => (message === 'close' ? close() : answer(message)))
})
port.postMessage('ready')

async function answer(bytes: Uint8Array): Promise<void> {
  for (const unit of toUnits(bytes)) {
    const reply = withoutEarlyReady(await database.execProtocolRaw(unit.bytes), unit.ends)
    if (reply.byteLength > 0) port?.postMessage(reply)
  }
}

async function close(): Promise<void> {
  await database.close()
  port?.close()
}

interface Unit {
  readonly bytes: Uint8Array
  /** Whether the client waits for a ReadyForQuery after it. */
  readonly ends: boolean
}

/** Messages up to and with each Sync or Query. The first message of a session has no type byte and counts as one. */
function toUnits(bytes: Uint8Array): Unit[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes[0] === 0) return [{ bytes, ends: true }]
  const units: Unit[] = []
  let start = 0
  let at = 0
  while (at < bytes.byteLength) {
    const type = bytes[at]
    const next = at + 1 + view.getInt32(at + 1)
    if (type === SYNC || type === QUERY) {
      units.push({ bytes: bytes.subarray(start, next), ends: true })
      start = next
    }
    if (type === TERMINATE) start = next
    at = next
  }
  if (start < at) units.push({ bytes: bytes.subarray(start, at), ends: false })
  return units
}

/**
 * A reply with at most one ReadyForQuery, at its end. PGlite has sent another after an error of the extended protocol
 * (0.5.8; electric-sql/pglite#958), and every later answer then belonged to the question before.
 */
function withoutEarlyReady(reply: Uint8Array, ends: boolean): Uint8Array {
  const view = new DataView(reply.buffer, reply.byteOffset, reply.byteLength)
  const ready: number[] = []
  for (let at = 0; at < reply.byteLength; at += 1 + view.getInt32(at + 1)) {
    if (reply[at] === READY_FOR_QUERY) ready.push(at)
  }
  const kept = ends ? ready.pop() : undefined
  if (ready.length === 0) return reply.slice()
  const early = new Set(ready)
  const parts: Uint8Array[] = []
  for (let at = 0; at < reply.byteLength;) {
    const next = at + 1 + view.getInt32(at + 1)
    if (at === kept || !early.has(at)) parts.push(reply.subarray(at, next))
    at = next
  }
  return new Uint8Array(Buffer.concat(parts))
}
