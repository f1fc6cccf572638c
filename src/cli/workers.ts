// The process behind `bifrons start --workers N`: N processes that share one port and nothing else, and another one for each that dies.
import cluster, { type Address, type Worker } from 'node:cluster'
import type { RunningServer } from '../server/lifecycle.ts'
import { CliError } from './cli-error.ts'
import { reportError, say } from './terminal.ts'

/** What the primary tells a worker: a message and not a signal, which a whole group of processes may have had already. */
const STOP = 'bifrons:stop'

/** Milliseconds until a worker that died is replaced; twice as long each time, until all have lived for MAX_DELAY_MS. */
const MIN_DELAY_MS = 100
const MAX_DELAY_MS = 10_000

export interface RunningWorkers extends RunningServer {
  readonly pids: readonly number[]
}

/** Whether this process is one of several that serve. */
export const isWorker = (): boolean => cluster.isWorker

/** In a worker: stops it when the primary says so. Without its primary a worker ends at once, as node:cluster has it. */
export function obeyPrimary(
  running: RunningServer,
  onError: (error: unknown) => never,
): RunningServer {
  process.on('message', (message) => {
    if (message === STOP) running.stop().then(() => process.exit(0), onError)
  })
  return running
}

/**
 * Starts the workers, each by this very command. The first goes ahead, so that what keeps a server from starting is said once;
 * the others follow when it listens.
 * @throws CliError when one of them ends before it listens; then none is left. It has said why.
 */
export async function startWorkers(count: number): Promise<RunningWorkers> {
  const listening = new WeakSet<Worker>()
  cluster.on('listening', (worker) => listening.add(worker))
  try {
    const url = await startWorker()
    await Promise.all(Array.from({ length: count - 1 }, startWorker))
    const end = keepAlive()
    const stop = (): Promise<void> => {
      end()
      return stopWorkers(listening)
    }
    return { url, pids: pidsOf(alive()), stop }
  } catch (error) {
    await stopWorkers(listening)
    throw error
  }
}

/** Those that run; one that could not be started has no process. */
const alive = (): readonly Worker[] =>
  Object.values(cluster.workers ?? {})
    .filter((worker) => worker !== undefined)
    .filter((worker) => worker.process.pid !== undefined)
const pidsOf = (workers: readonly Worker[]): readonly number[] =>
  workers.flatMap((worker) => worker.process.pid ?? [])

/** The exit code of a worker that no replacement could serve any better: the first process ends then. */
const UNFIT = 78

/** In a worker: says why, and ends the worker and all others. */
export function endUnfit(error: unknown): never {
  reportError(error)
  process.exit(UNFIT)
}

/** How a worker ended. */
interface End {
  readonly isGood: boolean
  readonly reason: string
}

/**
 * Forks a worker whose errors always have a listener: an EventEmitter without one ends the process. A message that cannot be
 * sent is an error too, and the worker's exit follows it.
 */
function fork(): Worker {
  const worker = cluster.fork()
  worker.on('error', (error) => {
    if (worker.process.pid !== undefined) say(`Worker ${worker.process.pid}: ${error.message}.`)
  })
  return worker
}

/** Resolves when a worker has ended, or could not be started: then only an error comes, and no exit. */
function endOf(worker: Worker): Promise<End> {
  return new Promise((resolve) => {
    worker.once('exit', (code, signal) =>
      resolve({ isGood: code === 0, reason: signal ?? `exit code ${code}` }),
    )
    worker.on('error', (error) => {
      if (worker.process.pid === undefined) resolve({ isGood: false, reason: error.message })
    })
  })
}

/** Forks a worker, and tells where it listens. */
async function startWorker(): Promise<string> {
  const worker = fork()
  const ended = endOf(worker).then(({ reason }) => {
    throw new CliError(`A worker ended before it listened (${reason}).`)
  })
  const listening = new Promise<Address>((resolve) => {
    worker.once('listening', resolve)
  })
  const { address, port } = await Promise.race([listening, ended])
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}`
}

/** Replaces every worker that ends from now on, until the function it gives is called. */
function keepAlive(): () => void {
  let delay = MIN_DELAY_MS
  let calm: NodeJS.Timeout | undefined
  let isStopping = false
  const timers = new Set<NodeJS.Timeout>()
  const replaceAtEnd = async (worker: Worker): Promise<void> => {
    const { reason } = await endOf(worker)
    if (isStopping) return
    if (reason === `exit code ${UNFIT}`) process.exit(1) // workers end with it; the reason was said
    clearTimeout(calm)
    say(`${toName(worker)} ended (${reason}); another one starts in ${delay} ms.`)
    const timer = setTimeout(() => {
      timers.delete(timer)
      void replaceAtEnd(fork())
    }, delay)
    timers.add(timer)
    delay = Math.min(2 * delay, MAX_DELAY_MS)
  }
  const onListening = (worker: Worker): void => {
    say(`${toName(worker)} listens.`)
    clearTimeout(calm)
    calm = setTimeout(() => {
      delay = MIN_DELAY_MS
    }, MAX_DELAY_MS)
  }
  for (const worker of alive()) void replaceAtEnd(worker)
  cluster.on('listening', onListening)
  return () => {
    isStopping = true
    cluster.off('listening', onListening)
    for (const timer of [...timers, calm]) clearTimeout(timer)
  }
}

const toName = ({ process: { pid } }: Worker): string =>
  pid === undefined ? 'A worker' : `Worker ${pid}`

/** Every worker ends as a server of one process does. Throws CliError when one did not. */
async function stopWorkers(listening: WeakSet<Worker>): Promise<void> {
  const faults = await Promise.all(
    alive().map(async (worker) => {
      const end = endOf(worker)
      const isListening = listening.has(worker)
      if (isListening && worker.isConnected()) worker.send(STOP)
      else worker.process.kill('SIGKILL') // nothing is in flight yet
      const { isGood, reason } = await end
      return isGood || !isListening ? [] : [`${toName(worker)} did not end well (${reason}).`]
    }),
  )
  if (faults.flat().length > 0) throw new CliError(faults.flat().join('\n'))
}
