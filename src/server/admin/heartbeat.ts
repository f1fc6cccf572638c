// The heartbeat: memory that the processes' loops write and the admin thread reads, so that it answers while they are busy.

/** What a process says of itself, in the order of the numbers that stand for it. */
const readinessStates = [
  'starting',
  'ready',
  'degraded',
  'waiting',
  'database',
  'stopping',
] as const
export type ReadinessState = (typeof readinessStates)[number]

/** Why a process should get no traffic, as a prober may read it. */
export const unreadyReasons: Readonly<Record<ReadinessState, string>> = {
  starting: 'This process is starting.',
  ready: '',
  degraded: '',
  waiting: 'This process waits for its database.',
  database: 'The database does not answer.',
  stopping: 'This process is shutting down.',
}

/** Milliseconds by a clock that all threads and processes of a machine share, and that is never set back. */
const monotonic = (): number => Number(process.hrtime.bigint()) / 1e6

/** Two numbers for each process: when its loop has last turned (0: it does not run), and its state. */
const MEMBERS = 2

export interface Pulse {
  /** Milliseconds since its loop has last turned. */
  readonly age: number
  readonly state: ReadinessState
}

export interface Heartbeat {
  readonly memory: SharedArrayBuffer
  beat(slot: number, state: ReadinessState): void
  /** The process does not run any longer. */
  clear(slot: number): void
  /** Of each process that runs. */
  pulses(): readonly Pulse[]
}

export const makeMemory = (processes: number): SharedArrayBuffer =>
  new SharedArrayBuffer(processes * MEMBERS * Float64Array.BYTES_PER_ELEMENT)

export function openHeartbeat(memory: SharedArrayBuffer): Heartbeat {
  const numbers = new Float64Array(memory)
  return {
    memory,
    beat(slot, state) {
      numbers[slot * MEMBERS + 1] = readinessStates.indexOf(state)
      numbers[slot * MEMBERS] = monotonic()
    },
    clear(slot) {
      numbers[slot * MEMBERS] = 0
    },
    pulses() {
      const now = monotonic()
      const found: Pulse[] = []
      for (let at = 0; at < numbers.length; at += MEMBERS) {
        const beaten = numbers[at] ?? 0
        const state = readinessStates[numbers[at + 1] ?? 0] ?? 'starting'
        if (beaten > 0) found.push({ age: Math.max(0, now - beaten), state })
      }
      return found
    },
  }
}
