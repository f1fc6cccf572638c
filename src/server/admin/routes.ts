// What the admin port serves. It runs on the admin thread: it may read the heartbeat, and must not wait for the processes.
import { type Pulse, unreadyReasons } from './heartbeat.ts'

/** A process whose loop has not turned for as long is taken for dead, in milliseconds. */
const DEAD_MS = 10_000

export interface AdminAnswer {
  readonly status: number
  readonly type: string
  readonly body: string
}

type AdminRoute = (pulses: readonly Pulse[]) => AdminAnswer

/** By path. A page that needs what the processes know asks them by messages, as their memory is not here. */
export const adminRoutes: Readonly<Record<string, AdminRoute | undefined>> = {
  '/healthz': (pulses) =>
    pulses.every(isAlive)
      ? answer(200, { status: 'ok' })
      : refuse(`An event loop has not turned for ${DEAD_MS / 1000} s.`),
  '/readyz': (pulses) => {
    const states = new Set(pulses.filter(isAlive).map(({ state }) => state))
    if (states.has('degraded')) return answer(200, { status: 'degraded' })
    return states.has('ready')
      ? answer(200, { status: 'ready' })
      : refuse(unreadyReasons[pulses[0]?.state ?? 'starting'] || 'The event loop does not turn.')
  },
}

const isAlive = ({ age }: Pulse): boolean => age < DEAD_MS

const answer = (status: number, body: object): AdminAnswer => ({
  status,
  type: 'application/json',
  body: JSON.stringify(body),
})

const refuse = (detail: string): AdminAnswer => ({
  status: 503,
  type: 'application/problem+json',
  body: JSON.stringify({ title: 'Not available', status: 503, detail }),
})

export const unknownPage: AdminAnswer = {
  status: 404,
  type: 'application/problem+json',
  body: JSON.stringify({ title: 'Nothing is here', status: 404 }),
}
