// Load that does not wait for answers: so many requests a second, over as many connections as that takes, and probes beside it.
import { connect, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { openReader } from '../http-reader.ts'

export interface Target {
  readonly port: number
  /** The next request, whole. */
  readonly next: () => string
}

interface Outcome {
  /** 0 where the connection ended without an answer. */
  readonly status: number
  /** Milliseconds from the moment when it was due: before it is sent, where the generator is late. */
  readonly ms: number
}

/** The most connections at a time; requests beyond are not sent, and counted as unsent. */
const MAX_SOCKETS = 4000
const TICK_MS = 2
const GIVE_UP_MS = 30_000

interface Client {
  send(due: number): void
  readonly socket: Socket
}

function openConnection(
  { port, next }: Target,
  answered: (client: Client, outcome: Outcome) => void,
): Client {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  let since: number | null = null
  const finish = (status: number): void => {
    if (since === null) return
    const ms = performance.now() - since
    since = null
    answered(client, { status, ms })
  }
  const read = openReader((status) => finish(status))
  socket.on('data', read)
  socket.on('error', () => {})
  socket.on('close', () => finish(0))
  const client: Client = {
    socket,
    send(due) {
      since = due
      socket.write(next())
    },
  }
  return client
}

/** Sends one request after the other over each of so many connections; how many a second were answered with 200. */
export async function measureCapacity(
  target: Target,
  connections: number,
  milliseconds: number,
): Promise<number> {
  const end = performance.now() + milliseconds
  let good = 0
  const clients = Array.from({ length: connections }, () =>
    openConnection(target, (client, { status }) => {
      if (status === 200) good += 1
      if (performance.now() < end && status > 0) client.send(performance.now())
    }),
  )
  for (const client of clients) client.send(performance.now())
  await wait(milliseconds)
  for (const { socket } of clients) socket.destroy()
  return (good * 1000) / milliseconds
}

export interface OpenLoop {
  readonly sent: number
  /** Milliseconds of those that were answered with 200, and of those refused with 503 or 429. */
  readonly admitted: readonly number[]
  readonly shed: readonly number[]
  /** Answers of other statuses, and requests without an answer, by status. */
  readonly others: Readonly<Record<number, number>>
  readonly unsent: number
}

export async function runOpenLoop(
  target: Target,
  rate: number,
  milliseconds: number,
): Promise<OpenLoop> {
  const idle: Client[] = []
  const all = new Set<Client>()
  const admitted: number[] = []
  const shed: number[] = []
  const others: Record<number, number> = {}
  const counts = { open: 0 }
  let unsent = 0
  const answered = (client: Client, { status, ms }: Outcome): void => {
    counts.open -= 1
    if (status === 200) admitted.push(ms)
    else if (status === 503 || status === 429) shed.push(ms)
    else others[status] = (others[status] ?? 0) + 1
    if (status > 0 && !client.socket.destroyed) idle.push(client)
  }
  const take = (): Client => {
    for (let client = idle.pop(); client !== undefined; client = idle.pop())
      if (!client.socket.destroyed) return client
    const client = openConnection(target, answered)
    all.add(client)
    client.socket.once('close', () => all.delete(client))
    return client
  }
  const start = performance.now()
  let sent = 0
  while (performance.now() - start < milliseconds) {
    const due = 1 + Math.floor(((performance.now() - start) * rate) / 1000) // the first one is due at once
    for (; sent < due; sent += 1) {
      if (all.size >= MAX_SOCKETS && idle.length === 0) {
        unsent += 1
        continue
      }
      counts.open += 1
      take().send(start + (sent * 1000) / rate)
    }
    await wait(TICK_MS)
  }
  const end = performance.now() + GIVE_UP_MS
  while (counts.open > 0 && performance.now() < end) await wait(TICK_MS)
  for (const { socket } of all) socket.destroy()
  return { sent, admitted, shed, others, unsent }
}

/** Probes an address until it is stopped; each probe has a connection of its own and 5 seconds. */
export function openProbe(url: string, every: number) {
  const times: number[] = []
  let failed = 0
  const state = { isOver: false }
  const run = async (): Promise<void> => {
    while (!state.isOver) {
      const began = performance.now()
      const answer = await fetch(url, {
        headers: { connection: 'close' },
        signal: AbortSignal.timeout(5000),
      }).catch(() => null)
      await answer?.text().catch(() => null)
      if (answer?.status === 200) times.push(performance.now() - began)
      else failed += 1
      await wait(every)
    }
  }
  const running = run()
  return {
    async stop() {
      state.isOver = true
      await running
      return { times, failed }
    },
  }
}

/** A quantile in milliseconds, with one digit behind the point; 0 of nothing. */
export function quantile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b)
  const found = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return Math.round(found * 10) / 10
}
