// Metrics in Prometheus' format: what was asked, how it ended, how long it took, and what the process holds.
import {
  AggregatorRegistry,
  collectDefaultMetrics,
  Counter,
  Gauge,
  Histogram,
  type Registry,
} from '@prometheus-io/client'
import type { Observer } from '../../engine/observer.ts'
import type { Bill } from '../../engine/request.ts'
import { toProblem } from '../../errors.ts'

export type Face = 'graphql' | 'rest'

/** How one HTTP request ended. */
export interface EndedRequest {
  readonly face: Face | 'other'
  readonly status: number
  /** What it was charged, and what its budget refused or got back; null where no face was asked. */
  readonly bill: Pick<Bill, 'charged' | 'givenBack' | 'refused'> | null
  readonly seconds: number
}

/** One figure that is read when the metrics are asked for. */
export interface Reading {
  readonly name: string
  readonly help: string
  /** The names of its labels. */
  readonly labels: readonly string[]
  read(): readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[]
}

export interface Metrics {
  readonly contentType: string
  countRequest(ended: EndedRequest): void
  /** Counts the operations of a face. Labels are names of the model and codes of the error table, so callers make no new series. */
  observerOf(face: Face): Observer
  watch(reading: Reading): void
  /** This process alone. */
  print(): Promise<string>
}

/** Seconds: from a read by key to the longest that a request may take. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15]

/** Opens a registry of its own, which workers share with their primary. */
export function openMetrics(): Metrics {
  const registry = new AggregatorRegistry()
  collectDefaultMetrics({ register: registry }) // event loop, heap, garbage collection, process
  AggregatorRegistry.setRegistries(registry)
  const registers = [registry]
  const requests = new Counter({
    name: 'bifrons_http_requests_total',
    help: 'Requests by face and status; 499 where the caller left first.',
    labelNames: ['face', 'status'] as const,
    registers,
  })
  const requestSeconds = new Histogram({
    name: 'bifrons_http_request_duration_seconds',
    help: 'From the first byte of a request to the last of its answer.',
    labelNames: ['face'] as const,
    buckets: BUCKETS,
    registers,
  })
  const countBill = openCosts(registers)
  return {
    contentType: registry.contentType,
    countRequest: ({ face, status, seconds, bill }) => {
      requests.inc({ face, status })
      if (bill !== null) countBill(face, bill)
      requestSeconds.observe({ face }, seconds)
    },
    observerOf: openOperations(registers),
    watch: (reading) => addGauge(registers, reading),
    print: () => registry.metrics(),
  }
}

/** By face alone: a label of accounts or callers would be a series for each of them. */
function openCosts(registers: Registry[]) {
  const charged = new Counter({
    name: 'bifrons_cost_points_total',
    help: 'Points that requests were charged before their work, by face.',
    labelNames: ['face'] as const,
    registers,
  })
  const givenBack = new Counter({
    name: 'bifrons_cost_points_given_back_total',
    help: 'Points of them that the work did not use, and the budget got back.',
    labelNames: ['face'] as const,
    registers,
  })
  const refusals = new Counter({
    name: 'bifrons_cost_refusals_total',
    help: 'Requests that were refused for their cost: by the budget of their caller, or as too complex.',
    labelNames: ['face', 'reason'] as const,
    registers,
  })
  return (face: EndedRequest['face'], bill: NonNullable<EndedRequest['bill']>): void => {
    if (bill.charged > 0) charged.inc({ face }, bill.charged)
    if (bill.givenBack > 0) givenBack.inc({ face }, bill.givenBack)
    if (bill.refused !== null) refusals.inc({ face, reason: bill.refused })
  }
}

function openOperations(registers: Registry[]): (face: Face) => Observer {
  const operations = new Counter({
    name: 'bifrons_operations_total',
    help: 'Operations by name, face and the code of their error; OK where they have none.',
    labelNames: ['operation', 'face', 'code'] as const,
    registers,
  })
  const seconds = new Histogram({
    name: 'bifrons_operation_duration_seconds',
    help: 'From an operation to its result, without parsing the request and sending the answer.',
    labelNames: ['operation', 'face'] as const,
    buckets: BUCKETS,
    registers,
  })
  return (face) =>
    async ({ name: operation }, work) => {
      const began = performance.now()
      const count = (code: string): void => {
        operations.inc({ operation, face, code })
        seconds.observe({ operation, face }, (performance.now() - began) / 1000)
      }
      try {
        const result = await work()
        if (result !== null) count('OK') // null: it is run again by another way, and counted then
        return result
      } catch (error) {
        count(toProblem(error).code)
        throw error
      }
    }
}

function addGauge(registers: Registry[], { name, help, labels, read }: Reading): void {
  const gauge: Gauge<string> = new Gauge<string>({
    name,
    help,
    labelNames: labels,
    registers,
    collect: () => {
      for (const { labels: of, value } of read()) gauge.set({ ...of }, value)
    },
  })
}
