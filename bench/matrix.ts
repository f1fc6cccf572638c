// The matrix: every workload on every server that does it, in rounds over all servers, so that a change of the machine hits them alike.
import { residentMebibytes } from './proc.ts'
import type { RunningServer } from './running.ts'
import { bestOf, type Generator, type LoadOrder, type Sample, takeSample } from './sample.ts'
import { type ServerName, servers } from './servers.ts'
import type { Store } from './store.ts'
import { type WorkloadId, workloadIds } from './workloads.ts'

export interface Figure extends Sample {
  readonly of: ServerName
  readonly workload: WorkloadId
  readonly connections: number
}

export interface Figures {
  readonly figures: readonly Figure[]
  /** MiB in use after all of it. */
  readonly memory: Readonly<Partial<Record<ServerName, number>>>
}

interface MatrixOptions {
  readonly only: readonly WorkloadId[]
  readonly rounds: number
  readonly seconds: number
  readonly warmup: number
  readonly connections: readonly number[]
  readonly products: number
}

interface Place {
  readonly running: readonly RunningServer[]
  readonly generator: Generator
  readonly store: Store
  readonly say: (line: string) => void
}

export async function measure(options: MatrixOptions, place: Place): Promise<Figures> {
  const figures: Figure[] = []
  for (const workload of workloadIds.filter((id) => options.only.includes(id))) {
    const doing = place.running.filter(({ name }) => servers[name].dialect[workload] !== undefined)
    for (const server of doing)
      await sampleOf({ server, workload, connections: 32, seconds: options.warmup }, options, place)
    for (const connections of options.connections) {
      const taken = doing.map((server) => ({ server, samples: new Array<Sample>() }))
      const turns = Array.from({ length: options.rounds }, () => taken).flat()
      for (const { server, samples } of turns) {
        samples.push(
          await sampleOf(
            { server, workload, connections, seconds: options.seconds },
            options,
            place,
          ),
        )
      }
      const best = taken.map(({ server, samples }): Figure => ({
        ...bestOf(samples),
        of: server.name,
        workload,
        connections,
      }))
      for (const figure of best) place.say(toLine(figure))
      figures.push(...best)
    }
  }
  return {
    figures,
    memory: Object.fromEntries(
      place.running.map(({ name, pid }) => [name, residentMebibytes(pid)]),
    ),
  }
}

interface Asked {
  readonly server: RunningServer
  readonly workload: WorkloadId
  readonly connections: number
  readonly seconds: number
}

async function sampleOf(
  { server, workload, connections, seconds }: Asked,
  { products }: MatrixOptions,
  { generator, store }: Place,
): Promise<Sample> {
  const order: LoadOrder = {
    server: server.name,
    workload,
    products,
    port: server.port,
    connections,
    milliseconds: seconds * 1000,
    from: 0,
  }
  const sample = await takeSample(order, {
    generator,
    pid: server.pid,
    postmaster: store.postmaster,
  })
  if (workload === 'R5' || workload === 'G5') await store.clean()
  return sample
}

const toLine = ({ of, workload, connections, server, postgres, perSecond, p50, p99 }: Figure) =>
  [
    workload,
    of.padEnd(12),
    `${connections} conn`.padStart(8),
    `${server.toFixed(0)} + ${postgres?.toFixed(0) ?? '?'} us`.padStart(15),
    `${perSecond.toFixed(0)}/s`.padStart(8),
    `p50 ${p50.toFixed(2)} p99 ${p99.toFixed(2)} ms`,
  ].join('  ')
