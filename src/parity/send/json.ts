// JSON read without losing a digit, and written in one order, so that two answers can be compared as text.

/** ES2025's source text access, which TypeScript's libraries do not know yet. */
const json = JSON as unknown as {
  // as the comment says
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown
}

/** Marks the digits of a number as they stood; no text of PostgreSQL's holds a NUL, so nothing else looks like it. */
const NUMBER = '\0'

/** Parses JSON; numbers become text that keeps their digits. */
export const parseExact = (text: string): unknown =>
  json.parse(text, (_key, value, { source }) =>
    typeof value === 'number' ? NUMBER + (source ?? String(value)) : value,
  )

/** A value as text in which members stand in order of their names: equal text is equal JSON, digits included. */
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
/** A cursor or a global id: base64url of a JSON list that begins with a text. */
const TOKEN = /"(WyJ[\w-]+)"/g
const NEW = 'new value'

export const hasNewValue = (text: string): boolean => text.includes(`${NEW} `)

/** Names the UUIDs that were not there before, in the order in which they appear: the same write done twice makes up others. */
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
    return decoded.match(UUID)?.some((uuid) => !isKnown(uuid.toLowerCase())) === true
      ? JSON.stringify(`cursor of ${decoded}`)
      : token
  })
  return named(readable)
}
