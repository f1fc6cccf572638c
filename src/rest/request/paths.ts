// Paths of operations, as OpenAPI and as the router write them, and the keys in them.
import { Problem } from '../../errors.ts'
import type { Operation, Relation, Resource, UniqueKey } from '../../schema/model/model.ts'
import { unreadable } from '../errors.ts'
import { toJsonValue } from './values.ts'

/** `/order-items/{orderId},{line}`, and `/products/by/sku/{sku}` by a unique key. All paths here are below the prefix. */
export function rowPath(resource: Resource, by: UniqueKey): string {
  const key = by.fields.map((field) => `{${field.name}}`).join(',')
  return by === resource.primaryKey
    ? `/${resource.path}/${key}`
    : `/${resource.path}/by/${by.path}/${key}`
}

/** `/orders/{id}/items` */
export const relatedPath = (resource: Resource, relation: Relation): string =>
  `${rowPath(resource, resource.primaryKey)}/${relation.name}`

/** The path at which a list takes its request as a body. */
export const queryPath = (list: string): string => `${list}/query`

/** The path of an operation, with parameters in braces as OpenAPI has them. */
export function operationPath(operation: Operation): string {
  if (operation.standard === null) return operation.rest.path
  const { resource, by, standard } = operation
  if (standard === 'aggregate') return `/${resource.path}/aggregate`
  if (standard === 'createMany') return `/${resource.path}/batch`
  return by === null ? `/${resource.path}` : rowPath(resource, by)
}

/** The same for the router. A parameter is named by its place, so that paths which differ in names only are one route. */
export const toPattern = (path: string): string =>
  path
    .split('/')
    .map((segment, index) => (segment.includes('{') ? `:s${index}` : segment))
    .join('/')

/** The index of the segment that holds the key. */
export const keyPlace = (path: string): number =>
  path.split('/').findIndex((segment) => segment.includes('{'))

/** One segment of the request's path, still encoded: a composite key is split at its raw commas. */
export function segmentAt(url: string, prefix: string, place: number): string {
  const path = url.replace(/^https?:\/\/[^/]*/, '').split(/[?#]/, 1)[0] ?? '' // a proxy may send the absolute form
  const segment = path.split('/')[place + prefix.split('/').length - 1] ?? ''
  if (segment === '') throw new Problem('NOT_FOUND', 'There is nothing at this address.')
  return segment
}

export function decodeSegment(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw unreadable('The path is not valid percent-encoded UTF-8.')
  }
}

/** The values of a key's fields, from its segment. The value of a key with one field may have commas. */
export function readKey(by: UniqueKey, segment: string): Readonly<Record<string, unknown>> {
  const parts = by.fields.length === 1 ? [segment] : segment.split(',')
  if (parts.length !== by.fields.length) {
    const names = by.fields.map((field) => field.name).join(',')
    const message = `The key has ${by.fields.length} values, joined by commas: ${names}. Commas inside of a value are written %2C.`
    throw unreadable(message, [{ in: 'key', path: [], code: 'wrong_count', message }])
  }
  return Object.fromEntries(
    by.fields.map((field, i) => [
      field.name,
      toJsonValue(field.kind.name, decodeSegment(parts[i] ?? '')),
    ]),
  )
}

/** The path of a row, from the text of its key's cells. */
export function locationOf(prefix: string, resource: Resource, cells: readonly string[]): string {
  return `${prefix}/${resource.path}/${cells.map((cell) => encodeURIComponent(cell)).join(',')}`
}
