// Named (prepared) statements of a connection: how many it may keep, and what to do when the server does not know one.
import type { ClientBase } from 'pg'
import { serverErrorOf } from './sqlstate.ts'

/** The most names one connection keeps on the server: each costs it the memory of a plan. */
const MAX_NAMES = 250

/** `pg` keeps here what it has prepared, and parses again only what is missing; its types do not show it. */
interface PreparingConnection {
  parsedStatements: Record<string, string>
  submittedNamedStatements: Record<string, string>
}

const names = new WeakMap<ClientBase, Set<string>>()

/** Before a named statement: drops all names of the connection when there are too many. */
export async function makeRoomForName(client: ClientBase, name: string): Promise<void> {
  const known = names.get(client) ?? new Set()
  names.set(client, known)
  if (known.size >= MAX_NAMES && !known.has(name)) await forgetPrepared(client)
  known.add(name)
}

/** Makes server and driver forget every prepared statement of this connection. */
export async function forgetPrepared(client: ClientBase): Promise<void> {
  await client.query('DEALLOCATE ALL')
  names.get(client)?.clear()
  if (!('connection' in client)) return
  const connection = client.connection as PreparingConnection // not in the types, see above
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
