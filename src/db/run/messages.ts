// The messages of the extended protocol that a statement takes, as one piece of bytes (PostgreSQL's manual, 55.7).
import type { Statement } from '../database.ts'

export interface Preparation {
  /** The statement's name on its connection; empty for none. */
  readonly name: string
  /** Whether the server needs its text. */
  readonly parse: boolean
}

/** Execute without a limit of rows, then Sync. */
const RUN = Buffer.from([0x45, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0x53, 0, 0, 0, 4])

/**
 * Parse where needed, Bind, Execute, Sync. There is no Describe: a plan knows what its cells are.
 * @throws Error for values that cannot be sent, such as more than 65,535 of them
 */
export function toMessages({ text, values }: Statement, { name, parse }: Preparation): Buffer {
  const parameters = values.map(toParameterText)
  const size = parameters.reduce(
    (sum, value) => sum + 4 + (value === null ? 0 : 3 * value.length),
    (parse ? 8 + name.length + 3 * text.length : 0) + 64 + name.length,
  )
  const bytes = Buffer.allocUnsafe(size)
  let at = 0
  if (parse)
    at = message(bytes, at, 'P', (from) =>
      bytes.writeInt16BE(0, string(bytes, string(bytes, from, name), text)),
    )
  at = message(bytes, at, 'B', (from) => bindBody(bytes, from, name, parameters))
  RUN.copy(bytes, at)
  return bytes.subarray(0, at + RUN.length)
}

/** Close of names that the server may forget. */
export function toClose(names: readonly string[]): Buffer {
  const bytes = Buffer.allocUnsafe(names.reduce((sum, name) => sum + 7 + 3 * name.length, 0))
  let at = 0
  for (const name of names)
    at = message(bytes, at, 'C', (from) =>
      string(bytes, bytes.write('S', from, 'latin1') + from, name),
    )
  return bytes.subarray(0, at)
}

/** Execute without a limit of rows. */
const EXECUTE = RUN.subarray(0, 10)

/**
 * Parse, Bind and Execute, without a Sync: what is sent behind them shares theirs, and is skipped by the server when
 * one of them fails.
 */
export function toMessagesAhead(statement: Statement): Buffer {
  const bytes = toMessages(statement, { name: '', parse: true })
  return bytes.subarray(0, bytes.length - (RUN.length - EXECUTE.length))
}

function message(
  bytes: Buffer,
  at: number,
  type: string,
  writeBody: (at: number) => number,
): number {
  bytes.write(type, at, 'latin1')
  const end = writeBody(at + 5)
  bytes.writeInt32BE(end - at - 1, at + 1)
  return end
}

function string(bytes: Buffer, at: number, text: string): number {
  const end = at + bytes.write(text, at)
  bytes[end] = 0
  return end + 1
}

/** All parameters and all cells as text. */
function bindBody(
  bytes: Buffer,
  from: number,
  name: string,
  parameters: readonly (string | null)[],
): number {
  let at = string(bytes, string(bytes, from, ''), name)
  at = bytes.writeInt16BE(0, at)
  at = bytes.writeUInt16BE(parameters.length, at)
  for (const value of parameters) {
    const length = value === null ? 0 : bytes.write(value, at + 4)
    bytes.writeInt32BE(value === null ? -1 : length, at)
    at += 4 + length
  }
  return bytes.writeInt16BE(0, at)
}

/** A parameter as PostgreSQL reads text: what plans bind, and constants of any kind in a team's own SQL. */
function toParameterText(value: unknown): string | null {
  if (typeof value === 'string') return value
  if (value === null || value === undefined) return null
  if (Array.isArray(value)) return `{${value.map(toElement).join()}}`
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`
  return typeof value === 'object' ? JSON.stringify(value) : `${value as number | bigint | boolean}` // what else there is
}

function toElement(value: unknown): string {
  if (Array.isArray(value)) return `{${value.map(toElement).join()}}`
  const text = toParameterText(value)
  return text === null ? 'NULL' : `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`
}
