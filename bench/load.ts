// The load generator, a process of its own: keeps connections busy for a while, and tells its parent how long answers took.
import { connect } from 'node:net'
import { openReader } from './http-reader.ts'
import { toRequests } from './requests.ts'
import type { LoadOrder, LoadResult } from './sample.ts'

/** On a machine that is busy otherwise, a sample of fewer requests says nothing: it goes on, for four times its length at most. */
const fewest = 500

/** Sends one request after the other over one connection, each when the one before it is answered. */
function keepBusy(
  port: number,
  next: () => Buffer | undefined,
  answered: (milliseconds: number, status: number, body: Buffer) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    let sent = 0
    const read = openReader((status, body) => {
      answered(performance.now() - sent, status, body)
      send()
    })
    function send() {
      const request = next()
      if (request === undefined) return socket.end()
      sent = performance.now()
      return socket.write(request)
    }
    socket.on('connect', send)
    socket.on('data', read)
    socket.on('error', reject)
    socket.on('close', resolve)
  })
}

async function load({
  server,
  workload,
  products,
  port,
  connections,
  milliseconds,
  from,
}: LoadOrder): Promise<LoadResult> {
  const requestOf = toRequests({ server, workload, products })
  const times: number[] = []
  let wrong: string | undefined
  let number = from
  let bytes = 0
  const start = performance.now()
  const goesOn = () => {
    const spent = performance.now() - start
    return spent < milliseconds || (number - from < fewest && spent < 4 * milliseconds)
  }
  const next = () => (wrong === undefined && goesOn() ? requestOf(number++) : undefined)
  const answered = (time: number, status: number, body: Buffer) => {
    times.push(time)
    bytes += body.length
    if (status >= 300 || body.length < 40 || body.includes('"errors"'))
      wrong = `${status} ${body.toString('utf8', 0, 500)}`
  }
  await Promise.all(Array.from({ length: connections }, () => keepBusy(port, next, answered)))
  const seconds = (performance.now() - start) / 1000
  if (wrong !== undefined) return { error: wrong, to: number }
  const sorted = Float64Array.from(times).toSorted()
  const quantile = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return {
    requests: times.length,
    seconds,
    p50: quantile(0.5),
    p99: quantile(0.99),
    bytes: Math.round(bytes / times.length),
    to: number,
  }
}

process.on('message', (order: LoadOrder) => {
  load(order)
    .catch((error: unknown) => ({ error: String(error), to: order.from }))
    .then((result) => process.send?.(result))
    .catch(() => process.exit(1))
})
process.on('disconnect', () => process.exit())
