// Statements of plans on a connection of `pg`: sent as one piece of bytes, their rows taken as bytes.
// `pg` opens the connection, says who we are and knows the state of the session; what plans ask goes around its parser,
// which makes a string of every cell: for 100 rows of 8 cells that costs 60 us, and a string of JSON from them another 50.
import type { ClientBase, Connection, Submittable } from 'pg'
import { beginAnswers, type BatchMember, routeOf, uncount } from './answer-reader.ts'
import { streamOf } from './message-stream.ts'
import { toClose, toMessages, toMessagesAhead } from './messages.ts'
import { closeLater, isPrepared, noteName } from './prepared-names.ts'
import type { RawRows } from '../raw-rows.ts'

/** Resolves with what `make` builds from the rows, while they are there; rejects with what it throws. */
export const resolveWith =
  <T>(make: (rows: RawRows) => T, resolve: (made: T) => void, reject: (error: Error) => void) =>
  (rows: RawRows): void => {
    try {
      resolve(make(rows))
    } catch (error) {
      reject(
        error instanceof Error ? error : new Error('Rows could not be taken.', { cause: error }),
      )
    }
  }

const nothing = (): void => {}

/**
 * Sends statements together and gives each its rows; resolves when the last has been answered. It rejects only where the
 * connection fails, after it has rejected the statements that wait, and where one of them cannot be sent: then nothing was. The connection must be idle, and the caller's alone.
 * @param onNext called as each answer begins, with the number of its statement
 */
export function runRaw(
  client: ClientBase,
  members: readonly BatchMember[],
  onNext: (at: number) => void = nothing,
): Promise<void> {
  const route = routeOf(client)
  const running = beginAnswers(members, onNext)
  return new Promise((resolve, reject) => {
    const bytes = toBytes(client, members) // before the driver takes the statement: its queue stands still after a throw
    const query = {
      submit(connection: Connection) {
        route.running = running
        onNext(0)
        streamOf(connection).write(bytes)
      },
      handleError(error: Error) {
        // the connection's own: errors of statements are taken by answer-reader.ts
        route.running = null
        uncount(running)
        for (const member of members.slice(running.at)) member.reject(error)
        reject(error)
      },
      handleReadyForQuery() {
        route.running = null
        resolve()
      },
    }
    client.query(query as unknown as Submittable) // its types name the one method that it cannot do without
  })
}

/** @throws Error for a statement that cannot be sent */
function toBytes(client: ClientBase, members: readonly BatchMember[]): Uint8Array {
  const sent = new Set<string>()
  const closed: string[] = []
  try {
    const messages = members.flatMap(toOne)
    const [first] = messages
    return messages.length === 1 && first !== undefined ? first : Buffer.concat(messages)
  } catch (error) {
    closeLater(client, closed)
    throw error
  }

  function toOne({ statement, name, before = [] }: BatchMember): readonly Buffer[] {
    const ahead = before.map(toMessagesAhead)
    if (name === null) return [...ahead, toMessages(statement, { name: '', parse: true })]
    const close = noteName(client, name)
    for (const one of close) {
      sent.delete(one)
      closed.push(one)
    }
    const isNew = !isPrepared(client, name) && !sent.has(name)
    sent.add(name)
    const own = [...ahead, toMessages(statement, { name, parse: isNew })]
    return close.length === 0 ? own : [toClose(close), ...own] // the server skips all that is behind an error of `before`
  }
}
