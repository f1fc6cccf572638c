// Cells of the authorization matrix: one request by one caller each, with the expected answer of both faces.
import type { Field, Relation, Resource } from '../../src/schema/model/model.ts'
import { canonical } from '../../src/parity/send/json.ts'
import type { Outcome, OutcomePage } from '../../src/parity/send/outcome.ts'
import {
  type ParityList,
  type ParityRequest,
  type ParitySelection,
  plainStyle,
} from '../../src/parity/request.ts'
import { askFace } from '../../src/parity/run-pair.ts'
import type { TestGateway } from '../../src/parity/gateway.ts'
import type { TestCaller, Row } from './oracle.ts'

export interface Cell {
  readonly name: string
  /** The policies that decide, such as `product.read`, `product.cost.read`, `order.note.write`, `placeOrder`. */
  readonly about: readonly string[]
  readonly expected: { readonly graphql: string; readonly rest: string }
  /** The face's answer, in the form of `expected`. */
  readonly ask: (gateway: TestGateway, face: 'graphql' | 'rest') => Promise<string>
}

/** A request of the model's operations, and a function that turns its answer into the form of `expected`. */
export interface CellRequest {
  readonly request: ParityRequest
  readonly expected: Cell['expected']
  readonly see: (outcome: Outcome) => string
}

export const toCell = (
  name: string,
  about: readonly string[],
  { request, expected, see }: CellRequest,
): Cell => ({
  name,
  about,
  expected,
  ask: async (gateway, face) => see((await askFace(gateway, face, request)).outcome),
})

export const style = plainStyle

export const keyNames = (resource: Resource): readonly string[] =>
  resource.primaryKey.fields.map(({ name }) => name)
export const keyOf = (resource: Resource, row: Row): Row =>
  Object.fromEntries(keyNames(resource).map((name) => [name, row[name]]))
const keyText = (resource: Resource, row: Row): string =>
  keyNames(resource)
    .map((name) => plain(row[name]))
    .join('/')

/** A value whichever side it comes from: the digits of numbers, members in order. */
const plain = (value: unknown): string =>
  canonical(JSON.parse(canonical(value === undefined ? null : value)))
/** A value of the rows as they were read, with numbers in JSON as text. */
export const stored = (value: unknown): string =>
  canonical(JSON.parse(JSON.stringify(value ?? null)))

export const select = (
  fields: ParitySelection['fields'],
  ...relations: ParitySelection['relations']
): ParitySelection => ({ fields, relations })
export const requestOf = (
  caller: TestCaller,
  operation: string,
  selection: ParitySelection | null,
  more: Partial<ParityRequest> = {},
): ParityRequest => ({ operation, caller, selection, style, ...more })
export const listOf = (more: Partial<ParityList> = {}): ParityList => ({
  page: {},
  total: true,
  ...more,
})

/** The same on both faces. */
export const alike = (expected: string): Cell['expected'] => ({ graphql: expected, rest: expected })

/** A refusal with the places of its issues. */
export function seeProblem(outcome: Outcome): string | null {
  if (outcome.ok) return null
  return [
    outcome.code,
    ...outcome.issues.map(({ in: part, path }) => `${part}:${path.join('.')}`).toSorted(),
  ].join(' ')
}

/** The keys of a page's rows, of how many. */
export const seeKeys =
  (resource: Resource) =>
  (outcome: Outcome): string =>
    seeProblem(outcome) ?? pageText(resource, (outcome as { readonly value: OutcomePage }).value)

export const pageText = (resource: Resource, { rows, total }: OutcomePage): string =>
  `${rows.map((row) => keyText(resource, row as Row)).join(' ')} of ${total === null ? '?' : canonical(total)}`

/** The first page of these rows, in the words of seeKeys. */
export const expectKeys = (resource: Resource, rows: readonly Row[], size: number): string =>
  `${rows
    .slice(0, size)
    .map((row) =>
      keyNames(resource)
        .map((name) => stored(row[name]))
        .join('/'),
    )
    .join(' ')} of ${rows.length}`

/** The groups of an aggregate, as they are. */
export const seeGroups = (outcome: Outcome): string =>
  outcome.ok ? plain(outcome.value) : (seeProblem(outcome) ?? '')

/** How many groups there are. */
export const seeGroupCount = (outcome: Outcome): string =>
  outcome.ok
    ? `${(outcome.value as readonly unknown[]).length} groups`
    : (seeProblem(outcome) ?? '')

/** How many there are. */
export const seeTotal = (outcome: Outcome): string =>
  seeProblem(outcome) ?? `of ${canonical((outcome as { readonly value: OutcomePage }).value.total)}`

export const seeRow =
  (resource: Resource) =>
  (outcome: Outcome): string => {
    if (!outcome.ok) return seeProblem(outcome) ?? ''
    return outcome.value === null ? 'none' : `row ${keyText(resource, outcome.value as Row)}`
  }
export const expectRow = (resource: Resource, row: Row | null): string =>
  row === null
    ? 'none'
    : `row ${keyNames(resource)
        .map((name) => stored(row[name]))
        .join('/')}`

/** The value at a path of the row, or how it is denied. */
export const seeAt =
  (path: string, show: (value: unknown) => string = plain) =>
  (outcome: Outcome): string => {
    if (!outcome.ok) return seeProblem(outcome) ?? ''
    const denied = outcome.denied.get(path)
    if (denied !== undefined) return `denied ${denied}`
    const value = path
      .split('.')
      .reduce<unknown>(
        (at, name) => (at === null || at === undefined ? null : (at as Row)[name]),
        outcome.value,
      )
    return show(value)
  }

/** A place that the caller may not see: null with an error on GraphQL, a refusal on REST. */
export const deniedAt = (path: string, code: string): Cell['expected'] => ({
  graphql: `denied ${code}`,
  rest: `${code} fields:${path}`,
})

export const isSingle = (resource: Resource): boolean => resource.primaryKey.fields.length === 1
export const anyValue = (field: Field): object =>
  field.list ? { isEmpty: false } : { isNull: false }
export const hasValue = (field: Field, row: Row): boolean =>
  field.list
    ? ((row[field.name] as readonly unknown[] | null) ?? []).length > 0
    : row[field.name] !== null
export const relationFilter = (relation: Relation, tree: object): object =>
  relation.many ? { [relation.name]: { some: tree } } : { [relation.name]: tree }
