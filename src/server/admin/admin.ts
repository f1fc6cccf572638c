// The admin port: probes on a thread of their own. This side starts the thread and lets the process's loop beat.
import { Worker } from 'node:worker_threads'
import type { AdminAnswer } from './routes.ts'
import { type Heartbeat, makeMemory, openHeartbeat, type ReadinessState } from './heartbeat.ts'
import type { TellPage } from './pages.ts'
import type { AdminInput, FromAdmin, ToldPage } from './thread.ts'

/** Milliseconds between two beats. */
const BEAT_MS = 100
/** Megabytes: the thread holds one small server. */
const LIMITS = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 }

export interface AdminServer {
  readonly port: number
  readonly heartbeat: Heartbeat
  close(): Promise<void>
}

interface AdminOptions {
  readonly host: string
  readonly port: number
  /** How many processes beat. */
  readonly processes: number
  /** Tells the pages that the thread cannot know. Never rejects. */
  readonly tellPage: TellPage
  readonly onError: (error: unknown) => void
}

/** Listens. Rejects with an error that has the system's code where the address cannot be had. */
export async function openAdmin({
  host,
  port,
  processes,
  tellPage,
  onError,
}: AdminOptions): Promise<AdminServer> {
  const memory = makeMemory(processes)
  const input: AdminInput = { host, port, memory }
  // the same file as .ts from the source and as .js from the package
  const file = new URL(
    import.meta.url.endsWith('.ts') ? './thread.ts' : './thread.js',
    import.meta.url,
  )
  const worker = new Worker(file, { workerData: input, execArgv: [], resourceLimits: LIMITS })
  worker.unref()
  try {
    const opened = await toListening(worker)
    worker.on('error', onError)
    worker.on('message', (message: FromAdmin) => {
      if ('code' in message) onError(Object.assign(new Error(message.code), message))
      if ('id' in message) void tell(worker, message.id, tellPage(message))
    })
    return {
      port: opened,
      heartbeat: openHeartbeat(memory),
      async close() {
        await worker.terminate()
      },
    }
  } catch (error) {
    await worker.terminate()
    throw error
  }
}

async function tell(worker: Worker, id: number, page: Promise<AdminAnswer>): Promise<void> {
  const told: ToldPage = { id, ...(await page) }
  worker.postMessage(told)
}

function toListening(worker: Worker): Promise<number> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject)
    worker.once('message', (message: FromAdmin) => {
      worker.off('error', reject)
      if ('port' in message) resolve(message.port)
      else if ('code' in message)
        reject(Object.assign(new Error(`The admin port failed: ${message.code}`), message))
    })
  })
}

/** Beats for this process until the function that it gives is called. */
export function keepBeating(
  send: (state: ReadinessState) => void,
  readiness: () => Promise<ReadinessState>,
): () => void {
  let state: ReadinessState = 'starting'
  const beat = async (): Promise<void> => {
    send(state)
    state = await readiness()
    send(state)
  }
  void beat()
  const timer = setInterval(() => void beat(), BEAT_MS)
  timer.unref()
  return () => clearInterval(timer)
}
