// The load of a soak: so many requests a second of every kind, some of them given up or sent slowly, and what came of them.
import { connect, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { openReader } from '../http-reader.ts'
import { staffToken, toRequests } from '../requests.ts'
import type { WorkloadId } from '../workloads.ts'

type Manner = 'whole' | 'aborted' | 'slow'

interface Kind {
  readonly name: string
  readonly manner: Manner
  readonly bytes: (number: number) => Buffer
}

const ABORT_AFTER_MS = 5
const SLOW_PAUSE_MS = 1500
const GIVE_UP_MS = 30_000
/** Each member of the staff is a caller of its own, with its own limits. */
const STAFF = 20

/** As NDJSON: a line of CSV ends with CRLF, which the reader of answers may take for the end of the chunks. */
const exported = (number: number): Buffer =>
  Buffer.from(
    `GET /api/products HTTP/1.1\r\nhost: localhost\r\naccept: application/x-ndjson\r\nauthorization: Bearer ${staffToken(number % STAFF)}\r\n\r\n`,
  )

/** One turn of the load, in the order in which it is sent. */
function toKinds(products: number): readonly Kind[] {
  const of = (workload: WorkloadId, manner: Manner = 'whole'): Kind => ({
    name: manner === 'whole' ? workload : `${workload} ${manner}`,
    manner,
    bytes: toRequests({ server: 'bifrons', workload, products }),
  })
  const reads = (['R1', 'G1', 'R2', 'R4', 'G2'] as const).map((workload) => of(workload))
  const writes = [of('R5'), of('G5')]
  return [
    ...reads,
    ...writes,
    of('R3', 'aborted'),
    ...reads,
    of('R2', 'slow'),
    of('G3', 'aborted'),
    ...writes,
    of('G8'),
    of('G6', 'aborted'),
    { name: 'export', manner: 'whole', bytes: exported },
    ...reads,
    { name: 'export aborted', manner: 'aborted', bytes: exported },
  ]
}

/** Since the last look. */
export interface Figures {
  readonly sent: number
  readonly good: number
  readonly aborted: number
  /** Requests that should have been answered with 2xx, by what they got. */
  readonly failed: Readonly<Record<string, number>>
  readonly times: readonly number[]
}

export interface Load {
  take(): Figures
  stop(): Promise<void>
}

const empty = () => ({
  sent: 0,
  good: 0,
  aborted: 0,
  failed: {} as Record<string, number>,
  times: [] as number[],
})

export function openLoad(port: number, products: number, rate: number): Load {
  const kinds = toKinds(products)
  const idle: Socket[] = []
  const pending = new Set<Promise<void>>()
  let figures = empty()
  const fail = (name: string, why: string | number): void => {
    const key = `${name}: ${why}`
    figures.failed[key] = (figures.failed[key] ?? 0) + 1
  }
  const send = async (number: number): Promise<void> => {
    const kind = kinds[number % kinds.length]
    if (kind === undefined) return
    const began = performance.now()
    figures.sent += 1
    const status = await exchange(port, idle, kind, number)
    if (kind.manner === 'aborted') figures.aborted += 1
    else if (typeof status === 'number' && status >= 200 && status < 300) {
      figures.good += 1
      if (kind.manner === 'whole') figures.times.push(performance.now() - began)
    } else fail(kind.name, status)
  }
  const start = performance.now()
  let sent = 0
  const timer = setInterval(() => {
    for (; sent < ((performance.now() - start) * rate) / 1000; sent += 1) {
      const running = send(sent)
      pending.add(running)
      void running.finally(() => pending.delete(running))
    }
  }, 5)
  return {
    take() {
      const taken = figures
      figures = empty()
      return taken
    },
    async stop() {
      clearInterval(timer)
      await Promise.all(pending)
      for (const socket of idle) socket.destroy()
    },
  }
}

/** Sends one request in its manner; its status, or what became of it. */
async function exchange(
  port: number,
  idle: Socket[],
  { manner, bytes }: Kind,
  number: number,
): Promise<number | string> {
  const socket = takeIdle(idle) ?? connect({ port, host: '127.0.0.1', noDelay: true })
  const answered = answerOf(socket)
  const request = bytes(number)
  if (manner === 'slow') {
    socket.write(request.subarray(0, 30))
    await wait(SLOW_PAUSE_MS)
    socket.write(request.subarray(30))
  } else socket.write(request)
  if (manner === 'aborted') {
    await Promise.race([answered, wait(ABORT_AFTER_MS)])
    socket.destroy()
    return 'aborted'
  }
  const status = await answered
  if (!socket.destroyed) idle.push(socket)
  return status
}

function takeIdle(idle: Socket[]): Socket | undefined {
  for (let socket = idle.pop(); socket !== undefined; socket = idle.pop())
    if (!socket.destroyed && socket.readable) return socket
  return undefined
}

function answerOf(socket: Socket): Promise<number | string> {
  return new Promise((resolve) => {
    const end = (result: number | string): void => {
      clearTimeout(timer)
      socket.removeAllListeners('data').removeAllListeners('close').removeAllListeners('error')
      socket.on('error', () => {}) // while it is idle
      resolve(result)
    }
    const timer = setTimeout(() => {
      socket.destroy()
      end('no answer in time')
    }, GIVE_UP_MS)
    socket.on('data', openReader(end))
    socket.on('error', (error) => end(error.message))
    socket.on('close', () => end('closed'))
  })
}
