// JSON text to a value: the one reader of everything that a caller sends as JSON, so that no two readers can disagree.
import { Problem } from './errors.ts'

/** Deeper JSON is refused before a recursive function meets it. */
const MAX_JSON_DEPTH = 64

/**
 * Elements of lists and members of objects in one text (docs/decisions/0040). The largest batch, 30 writes of 100 rows
 * of 30 columns, has 90,000. GraphQL counts the typed values of its variables on top: see DocumentLimits.
 */
const MAX_JSON_VALUES = 100_000

/** Members of one object: the widest table has 1,600 columns, and each new name costs the parser as much as 20 numbers. */
const MAX_JSON_MEMBERS = 10_000

/** Why a text cannot be read. `message` follows the name of what was read: "The body is not valid JSON." */
export interface JsonFault {
  readonly code: 'invalid_utf8' | 'malformed_json' | 'forbidden_key' | 'duplicate_key'
  /** Where in the value. */
  readonly path: readonly (string | number)[]
  readonly message: string
}

export type JsonResult =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly fault: JsonFault }

/**
 * The value of a JSON text, or why there is none: what is no JSON, repeated keys, keys that poison prototypes.
 * @param name what is read, as errors call it
 * @throws Problem TOO_COMPLEX for what is over MAX_JSON_DEPTH, MAX_JSON_VALUES or MAX_JSON_MEMBERS
 */
export function parseJson(source: string | Uint8Array, name: string): JsonResult {
  const text = typeof source === 'string' ? source : decode(source)
  if (text === null || !text.isWellFormed())
    return refused({ code: 'invalid_utf8', path: [], message: 'is not valid UTF-8.' })
  const fault = scan(text, name) // first: JSON.parse would build all values of a text that has too many
  try {
    const value: unknown = JSON.parse(text)
    return fault === null ? { ok: true, value } : refused(fault)
  } catch {
    return refused({ code: 'malformed_json', path: [], message: 'is not valid JSON.' })
  }
}

const refused = (fault: JsonFault): JsonResult => ({ ok: false, fault })

const utf8 = new TextDecoder('utf-8', { fatal: true })

function decode(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes)
  } catch {
    return null // told as invalid_utf8
  }
}

/** An object or array that is open at some place of the text. */
interface Level {
  readonly isList: boolean
  /** The key or index that is being read. */
  at: string | number
  expectsKey: boolean
  /** Keys so far; null before the first. */
  keys: Set<string> | null
}

interface Scan {
  readonly name: string
  readonly open: Level[]
  values: number
  fault: JsonFault | null
}

const QUOTE = 0x22
const COMMA = 0x2c
const BEGIN_LIST = 0x5b
const BACKSLASH = 0x5c
const END_LIST = 0x5d
const BEGIN_OBJECT = 0x7b
const END_OBJECT = 0x7d

/**
 * Finds what JSON.parse does not refuse. Of a text that is no JSON the answer means nothing, but is found in time linear in
 * the text. By codes: characters took twice as long.
 */
function scan(text: string, name: string): JsonFault | null {
  const scanning: Scan = { name, open: [], values: 0, fault: null }
  const { open } = scanning
  let top: Level | undefined
  for (let i = 0; i < text.length; i += 1) {
    switch (text.charCodeAt(i)) {
      case QUOTE: {
        const end = endOfString(text, i)
        if (end === -1) return null
        if (top?.expectsKey === true) enterKey(scanning, top, text.slice(i + 1, end))
        i = end
        break
      }
      case BEGIN_OBJECT:
        top = enter(scanning, { isList: false, at: '', expectsKey: true, keys: null })
        break
      case BEGIN_LIST:
        top = enter(scanning, { isList: true, at: 0, expectsKey: false, keys: null })
        break
      case END_OBJECT:
      case END_LIST:
        open.pop()
        top = open.at(-1)
        break
      case COMMA:
        if (top !== undefined) expectNext(scanning, top)
    }
  }
  return scanning.fault
}

function enter(scanning: Scan, level: Level): Level {
  const { open, name } = scanning
  if (open.length >= MAX_JSON_DEPTH)
    throw new Problem('TOO_COMPLEX', `${name} is nested deeper than ${MAX_JSON_DEPTH} levels.`)
  open.push(level)
  countValue(scanning) // its first element, which it has unless it is empty
  return level
}

function expectNext(scanning: Scan, top: Level): void {
  countValue(scanning)
  if (typeof top.at === 'number') top.at += 1
  else top.expectsKey = true
}

function countValue(scanning: Scan): void {
  scanning.values += 1
  if (scanning.values > MAX_JSON_VALUES) {
    throw new Problem('TOO_COMPLEX', `${scanning.name} holds more than ${MAX_JSON_VALUES} values.`)
  }
}

function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0
  while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes += 1
  return slashes % 2 === 1
}

/** @param written the key between its quotes */
function enterKey(scanning: Scan, top: Level, written: string): void {
  const key = written.includes('\\') ? unescaped(written) : written
  const parent = scanning.open.at(-2)
  top.at = key
  top.expectsKey = false
  if (key === '__proto__' || (key === 'prototype' && parent?.at === 'constructor'))
    note(scanning, 'forbidden_key', 'has a key that no JSON of ours may have.')
  else if (top.keys?.has(key) === true)
    note(scanning, 'duplicate_key', 'has the same key twice in one object.')
  top.keys ??= new Set()
  top.keys.add(key)
  if (top.keys.size > MAX_JSON_MEMBERS)
    throw new Problem(
      'TOO_COMPLEX',
      `${scanning.name} has an object of more than ${MAX_JSON_MEMBERS} members.`,
    )
}

/** Only the first fault is reported. */
function note(scanning: Scan, code: JsonFault['code'], message: string): void {
  scanning.fault ??= { code, message, path: scanning.open.map((level) => level.at) }
}

function unescaped(written: string): string {
  try {
    return String(JSON.parse(`"${written}"`))
  } catch {
    return '' // no JSON: the whole text is refused as that
  }
}
