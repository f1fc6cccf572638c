// Creates that write along relations: the rows that one refers to, itself, then the rows that refer to it, in one
// transaction. Each row is judged as it would be by itself.
import type { Transaction } from '../../db/database.ts'
import { joinTransaction } from '../../db/run/joined-transaction.ts'
import type { Assignment, WrittenRow } from '../../db/plan/write.ts'
import { type Issue, Problem, withIssues } from '../../errors.ts'
import type { Resource, StandardKind, StandardOperation } from '../../schema/model/model.ts'
import { type Nested, nestedOf } from '../../schema/model/nested.ts'
import { describeConstraintError } from '../diagnose/constraint-errors.ts'
import {
  authorizeFrame,
  type Input,
  inputOf,
  type AuthorizedWrite,
  authorizeWrite,
  type RowInput,
  type WriteContext,
} from '../authorize/authorize-write.ts'
import { withSignal } from '../request.ts'
import type { EngineResult } from '../result.ts'
import { invalid } from '../parse/parse-request.ts'
import { insert, checkOwnConflict, keyValue, readBack, works } from './row-steps.ts'
import { type KeyCells, readBackRows } from './read-back.ts'

type Path = Issue['path']

/** The new rows of several creates. */
const rowsOf = ({ parsed }: WriteContext): readonly Input[] => parsed.input as readonly Input[] // a list by its schema

/** Whether an input writes along relations. */
export function hasNested(context: WriteContext): boolean {
  const {
    operation: { standard, resource },
  } = context
  if (resource.nested.length === 0) return false
  const rows =
    standard === 'create' ? [inputOf(context)] : standard === 'createMany' ? rowsOf(context) : []
  return rows.some((input) => resource.nested.some((name) => input[name] !== undefined))
}

/** A row to be written, with what is written before and behind it. */
interface Node {
  readonly authorized: AuthorizedWrite
  readonly path: Path
  /** Fields that `connect` has set, and where the caller wrote them. */
  readonly connected: ReadonlyMap<string, Path>
  /** Rows that it refers to, and what of it refers to them. */
  readonly before: readonly {
    readonly node: Node
    readonly links: readonly Assignment[]
    readonly nested: Nested
  }[]
  /** Rows that refer to it. */
  readonly behind: readonly { readonly node: Node; readonly nested: Nested }[]
}

export async function writeNested(context: WriteContext): Promise<EngineResult> {
  const root = authorizeNode(context, inputOf(context), { path: [], links: [] })
  if (context.parsed.invalid.length > 0) throw invalid(context.parsed.invalid)
  return context.database.transaction(
    async (tx) => readBack(root.authorized, tx, await writeNode(root, tx)),
    withSignal(context),
  )
}

/** One row after the other: each may refer to those before it. */
export async function writeNestedRows(context: WriteContext): Promise<EngineResult> {
  const {
    operation: { resource },
  } = context
  const one = within(context, 'create', resource)
  const nodes = rowsOf(context).map((input, i) =>
    authorizeNode(one, input, { path: [i], links: [] }),
  )
  const frame = authorizeFrame(context, true) // each row has its own decision
  return context.database.transaction(async (tx) => {
    const keys: KeyCells[] = []
    for (const node of nodes) keys.push((await writeNode(node, tx)).key)
    return readBackRows(frame, tx, keys)
  }, withSignal(context))
}

type Place = Omit<RowInput, 'input'>

/** Judges a row and everything that is written along its relations: all of it before any of it is written. */
function authorizeNode(context: WriteContext, input: Input, { path, links }: Place): Node {
  const { resource } = context.operation
  const given = nestedOf(context.authorization.model, resource).filter(
    ({ relation }) => input[relation.name] !== undefined,
  )
  const own: Record<string, unknown> = { ...input }
  const connected = new Map<string, Path>()
  const before: { node: Node; nested: Nested }[] = []
  const behind: { node: Node; nested: Nested }[] = []
  for (const nested of given) {
    const {
      relation: { name, many },
      target,
    } = nested
    const { create, connect } = input[name] as {
      readonly create?: unknown
      readonly connect?: unknown
    } // by its schema
    delete own[name]
    const node = (kind: 'create' | 'update', value: unknown, at: Path): Node =>
      inPlace(at, () =>
        kind === 'create'
          ? authorizeNode(within(context, 'create', target), value as Input, {
              path: at,
              links: many ? nested.links : [],
            }) // as above
          : authorizeConnected(within(context, 'update', target), value as Input, {
              path: at,
              links: nested.links,
            }),
      )
    if (many) {
      for (const [i, value] of ((create ?? []) as readonly unknown[]).entries())
        behind.push({ nested, node: node('create', value, [...path, name, 'create', i]) })
      for (const [i, value] of ((connect ?? []) as readonly unknown[]).entries())
        behind.push({ nested, node: node('update', value, [...path, name, 'connect', i]) })
    } else if (create !== undefined)
      before.push({ nested, node: node('create', create, [...path, name, 'create']) })
    else {
      for (const [i, { name: field }] of nested.links.entries()) {
        const key = nested.keys[i]?.name ?? ''
        own[field] = (connect as Input)[key]
        connected.set(field, [name, 'connect', key])
      }
    }
  }
  const set = [...links, ...before.flatMap(({ nested }) => nested.links)]
  const authorized = authorizeWrite(
    { ...context, parsed: { ...context.parsed, input: own, invalid: [] } },
    { path, links: set },
  )
  const linksOf = (fields: Nested['links']) =>
    authorized.linked.filter(({ field }) => fields.includes(field))
  return {
    authorized,
    path,
    connected,
    behind,
    before: before.map((one) => ({ ...one, links: linksOf(one.nested.links) })),
  }
}

/** What is said of a row as a whole says which row. */
function inPlace(path: Path, judge: () => Node): Node {
  try {
    return judge()
  } catch (error) {
    throw error instanceof Problem && error.issues.length === 0 && error.status < 500
      ? withIssues(error, [ofRow(error, path)])
      : error
  }
}

const ofRow = ({ code, message }: Problem, path: Path): Issue => ({
  in: 'input',
  path,
  code: code.toLowerCase(),
  message,
})

/** A row that is there and is made to refer to another: an update of what refers. */
function authorizeConnected(context: WriteContext, key: Input, { path, links }: Place): Node {
  const authorized = authorizeWrite(
    { ...context, parsed: { ...context.parsed, key, input: {} } },
    { path, links },
  )
  return { authorized, path, connected: new Map(), before: [], behind: [] }
}

/** The write of a related row, which answers nothing by itself. */
function within(context: WriteContext, kind: StandardKind, resource: Resource): WriteContext {
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

async function writeNode(tree: Node, tx: Transaction): Promise<WrittenRow> {
  const {
    authorized: { context, resource },
    before,
    behind,
  } = tree
  for (const { node, links, nested } of before)
    link(context, links, nested, { target: nested.target, written: await writeNode(node, tx) })
  const written = await attempt(tree, tx)
  for (const { node, nested } of behind) {
    link(
      context,
      node.authorized.linked.filter(({ field }) => nested.links.includes(field)),
      nested,
      { target: resource, written },
    )
    await writeNode(node, tx)
  }
  return written
}

/** Gives fields that refer to a row the values of its key. */
function link(
  { authorization }: WriteContext,
  links: readonly Assignment[],
  nested: Nested,
  { target, written }: { readonly target: Resource; readonly written: WrittenRow },
): void {
  for (const { field, slot } of links) {
    const key = nested.keys[nested.links.indexOf(field)]
    authorization.values[slot] = keyValue(
      target,
      written,
      target.primaryKey.fields.findIndex((one) => one === key),
    )
  }
}

/** One row, in a savepoint, so that what it collides with can be judged while the rows around it are there. */
async function attempt(
  node: Pick<Node, 'authorized' | 'path' | 'connected'>,
  tx: Transaction,
): Promise<WrittenRow> {
  const { authorized } = node
  const { context, resource } = authorized
  const database = joinTransaction(context.database, tx)
  const inside: AuthorizedWrite = { ...authorized, context: { ...context, database } }
  try {
    return await database.transaction(async (step) => {
      if (context.operation.standard === 'create') return insert(inside, step)
      await works.update(inside, step)
      return { key: [], checks: [] } // nothing refers to what is only connected
    })
  } catch (error) {
    throw placed(
      await checkOwnConflict(inside, error).then(
        () => describeConstraintError(database, error, resource),
        (refused: unknown) => refused,
      ),
      node,
    )
  }
}

/** What went wrong with a row, at its place in the input. A row to connect that is not there is a reference that leads nowhere. */
function placed(
  error: unknown,
  { path, connected, authorized }: Pick<Node, 'authorized' | 'path' | 'connected'>,
): unknown {
  if (!(error instanceof Problem) || (path.length === 0 && connected.size === 0)) return error
  const isAbsent = error.code === 'NOT_FOUND' && authorized.context.operation.standard === 'update'
  const problem = isAbsent ? absent : error
  const { issues } = problem
  const told =
    issues.length === 0 && path.length > 0
      ? [ofRow(problem, path)]
      : issues.map((issue) =>
          issue.in === 'input'
            ? { ...issue, path: [...path, ...connectedPath(issue.path, connected)] }
            : issue,
        )
  return withIssues(problem, told)
}

const absent = new Problem('CONFLICT', 'A row that this one refers to does not exist.', {
  issues: [{ in: 'input', path: [], code: 'no_such_row', message: 'There is no such row.' }],
})

function connectedPath(path: Path, connected: ReadonlyMap<string, Path>): Path {
  const [name, ...rest] = path
  return typeof name === 'string' && connected.has(name)
    ? [...(connected.get(name) ?? []), ...rest]
    : path
}
