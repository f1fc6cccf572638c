// JSON bodies: read once, as UTF-8 and as JSON really are, so that no two readers can disagree about what was sent.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Problem } from '../../errors.ts'

/** Deeper bodies are refused before any recursive validator meets them. */
const MAX_DEPTH = 64

const mediaTypes = ['application/json', 'application/merge-patch+json']

/** Makes JSON the only body that is read; any other media type is UNSUPPORTED_MEDIA_TYPE. */
export function acceptJsonOnly(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(mediaTypes, { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) => {
    refuseEncodings(request)
    // clients that name a type on everything they send name it on a DELETE without a body too
    return body.length === 0 && request.method === 'DELETE' ? undefined : parseJsonBody(body)
  })
}

function refuseEncodings(request: FastifyRequest): void {
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(request.headers['content-type'] ?? '')?.[1]
  if (charset !== undefined && charset.toLowerCase() !== 'utf-8') {
    throw new Problem('UNSUPPORTED_MEDIA_TYPE', 'JSON is read as UTF-8 only (RFC 8259).')
  }
  const encoding = request.headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') {
    throw new Problem('UNSUPPORTED_MEDIA_TYPE', 'Compressed request bodies are not read.', { headers: { 'accept-encoding': 'identity' } })
  }
}

/**
 * A JSON body's value. Invalid UTF-8, malformed JSON, duplicate keys and keys that poison prototypes are BAD_REQUEST;
 * nesting over the limit is TOO_COMPLEX.
 */
export function parseJsonBody(body: Uint8Array): unknown {
  if (body.length === 0) throw unreadable('empty_body', 'The body is empty where JSON was announced.')
  const text = decode(body)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw unreadable('malformed_json', 'The body is not valid JSON.')
  }
  inspectKeys(text)
  return value
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function decode(body: Uint8Array): string {
  try {
    return utf8.decode(body)
  } catch {
    throw unreadable('invalid_utf8', 'The body is not valid UTF-8.')
  }
}

function unreadable(code: string, message: string, path: (string | number)[] = []): Problem {
  return new Problem('BAD_REQUEST', message, { issues: [{ in: 'document', path, code, message }] })
}

/** An object or array that is open at some place of the text; `keys` is null for an array. */
interface Open {
  readonly keys: Set<string> | null
  at: string | number
  expectsKey: boolean
}

const QUOTE = 0x22
const COMMA = 0x2c
const BEGIN_LIST = 0x5b
const BACKSLASH = 0x5c
const END_LIST = 0x5d
const BEGIN_OBJECT = 0x7b
const END_OBJECT = 0x7d

/** Walks JSON that is known to be valid and refuses what JSON.parse lets pass. By codes: characters took twice as long. */
function inspectKeys(text: string): void {
  const open: Open[] = []
  let top: Open | undefined
  for (let i = 0; i < text.length; i += 1) {
    switch (text.charCodeAt(i)) {
      case QUOTE: {
        const end = endOfString(text, i)
        if (top?.expectsKey) enterKey(open, top, text.slice(i, end + 1))
        i = end
        break
      }
      case BEGIN_OBJECT: top = enter(open, { keys: new Set(), at: '', expectsKey: true }); break
      case BEGIN_LIST: top = enter(open, { keys: null, at: 0, expectsKey: false }); break
      case END_OBJECT:
      case END_LIST: open.pop(); top = open.at(-1); break
      case COMMA: if (top !== undefined) expectNext(top)
    }
  }
}

function enter(open: Open[], level: Open): Open {
  if (open.length >= MAX_DEPTH) throw new Problem('TOO_COMPLEX', `The body is nested deeper than ${MAX_DEPTH} levels.`)
  open.push(level)
  return level
}

function expectNext(top: Open): void {
  if (typeof top.at === 'number') top.at += 1
  else top.expectsKey = true
}

function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0
  while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes += 1
  return slashes % 2 === 1
}

function enterKey(open: readonly Open[], top: Open, literal: string): void {
  const key = literal.includes('\\') ? String(JSON.parse(literal)) : literal.slice(1, -1)
  const parent = open.at(-2)
  top.at = key
  top.expectsKey = false
  const toPath = () => open.map((level) => level.at)
  if (key === '__proto__' || (key === 'prototype' && parent?.at === 'constructor')) {
    throw unreadable('forbidden_key', 'The body has a key that no JSON of ours may have.', toPath())
  }
  if (top.keys?.has(key)) throw unreadable('duplicate_key', 'The body has the same key twice in one object.', toPath())
  top.keys?.add(key)
}
