// Compares the version of a row in GraphQL's answer with REST's ETag.
import { isJsonObject } from '../objects.ts'
import type { OperationRequest } from '../request.ts'
import type { Exchange } from '../send/exchange.ts'
import { versionFieldOf } from '../send/versions.ts'

/** A strong ETag begins with the row's version: `"version.fields"`. */
export function versionDifference(
  { operation, request }: OperationRequest,
  graphql: Exchange,
  { headers: { etag } }: Exchange,
): string | null {
  const field = versionFieldOf(operation, request)
  if (field === null || etag?.startsWith('"') !== true) return null
  const version = memberAt(JSON.parse(graphql.body), ['data', operation.name, field])
  if (version === etag.slice(1).split('.', 1)[0]) return null
  return `GraphQL tells the version ${String(version)}, REST's tag is ${etag}.`
}

const memberAt = (value: unknown, path: readonly string[]): unknown =>
  path.reduce((inner, name) => (isJsonObject(inner) ? inner[name] : undefined), value)
