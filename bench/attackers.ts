// Two callers who spend all of their budgets, in a process of their own: each keeps its connections busy with one request, and
// waits as long as a refusal says.
import { setTimeout as wait } from 'node:timers/promises'
import { connect } from 'node:net'
import { openReader } from './http-reader.ts'

export interface Attack {
  readonly port: number
  /** The bytes of a request, for each caller. */
  readonly requests: readonly string[]
  readonly connections: number
  readonly milliseconds: number
}

export interface AttackResult {
  readonly accepted: number
  readonly refused: number
}

/** How long a refused caller waits before it looks again; its points may come back at any time. */
const PAUSE_MS = 250

function send(port: number, request: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => socket.write(request))
    const read = openReader((status) => {
      socket.destroy()
      resolve(status)
    })
    socket.on('data', read).on('error', reject)
    socket.on('close', () => resolve(0)) // the server took the connection away
  })
}

async function attack({
  port,
  requests,
  connections,
  milliseconds,
}: Attack): Promise<AttackResult> {
  const end = performance.now() + milliseconds
  let accepted = 0
  let refused = 0
  const keepBusy = async (request: string): Promise<void> => {
    while (performance.now() < end) {
      if ((await send(port, request)) === 200) accepted += 1
      else {
        refused += 1
        await wait(PAUSE_MS)
      }
    }
  }
  await Promise.all(
    requests.flatMap((request) => Array.from({ length: connections }, () => keepBusy(request))),
  )
  return { accepted, refused }
}

process.on('message', (order: Attack) => {
  attack(order)
    .then((result) => process.send?.(result))
    .catch(() => process.exit(1))
})
process.on('disconnect', () => process.exit())
