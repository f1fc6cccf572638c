// The rows that a nested create writes, as a tree: all of them authorized before any is written, each as it would be by itself.
import type { Assignment } from '../../db/plan/write-request.ts'
import { type Issue, Problem, withIssues } from '../../errors.ts'
import type { Field, Resource, StandardKind, StandardOperation } from '../../schema/model/model.ts'
import type { Nested } from '../../schema/model/nested.ts'
import { authorizeWrite } from '../authorize/authorize-write.ts'
import type { AuthorizedWrite, RowInput, WriteContext } from '../authorize/write-context.ts'
import type { NestedRows, ParsedRow, RowValues } from '../parse/parse-rows.ts'

type Path = Issue['path']

/** A row to be written, with the rows that are written before and after it. */
export interface Node {
  readonly authorized: AuthorizedWrite
  readonly path: Path
  /** Fields that `connect` has set, and where the caller wrote them. */
  readonly connected: ReadonlyMap<string, Path>
  /** Rows that it refers to, and what of it refers to them. */
  readonly before: readonly (NodeAlong & { readonly links: readonly Assignment[] })[]
  /** Rows that refer to it. */
  readonly after: readonly NodeAlong[]
}

/** A row to be written along a relation. */
interface NodeAlong {
  readonly node: Node
  readonly nested: Nested
}

type Place = Omit<RowInput, 'values'>

/** Authorizes a row and everything that is written along its relations. */
export function authorizeNode(context: WriteContext, row: ParsedRow, { path, links }: Place): Node {
  const along = row.nested.map((rows) => authorizeAlong(context, rows, path))
  const before = along.flatMap((one) => one.before)
  const connections = along.flatMap((one) => one.connected)
  const values = new Map([
    ...row.values,
    ...connections.map(({ field, value }) => [field, value] as const),
  ])
  const authorized = authorizeWrite(
    { ...context, parsed: { ...context.parsed, rows: [{ values, nested: [] }], invalid: [] } },
    { path, links: [...links, ...before.flatMap(({ nested }) => nested.links)] },
  )
  const linksOf = (fields: readonly Field[]) =>
    authorized.linked.filter(({ field }) => fields.includes(field))
  return {
    authorized,
    path,
    connected: new Map(connections.map(({ field, at }) => [field.name, at])),
    before: before.map((one) => ({ ...one, links: linksOf(one.nested.links) })),
    after: along.flatMap((one) => one.after),
  }
}

/** What is written along one relation. */
interface Along {
  readonly before: readonly NodeAlong[]
  readonly after: readonly NodeAlong[]
  /** Fields of the row itself that refer to a row which is there, and where the caller wrote their values. */
  readonly connected: readonly {
    readonly field: Field
    readonly value: unknown
    readonly at: Path
  }[]
}

function authorizeAlong(
  context: WriteContext,
  { nested, create, connect }: NestedRows,
  path: Path,
): Along {
  const {
    relation: { name, many },
    links,
    keys,
    target,
  } = nested
  const created = (row: ParsedRow, at: Path): NodeAlong => {
    const place = { path: at, links: many ? links : [] }
    return {
      nested,
      node: inPlace(at, () => authorizeNode(within(context, 'create', target), row, place)),
    }
  }
  if (!many) {
    const before = create.map((row) => created(row, [...path, name, 'create']))
    const connected = connect.flatMap((key) =>
      links.flatMap((field, i) => {
        const referred = keys[i]
        if (referred === undefined) return []
        return [{ field, value: key.get(referred), at: [name, 'connect', referred.name] }]
      }),
    )
    return { before, after: [], connected }
  }
  const after = create.map((row, i) => created(row, [...path, name, 'create', i]))
  const changed = connect.map((key, i): NodeAlong => {
    const at = [...path, name, 'connect', i]
    const place = { path: at, links }
    return {
      nested,
      node: inPlace(at, () => authorizeConnected(within(context, 'update', target), key, place)),
    }
  })
  return { before: [], after: [...after, ...changed], connected: [] }
}

/** A problem of a row as a whole names the row. */
function inPlace(path: Path, authorize: () => Node): Node {
  try {
    return authorize()
  } catch (error) {
    throw error instanceof Problem && error.issues.length === 0 && error.status < 500
      ? withIssues(error, [ofRow(error, path)])
      : error
  }
}

export const ofRow = ({ code, message }: Problem, path: Path): Issue => ({
  in: 'input',
  path,
  code: code.toLowerCase(),
  message,
})

/** A row that is there and is made to refer to another: an update of the fields that refer. */
function authorizeConnected(context: WriteContext, key: RowValues, place: Place): Node {
  const named = Object.fromEntries([...key].map(([{ name }, value]) => [name, value]))
  const parsed = { ...context.parsed, key: named, rows: [] }
  const authorized = authorizeWrite({ ...context, parsed }, place)
  return { authorized, path: place.path, connected: new Map(), before: [], after: [] }
}

/** The write of a related row, which answers nothing by itself. */
export function within(
  context: WriteContext,
  kind: StandardKind,
  resource: Resource,
): WriteContext {
  const operation: StandardOperation = {
    name: `${context.operation.name} ${kind} ${resource.key}`,
    kind: 'mutation',
    standard: kind,
    resource,
    by: kind === 'update' ? resource.primaryKey : null,
  }
  return {
    ...context,
    operation,
    parsed: { ...context.parsed, key: null, selection: null, invalid: [] },
  }
}
