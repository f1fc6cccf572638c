// JSON read with every digit, and written in one order, so that two answers can be compared as text.

/** The third argument of a reviver in ES2025, which TypeScript's libraries do not know yet. */
interface Source {
  readonly source?: string
}
const json = JSON as {
  parse(text: string, reviver: (key: string, value: unknown, context: Source) => unknown): unknown
}

/** Marks the digits of a number. PostgreSQL's texts hold no NUL, so no text of an answer begins with it. */
const NUMBER = '\0'

/** Parses JSON. Numbers become marked texts of their digits. */
export const parseExact = (text: string): unknown =>
  json.parse(text, (_key, value: unknown, context: Source) =>
    typeof value === 'number' ? NUMBER + (context.source ?? String(value)) : value,
  )

/** A value as text, with members in the order of their names: equal values have equal texts, digits included. */
export function canonical(value: unknown): string {
  if (typeof value === 'string')
    return value.startsWith(NUMBER) ? value.slice(NUMBER.length) : JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined'
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi
/** A cursor or a node id: base64url of a JSON list that begins with a text. */
const TOKEN = /"(WyJ[\w-]+)"/g
const NEW = 'new value'

export const hasNewValue = (text: string): boolean => text.includes(`${NEW} `)

/** Replaces UUIDs that the database has made by names, in order of appearance: the same write makes others each time. */
export function nameNewValues(text: string, isKnown: (uuid: string) => boolean): string {
  const names = new Map<string, string>()
  const named = (part: string): string =>
    part.replaceAll(UUID, (uuid) => {
      if (isKnown(uuid.toLowerCase())) return uuid
      const name = names.get(uuid) ?? `${NEW} ${names.size + 1}`
      names.set(uuid, name)
      return name
    })
  const readable = text.replaceAll(TOKEN, (token, encoded: string) => {
    const decoded = Buffer.from(encoded, 'base64url').toString()
    if (decoded.match(UUID)?.some((uuid) => !isKnown(uuid.toLowerCase())) === true)
      return JSON.stringify(`cursor of ${decoded}`)
    return token
  })
  return named(readable)
}
