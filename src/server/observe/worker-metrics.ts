// The metrics of several workers, summed: any of them may be asked, and the primary collects from all.
import cluster, { type Worker } from 'node:cluster'
import { AggregatorRegistry } from '@prometheus-io/client'
import { Problem } from '../../errors.ts'
import type { Metrics } from './metrics.ts'

const ASK = 'bifrons:ask-metrics'
const TELL = 'bifrons:tell-metrics'
/** The primary waits 5 s for a worker that does not answer. */
const WAIT_MS = 6000

interface Message {
  readonly type: string
  readonly id: number
  /** The metrics; null where they could not be collected. */
  readonly text?: string | null
}

const isMessage = (value: unknown, type: string): value is Message =>
  typeof value === 'object' && value !== null && 'type' in value && value.type === type

/** In the primary: collects for whichever worker asks. Call it before the workers start. */
export function collectForWorkers(): void {
  const registry = new AggregatorRegistry()
  cluster.on('message', (worker: Worker, message: unknown) => {
    if (!isMessage(message, ASK)) return
    const tell = (text: string | null): void => {
      if (worker.isConnected()) worker.send({ type: TELL, id: message.id, text })
    }
    registry.clusterMetrics().then(tell, () => tell(null))
  })
}

/** In a worker: the sum of all. The registry of this process answers the primary. */
export function openSum(): Metrics['print'] {
  const waiting = new Map<number, (text: string | null) => void>()
  let asked = 0
  process.on('message', (message: unknown) => {
    if (isMessage(message, TELL)) waiting.get(message.id)?.(message.text ?? null)
  })
  return async () => {
    asked += 1
    const id = asked
    const text = await new Promise<string | null>((resolve) => {
      const timer = setTimeout(() => resolve(null), WAIT_MS)
      waiting.set(id, (told) => {
        clearTimeout(timer)
        resolve(told)
      })
      process.send?.({ type: ASK, id })
    })
    waiting.delete(id)
    if (text !== null) return text
    throw new Problem('UNAVAILABLE', 'A worker does not tell its metrics.')
  }
}
