// The process behind `bifrons start --workers N`: N processes that share one port and nothing else, and another one for each that dies.
import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import type { Running } from '../server/lifecycle.ts'
import { CliError } from './cli-error.ts'
import { say } from './terminal.ts'

/** What the primary tells a worker: a message and not a signal, which a whole group of processes may have had already. */
const STOP = 'bifrons:stop'

/** Milliseconds until a worker that died is replaced; twice as long each time, until all have lived for MAX_DELAY_MS. */
const MIN_DELAY_MS = 100
const MAX_DELAY_MS = 10_000

export interface RunningWorkers extends Running {
  readonly pids: readonly number[]
}

/** Whether this process is one of several that serve. */
export const isWorker = (): boolean => cluster.isWorker

/** In a worker: stops it when the primary says so. Without its primary a worker ends at once, as node:cluster has it. */
export function obeyPrimary(running: Running, onError: (error: unknown) => never): Running {
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
    return { url, pids: pidsOf(alive()), stop: () => end().then(() => stopWorkers(listening)) }
  } catch (error) {
    await stopWorkers(listening)
    throw error
  }
}

const alive = (): readonly Worker[] =>
  Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined)
const pidsOf = (workers: readonly Worker[]): readonly number[] =>
  workers.flatMap((worker) => worker.process.pid ?? [])
const toReason = (code: unknown, signal: unknown): string =>
  typeof signal === 'string' ? signal : `exit code ${String(code)}`

/** Forks a worker; where it listens. */
async function startWorker(): Promise<string> {
  const worker = cluster.fork()
  const ended = once(worker, 'exit').then(([code, signal]) => {
    throw new CliError(`A worker ended before it listened (${toReason(code, signal)}).`)
  })
  const [{ address, port }] = await Promise.race([once(worker, 'listening'), ended])
  return `http://${String(address).includes(':') ? `[${address}]` : address}:${port}`
}

/** Replaces every worker that ends from now on, until the function it gives is called. */
function keepAlive(): () => Promise<void> {
  let delay = MIN_DELAY_MS
  let calm: NodeJS.Timeout | undefined
  const timers = new Set<NodeJS.Timeout>()
  const onExit = (worker: Worker, code: number, signal: string): void => {
    clearTimeout(calm)
    say(
      `Worker ${worker.process.pid} ended (${toReason(code, signal)}); another one starts in ${delay} ms.`,
    )
    const timer = setTimeout(() => {
      timers.delete(timer)
      cluster.fork()
    }, delay)
    timers.add(timer)
    delay = Math.min(2 * delay, MAX_DELAY_MS)
  }
  const onListening = (worker: Worker): void => {
    say(`Worker ${worker.process.pid} listens.`)
    clearTimeout(calm)
    calm = setTimeout(() => {
      delay = MIN_DELAY_MS
    }, MAX_DELAY_MS)
  }
  cluster.on('exit', onExit).on('listening', onListening)
  return async () => {
    cluster.off('exit', onExit).off('listening', onListening)
    for (const timer of [...timers, calm]) clearTimeout(timer)
  }
}

/** Every worker ends as a server of one process does. Throws CliError when one did not. */
async function stopWorkers(listening: WeakSet<Worker>): Promise<void> {
  const ended = await Promise.all(
    alive().map(async (worker) => {
      const exit = once(worker, 'exit')
      if (listening.has(worker) && worker.isConnected()) worker.send(STOP)
      else worker.process.kill('SIGKILL') // nothing is in flight yet
      const [code, signal] = await exit
      return {
        pid: worker.process.pid,
        isGood: code === 0 || !listening.has(worker),
        why: toReason(code, signal),
      }
    }),
  )
  const bad = ended.filter(({ isGood }) => !isGood)
  if (bad.length > 0)
    throw new CliError(
      bad.map(({ pid, why }) => `Worker ${pid} did not end well (${why}).`).join('\n'),
    )
}
