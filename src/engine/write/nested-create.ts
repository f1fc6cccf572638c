// Creates that write along relations, in one transaction: first the rows that a row refers to, then the row, then the rows that refer to it.
import type { Transaction } from '../../db/database.ts'
import { joinTransaction } from '../../db/run/joined-transaction.ts'
import type { WrittenRow } from '../../db/plan/write.ts'
import type { Assignment } from '../../db/plan/write-request.ts'
import { type Issue, Problem, withIssues } from '../../errors.ts'
import type { Resource } from '../../schema/model/model.ts'
import type { Nested } from '../../schema/model/nested.ts'
import { describeConstraintError } from '../diagnose/constraint-errors.ts'
import { authorizeFrame } from '../authorize/authorize-write.ts'
import { type AuthorizedWrite, rowOf, type WriteContext } from '../authorize/write-context.ts'
import { runOptions } from '../request.ts'
import type { EngineResult } from '../result.ts'
import { invalid } from '../parse/parse-request.ts'
import { authorizeNode, type Node, ofRow, within } from './nested-rows.ts'
import { insert, checkOwnConflict, keyValue, readBack, works } from './row-steps.ts'
import { type KeyCells, readBackRows } from './read-back.ts'

type Path = Issue['path']

/** Whether a create writes along relations. */
export const hasNested = ({ operation: { standard }, parsed: { rows } }: WriteContext): boolean =>
  (standard === 'create' || standard === 'createMany') &&
  rows.some(({ nested }) => nested.length > 0)

export async function writeNested(context: WriteContext): Promise<EngineResult> {
  const root = authorizeNode(context, rowOf(context), { path: [], links: [] })
  if (context.parsed.invalid.length > 0) throw invalid(context.parsed.invalid)
  return context.database.transaction(
    async (tx) => readBack(root.authorized, tx, await writeNode(root, tx)),
    runOptions(context),
  )
}

/** One row after the other: each may refer to those before it. */
export async function writeNestedRows(context: WriteContext): Promise<EngineResult> {
  const {
    operation: { resource },
  } = context
  const one = within(context, 'create', resource)
  const nodes = context.parsed.rows.map((row, i) =>
    authorizeNode(one, row, { path: [i], links: [] }),
  )
  const frame = authorizeFrame(context, true) // each row has its own decision
  return context.database.transaction(async (tx) => {
    const keys: KeyCells[] = []
    for (const node of nodes) keys.push((await writeNode(node, tx)).key)
    return readBackRows(frame, tx, keys)
  }, runOptions(context))
}

async function writeNode(tree: Node, tx: Transaction): Promise<WrittenRow> {
  const {
    authorized: { context, resource },
    before,
    after,
  } = tree
  for (const { node, links, nested } of before)
    link(context, links, nested, { target: nested.target, written: await writeNode(node, tx) })
  const written = await attempt(tree, tx)
  for (const { node, nested } of after) {
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

/** One row, in a savepoint, so that a conflict can be examined while the rows around it are there. */
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

/** The error of a row, at its place in the input. A row to connect that is not there is a broken reference. */
function placed(
  error: unknown,
  { path, connected, authorized }: Pick<Node, 'authorized' | 'path' | 'connected'>,
): unknown {
  if (!(error instanceof Problem) || (path.length === 0 && connected.size === 0)) return error
  const isAbsent = error.code === 'NOT_FOUND' && authorized.context.operation.standard === 'update'
  const problem = isAbsent ? absent : error
  const { issues } = problem
  if (issues.length === 0 && path.length > 0) return withIssues(problem, [ofRow(problem, path)])
  const toPlace = (issue: Issue): Issue => ({
    ...issue,
    path: [...path, ...connectedPath(issue.path, connected)],
  })
  return withIssues(
    problem,
    issues.map((issue) => (issue.in === 'input' ? toPlace(issue) : issue)),
  )
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
