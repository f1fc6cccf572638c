// One sample: load from the generator's process for a while, and what it cost the server and PostgreSQL.
import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { cpuBetween, cpuTimes } from './proc.ts'
import type { ServerName } from './servers.ts'
import type { WorkloadId } from './workloads.ts'

export interface LoadOrder {
  readonly server: ServerName
  readonly workload: WorkloadId
  readonly products: number
  readonly port: number
  readonly connections: number
  readonly milliseconds: number
  /** The number of the first request. */
  readonly from: number
}

interface LoadDone {
  readonly requests: number
  readonly seconds: number
  /** In milliseconds, as p99. */
  readonly p50: number
  readonly p99: number
  /** The mean size of a body. */
  readonly bytes: number
  /** The number of the first request that was not made. */
  readonly to: number
}

export type LoadResult = LoadDone | { readonly error: string; readonly to: number }

export interface Sample {
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  /** CPU time per request in microseconds. */
  readonly server: number
  /** As `server`; not known when PostgreSQL is on another machine. */
  readonly postgres: number | undefined
  readonly bytes: number
}

export interface Generator {
  load(order: LoadOrder): Promise<LoadDone>
  stop(): void
}

export function openGenerator(): Generator {
  const child: ChildProcess = fork(join(import.meta.dirname, 'load.ts'), {
    execArgv: ['--conditions=source'],
  })
  return {
    async load(order) {
      const result = await new Promise<LoadResult>((resolve, reject) => {
        const ended = () => reject(new Error('The load generator ended.'))
        child.once('exit', ended)
        child.once('message', (message) => {
          child.off('exit', ended)
          resolve(message as LoadResult) // what load.ts sends
        })
        child.send(order)
      })
      if ('error' in result)
        throw new Error(`${order.server} answered ${order.workload} with ${result.error}`)
      return result
    },
    stop: () => child.disconnect(),
  }
}

interface Measured {
  readonly generator: Generator
  readonly pid: number
  readonly postmaster: number | undefined
}

export async function takeSample(
  order: LoadOrder,
  { generator, pid, postmaster }: Measured,
): Promise<Sample> {
  const [serverBefore, postgresBefore] = [
    cpuTimes(pid),
    postmaster === undefined ? null : cpuTimes(postmaster),
  ]
  const { requests, seconds, p50, p99, bytes } = await generator.load(order)
  const perRequest = (cpu: number) => (cpu / requests) * 1e6
  return {
    perSecond: requests / seconds,
    p50,
    p99,
    bytes,
    server: perRequest(cpuBetween(serverBefore, cpuTimes(pid))),
    postgres:
      postmaster === undefined || postgresBefore === null
        ? undefined
        : perRequest(cpuBetween(postgresBefore, cpuTimes(postmaster))),
  }
}

const least = (samples: readonly Sample[], of: (sample: Sample) => number | undefined) =>
  Math.min(...samples.map((sample) => of(sample) ?? Number.NaN))

/** The least of each figure, and the most requests: what disturbs a sample only ever adds to it. */
export const bestOf = (samples: readonly Sample[]): Sample => ({
  perSecond: Math.max(...samples.map(({ perSecond }) => perSecond)),
  p50: least(samples, ({ p50 }) => p50),
  p99: least(samples, ({ p99 }) => p99),
  server: least(samples, ({ server }) => server),
  postgres:
    samples[0]?.postgres === undefined ? undefined : least(samples, ({ postgres }) => postgres),
  bytes: samples[0]?.bytes ?? 0,
})
