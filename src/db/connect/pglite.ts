// The embedded database: PGlite in a worker thread, spoken to by `pg`; one connection, lent to one holder at a time.
import { existsSync, mkdirSync, readdirSync, realpathSync } from 'node:fs'
import { once } from 'node:events'
import { dirname, resolve } from 'node:path'
import { Worker } from 'node:worker_threads'
import { Problem } from '../../errors.ts'
import { ListeningClient } from './listening-client.ts'
import type { Connections, Lease } from '../run/connection.ts'
import type { DatabaseOptions } from '../database.ts'
import { extensionsOf } from './pglite-extensions.ts'
import { lockFolder, type FolderLock } from './folder-lock.ts'
import { openQueue } from './mutex.ts'
import type { ToWorker, WorkerInput } from './pglite-worker.ts'
import { openWorkerStream } from './worker-stream.ts'

/** A running PGlite and the driver's session with it. */
interface Engine {
  readonly worker: Worker
  readonly client: ListeningClient
  dead: boolean
}

/** Milliseconds PGlite has to write everything out when it is closed. */
const CLOSE_TIMEOUT = 10_000

/** Opens `pglite:FOLDER` (made when absent, locked against other processes) or `pglite:memory`. */
export async function openPglite(options: DatabaseOptions): Promise<Connections> {
  const name = options.url.slice('pglite:'.length)
  if (name === '')
    throw new Problem(
      'INTERNAL',
      "The database's URL names no folder: pglite:FOLDER or pglite:memory.",
    )
  const folder = name === 'memory' ? null : openFolder(name)
  const lock =
    folder === null ? null : await lockFolder(folder, (error) => options.onError?.(error))
  if (folder === null) {
    options.onNotice?.(
      'The database is in memory: it is gone when the process ends, ' +
        `and also when a statement has to be ended at its timeout of ${options.statementTimeout} ms.`,
    )
  }
  try {
    const input: WorkerInput = {
      folder,
      snapshot: options.snapshot ?? null,
      extensions: extensionsOf(options.relations),
    }
    return toConnections(await startEngine(input), input, { options, lock })
  } catch (error) {
    lock?.release()
    const why = error instanceof Error ? error.message : String(error)
    throw new Problem(
      'UNAVAILABLE',
      `The embedded database ${folder ?? 'in memory'} cannot be opened: ${why}`,
      { cause: error },
    )
  }
}

function openFolder(name: string): string {
  try {
    makeFolder(resolve(name))
    const folder = realpathSync(name) // one folder has one lock, by all of its names
    refuseForeign(folder, readdirSync(folder))
    return folder
  } catch (error) {
    if (error instanceof Problem) throw error
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw new Problem(
      'UNAVAILABLE',
      `The folder ${name} of the embedded database cannot be used: ${code}.`,
      { cause: error },
    )
  }
}

const MAX_NAMED = 5

/** PGlite would write its own files among those of others. A folder of its own has PG_VERSION. */
function refuseForeign(folder: string, all: readonly string[]): void {
  const names = all.filter((name) => name !== 'lost+found') // a volume of its own has that
  if (names.length === 0 || names.includes('PG_VERSION')) return
  const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : ''
  const held = names.toSorted().slice(0, MAX_NAMED).join(', ')
  throw new Problem(
    'UNAVAILABLE',
    `The folder ${folder} has other files in it (${held}${more}) and is no embedded database. Name an empty folder or one that does not exist.`,
  )
}

/** Step by step: the recursive `mkdirSync` of Node never returns where a file system has no folders to make, as /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  mkdirSync(path)
}

async function startEngine(input: WorkerInput): Promise<Engine> {
  // The same file as .ts from the source and as .js from the package.
  const file = new URL(
    import.meta.url.endsWith('.ts') ? './pglite-worker.ts' : './pglite-worker.js',
    import.meta.url,
  )
  const worker = new Worker(file, { workerData: input, execArgv: [] })
  await new Promise((ready, reject) => {
    worker.once('message', ready)
    worker.on('error', reject) // for as long as it lives: what comes later is the stream's to tell
    worker.once('exit', (code) => reject(new Error(`its thread ended with ${code}`)))
  })
  const client = new ListeningClient({
    stream: () => openWorkerStream(worker),
    user: 'postgres',
    database: 'postgres',
    ssl: false,
  })
  const engine: Engine = { worker, client, dead: false }
  client.on('error', () => {
    engine.dead = true
  })
  client.on('end', () => {
    engine.dead = true
  })
  await client.connect()
  return engine
}

interface Surroundings {
  readonly options: DatabaseOptions
  readonly lock: FolderLock | null
}

/** A statement that hangs is ended at its deadline. */
const knock = async (): Promise<void> => {}

interface Engines {
  current(): Engine
  /** A new worker on the same folder; only one at a time, and another attempt at the next call when it failed: UNAVAILABLE. */
  restart(): Promise<Engine>
  /** Resolves when no restart runs. */
  settled(): Promise<void>
}

function keepEngine(first: Engine, input: WorkerInput, options: DatabaseOptions): Engines {
  let starting: Promise<Engine> | null = null
  let engine = first
  const replaceEngine = async (): Promise<Engine> => {
    await engine.worker.terminate() // two on one folder would be worse than none
    engine = await startEngine(input).catch((error: unknown) => {
      throw notReopened(error)
    })
    if (input.folder === null)
      options.onNotice?.(
        'The database in memory was lost with a statement that had to be ended; a new one was opened.',
      )
    return engine
  }
  return {
    current: () => engine,
    restart() {
      if (starting === null) {
        starting = replaceEngine().finally(() => {
          starting = null
        })
        starting.catch((error: unknown) => options.onError?.(error))
      }
      return starting
    },
    async settled() {
      if (starting !== null) await starting.catch(() => {}) // reported by restart
    },
  }
}

/** A full disk, or a folder that another hand has changed: it may be mended, and then the next call opens it. */
const notReopened = (cause: unknown): Problem =>
  new Problem('UNAVAILABLE', 'The database is not available just now. Try again.', {
    headers: { 'retry-after': '1' },
    cause,
  })

function toConnections(
  first: Engine,
  input: WorkerInput,
  { options, lock }: Surroundings,
): Connections {
  const queue = openQueue(options.connectTimeout)
  const engines = keepEngine(first, input, options)
  return {
    kind: 'pglite',
    begin: ['BEGIN'],
    async lease() {
      const place = await queue.enter()
      try {
        const engine = engines.current()
        const living = engine.dead ? await place.inTime(engines.restart()) : engine
        return toLease(living, { release: place.leave, restart: engines.restart })
      } catch (error) {
        place.leave()
        throw error
      }
    },
    queued: queue.waiting,
    pool: () => null,
    isBusy: queue.isTaken,
    knock,
    async close() {
      const place = await queue.closeAndEnter()
      await engines.settled()
      const engine = engines.current()
      if (!engine.dead) await stopEngine(engine)
      lock?.release()
      place.leave()
    },
  }
}

function toLease(
  engine: Engine,
  { release, restart }: { release: () => void; restart: () => Promise<Engine> },
): Lease {
  const end = async (): Promise<void> => {
    engine.dead = true
    await engine.worker.terminate()
    void restart() // reports what fails there
  }
  return {
    client: engine.client,
    // Ending the one thread for a caller who went away would punish all others (and lose a database in memory).
    interrupt: (why) => (why === 'abort' ? null : end()),
    onReadOnly() {}, // there is no other server
    release(broken) {
      if (broken && !engine.dead) void end().finally(release)
      else release()
    },
  }
}

async function stopEngine({ client, worker }: Engine): Promise<void> {
  const exited = once(worker, 'exit')
  const timer = setTimeout(() => void worker.terminate(), CLOSE_TIMEOUT)
  const close: ToWorker = 'close'
  worker.postMessage(close)
  await exited
  clearTimeout(timer)
  await client.end()
}
