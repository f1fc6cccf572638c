// All connections are in use: no fault of the database, and said in other words.
import { Problem } from '../../errors.ts'

/** How the connections stand, for the log. */
export interface PoolFigures {
  readonly open: number
  readonly idle: number
  readonly waiting: number
}

/** What the log tells: its `code` and the figures in its message. */
class PoolExhausted extends Error {
  override readonly name = 'PoolExhausted'
  readonly code = 'pool_exhausted'

  constructor({ open, idle, waiting }: PoolFigures) {
    super(
      `No connection became free in time: ${open} are open, ${idle} idle, ${waiting} requests wait.`,
    )
  }
}

export const poolExhausted = (message: string, figures: PoolFigures): Problem =>
  new Problem('UNAVAILABLE', message, {
    issues: [{ in: 'document', path: [], code: 'pool_exhausted', message }],
    headers: { 'retry-after': '1' },
    cause: new PoolExhausted(figures),
  })
