// Global ids: a type's name and the values of its key, so that Relay can ask for any row again (Relay server rules).
import { Problem } from '../../errors.ts'
import type { Resource } from '../../schema/model/model.ts'

/** base64url of JSON: opaque to clients, and without padding. */
export const encodeNodeId = (type: string, key: readonly unknown[]): string =>
  Buffer.from(JSON.stringify([type, ...key])).toString('base64url')

export interface NodeId {
  readonly resource: Resource
  /** Values of the key's fields by name, as a get takes them. */
  readonly key: Readonly<Record<string, unknown>>
}

/**
 * @param isKnownType whether there is such a type for the caller
 * @throws Problem BAD_REQUEST for anything that encodeNodeId did not make
 */
export function decodeNodeId(
  id: string,
  byType: ReadonlyMap<string, Resource>,
  isKnownType: (type: string) => boolean,
): NodeId {
  const [type, ...values] = readJson(id)
  const resource = typeof type === 'string' && isKnownType(type) ? byType.get(type) : undefined
  const fields = resource?.primaryKey.fields ?? []
  const fits =
    fields.length === values.length &&
    fields.every((field, i) => field.wire.safeParse(values[i]).success)
  if (resource === undefined || !fits) throw malformed()
  return { resource, key: Object.fromEntries(fields.map((field, i) => [field.name, values[i]])) }
}

function readJson(id: string): readonly unknown[] {
  const bytes = Buffer.from(id, 'base64url')
  if (bytes.toString('base64url') !== id) throw malformed()
  try {
    const value: unknown = JSON.parse(bytes.toString())
    if (Array.isArray(value)) return value
  } catch {
    throw malformed() // no JSON: what the parser said tells a caller nothing
  }
  throw malformed()
}

const malformed = (): Problem => {
  const message = 'The nodeId is none that this server gave out.'
  return new Problem('BAD_REQUEST', message, {
    issues: [{ in: 'key', path: ['nodeId'], code: 'malformed_id', message }],
  })
}
