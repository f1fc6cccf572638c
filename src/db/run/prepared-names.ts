// Named (prepared) statements of a connection: how many it may keep, and what to do when the server does not know one.
import type { ClientBase } from 'pg'
import { serverErrorOf } from '../sqlstate.ts'

/** The most names one connection keeps on the server: each costs it the memory of a plan. */
const MAX_NAMES = 250

/** `pg` keeps here what it has prepared, and parses again only what is missing; its types do not show it. */
interface PreparingConnection {
  parsedStatements: Record<string, string>
  submittedNamedStatements: Record<string, string>
}

const connectionOf = (client: ClientBase): PreparingConnection =>
  (client as unknown as { readonly connection: PreparingConnection }).connection // see above

/** The names of each connection, and when each was last used, in statements. */
interface Names {
  readonly uses: Map<string, number>
  clock: number
}

const names = new WeakMap<ClientBase, Names>()

/** Whether the server has said that it has parsed it: the statement itself may have failed all the same. */
export const isPrepared = (client: ClientBase, name: string): boolean => connectionOf(client).parsedStatements[name] !== undefined

/** Notes that a statement is run under its name. */
export function noteName(client: ClientBase, name: string): void {
  const known = names.get(client) ?? { uses: new Map<string, number>(), clock: 0 }
  names.set(client, known)
  known.clock += 1
  known.uses.set(name, known.clock)
}

export function noteParsed(client: ClientBase, name: string, text: string): void {
  connectionOf(client).parsedStatements[name] = text
}

/**
 * Makes room for a name that is new to the connection: the names that are to be closed with the same message.
 * @param kept names that other statements of the same message use
 */
export function closedNames(client: ClientBase, name: string, kept: ReadonlySet<string>): readonly string[] {
  const uses = names.get(client)?.uses
  if (uses === undefined || uses.size < MAX_NAMES || uses.has(name)) return []
  const oldest = [...uses].filter(([stale]) => !kept.has(stale)).toSorted(([, a], [, b]) => a - b)
  const closed = oldest.slice(0, uses.size - MAX_NAMES + 1).map(([stale]) => stale)
  for (const stale of closed) {
    uses.delete(stale)
    delete connectionOf(client).parsedStatements[stale]
  }
  return closed
}

/** Makes server and driver forget every prepared statement of this connection. */
export async function forgetPrepared(client: ClientBase): Promise<void> {
  await client.query('DEALLOCATE ALL')
  names.delete(client)
  const connection = connectionOf(client)
  connection.parsedStatements = {}
  connection.submittedNamedStatements = {}
}

/** The name was lost or taken (a pooler in between), or the table changed under the plan (a migration). */
export function isPreparedError(error: unknown): boolean {
  const server = serverErrorOf(error)
  if (server === null) return false
  return isPoolerError(error) || (server.code === '0A000' && server.message.startsWith('cached plan'))
}

/** Prepared statements cannot work on this way to the server at all: 42P05 duplicate, 26000 unknown. */
export function isPoolerError(error: unknown): boolean {
  const code = serverErrorOf(error)?.code
  return code === '42P05' || code === '26000'
}
