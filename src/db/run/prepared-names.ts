// Named (prepared) statements of a connection: how many it may keep, and what to do when the server does not know one.
import type { ClientBase } from 'pg'
import { type BoundedMap, openBoundedMap } from '../../bounded-map.ts'
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

interface Names {
  readonly known: BoundedMap<string, true>
  /** Made room for others, and are to be closed on the server. */
  readonly closing: string[]
}

const names = new WeakMap<ClientBase, Names>()

function namesOf(client: ClientBase): Names {
  const found = names.get(client)
  if (found !== undefined) return found
  const onEvict = (name: string): void => {
    delete connectionOf(client).parsedStatements[name]
    made.closing.push(name)
  }
  const made: Names = {
    known: openBoundedMap<string, true>({ maxEntries: MAX_NAMES, onEvict }),
    closing: [],
  }
  names.set(client, made)
  return made
}

/** Whether the server has parsed it. The statement itself may have failed all the same. */
export const isPrepared = (client: ClientBase, name: string): boolean =>
  connectionOf(client).parsedStatements[name] !== undefined

/**
 * Notes that a statement is run under its name.
 * @returns the names that make room for it, to be closed with the same message
 */
export function noteName(client: ClientBase, name: string): readonly string[] {
  const { known, closing } = namesOf(client)
  if (known.get(name) === undefined) known.set(name, true)
  return closing.splice(0)
}

/** Names whose Close was not sent after all: it goes with the next message. */
export function closeLater(client: ClientBase, stale: readonly string[]): void {
  const { closing } = namesOf(client)
  for (const name of stale) closing.push(name)
}

/** A name that a later statement of the same message closed is not prepared any more when the server says that it was. */
export function noteParsed(client: ClientBase, name: string): void {
  // the driver keeps the text, to compare it: ours would stay in memory after their plans
  if (namesOf(client).known.get(name) !== undefined)
    connectionOf(client).parsedStatements[name] = name
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
  return (
    isPoolerError(error) || (server.code === '0A000' && server.message.startsWith('cached plan'))
  )
}

/** Prepared statements cannot work on this way to the server at all: 42P05 duplicate, 26000 unknown. */
export function isPoolerError(error: unknown): boolean {
  const code = serverErrorOf(error)?.code
  return code === '42P05' || code === '26000'
}
