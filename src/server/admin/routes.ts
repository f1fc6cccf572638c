// What the admin port serves. Probes are answered on the admin thread from the heartbeat, and must not wait for the processes.
import { type Pulse, unreadyReasons } from './heartbeat.ts'

/** A process whose loop has not turned for as long is taken for dead, in milliseconds. */
const DEAD_MS = 10_000

export interface AdminAnswer {
  readonly status: number
  readonly type: string
  readonly body: string
}

type AdminRoute = (pulses: readonly Pulse[]) => AdminAnswer

/** By path. */
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

/** Pages that only the process can tell, by path: the thread asks it for them by a message, and waits a second. */
export type PageName = 'drift' | 'metrics'
export const adminPages: Readonly<Record<string, PageName | undefined>> = {
  '/drift': 'drift',
  '/metrics': 'metrics',
}

const isAlive = ({ age }: Pulse): boolean => age < DEAD_MS

export const answer = (status: number, body: object): AdminAnswer => ({
  status,
  type: 'application/json',
  body: JSON.stringify(body),
})

export const refuse = (detail: string): AdminAnswer => ({
  status: 503,
  type: 'application/problem+json',
  body: JSON.stringify({ title: 'Not available', status: 503, detail }),
})

export const silentLoop = refuse('The event loop does not answer within a second.')

export const unknownPage: AdminAnswer = {
  status: 404,
  type: 'application/problem+json',
  body: JSON.stringify({ title: 'Nothing is here', status: 404 }),
}
