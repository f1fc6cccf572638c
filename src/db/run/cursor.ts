// A cursor: the rows of one statement a few at a time, all of one moment, on a connection that is held meanwhile.
import { Problem } from '../../errors.ts'
import type { Held } from './connection.ts'
import type { Database, RowCursor, Session, Statement } from '../database.ts'
import { openIdleLimit } from './idle-limit.ts'
import type { RunStatement } from './session.ts'
import { toFailure } from '../sqlstate.ts'
import type { TransactionSettings } from './running-transaction.ts'
import { rollBack } from './transaction.ts'

type CursorSettings = Pick<
  TransactionSettings,
  'begin' | 'statementTimeout' | 'idleTimeout' | 'signal' | 'hold' | 'toSession' | 'onError'
>

const NAME = 'bifrons_rows'

/** @param most how many may be open at a time: each holds a connection that others then lack */
export function openCursors(
  most: number,
  toSettings: (signal: AbortSignal | undefined) => CursorSettings,
): Database['openCursor'] {
  let open = 0
  if (most === 0) return null
  return async (statement, { signal } = {}) => {
    if (open >= most)
      throw new Problem('UNAVAILABLE', `At most ${most} exports run at a time. Try again.`, {
        headers: { 'retry-after': '5' },
      })
    const settings = toSettings(signal) // throws while the database is not there, and then no place is taken
    open += 1
    const hold = async (): Promise<Held> => {
      const held = await settings.hold().catch((error: unknown) => {
        open -= 1
        throw error
      })
      return {
        ...held,
        giveBack: () =>
          held.giveBack().finally(() => {
            open -= 1
          }),
      }
    }
    return openCursor({ ...settings, hold }, statement)
  }
}

/** A transaction of its own, which reads only. Each fetch has the time of a statement. */
async function openCursor(
  settings: CursorSettings,
  { text, values }: Statement,
): Promise<RowCursor> {
  const { signal, statementTimeout: timeout } = settings
  const held = await settings.hold().catch((error: unknown) => {
    throw toFailure(error)
  })
  const closing = openClosing(held, settings)
  try {
    await held.run(
      { text: [...settings.begin, 'SET TRANSACTION READ ONLY'].join('; ') },
      { timeout, signal },
    )
    const read: RunStatement = (statement, take, { named }) =>
      held.read(statement, take, { named, timeout, signal, bytes: null })
    const session = settings.toSession(read)
    await session.query({ text: `declare ${NAME} no scroll cursor for ${text}`, values })
    closing.wait()
    return toCursor(session, closing)
  } catch (error) {
    await closing.close()
    throw toFailure(error)
  }
}

function toCursor(session: Session, closing: Closing): RowCursor {
  return {
    async fetch(count, take) {
      closing.resume()
      try {
        return await session.read({ text: `fetch ${count} from ${NAME}`, values: [] }, take)
      } finally {
        closing.wait()
      }
    },
    close: closing.close,
  }
}

/** The end of a cursor: by its reader, when the reader leaves, or when nothing was fetched for too long. */
interface Closing {
  /** A fetch has ended: the time without one begins. */
  wait(): void
  /** A fetch begins. @throws Problem when the cursor is closed already */
  resume(): void
  readonly close: () => Promise<void>
}

/** A reader that has stopped must keep neither a connection from others nor an old snapshot in the database. */
function openClosing(held: Held, settings: CursorSettings): Closing {
  const { signal, idleTimeout } = settings
  let closed: Promise<void> | null = null
  let cut: Problem | null = null
  const message = 'Nothing was read for too long.'
  const limit = openIdleLimit({ signal, idleTimeout, message }, (problem) => {
    cut ??= problem
    closed ??= rollBack(held, settings) // reports its own errors
  })
  return {
    close() {
      limit.stop()
      closed ??= rollBack(held, settings)
      return closed
    },
    wait() {
      if (closed === null) limit.resume()
    },
    resume() {
      if (closed !== null) throw cut ?? new Problem('INTERNAL', 'The cursor is closed.')
      limit.pause()
    },
  }
}
