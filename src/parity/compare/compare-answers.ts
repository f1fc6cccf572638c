// Compares two successful answers, without the fields that REST's defaults leave out.
import { type Model, type Resource, targetOf } from '../../schema/model/model.ts'
import { isJsonObject, type JsonMembers } from '../objects.ts'
import type { ParitySelection } from '../request.ts'
import { isPage, type Outcome } from '../send/outcome.ts'
import { byRule, type ComparisonResult, differ } from './comparison.ts'
import { firstDifference } from './first-difference.ts'

export interface Compared {
  readonly model: Model
  /** Where the selection begins; null for a value. */
  readonly resource: Resource | null
  readonly selection: ParitySelection | null
}

type Success = Extract<Outcome, { readonly ok: true }>

export function compareAnswers(
  compared: Compared,
  graphql: Success,
  rest: Success,
): ComparisonResult {
  const { resource } = compared
  const { value, left } = withoutDenied(compared, graphql.value, rest.value)
  const unexplained = deniedDifference(graphql.denied, left) ?? firstDifference(value, rest.value)
  if (unexplained !== null) return differ(unexplained)
  const isAbsent = graphql.value === null && rest.value === null && resource !== null
  return byRule(
    ...(left.size > 0 ? (['deniedDefault'] as const) : []),
    ...(isAbsent ? (['absentRow'] as const) : []),
  )
}

/** GraphQL must deny exactly the fields that REST leaves out. */
function deniedDifference(
  denied: ReadonlyMap<string, string>,
  left: ReadonlySet<string>,
): string | null {
  const answered = [...denied.keys()].filter((path) => !left.has(path))
  if (answered.length > 0) return `GraphQL denies ${answered.join(', ')}, which REST answers.`
  const unsaid = [...left].filter((path) => !denied.has(path))
  if (unsaid.length > 0)
    return `REST leaves out ${unsaid.join(', ')}, of which GraphQL says nothing.`
  return null
}

interface Pruning {
  readonly model: Model
  /** Paths that REST leaves out of a row that it answers. */
  readonly left: Set<string>
}

/** GraphQL's value without what REST's defaults leave out, and the paths of that. */
function withoutDenied(
  { model, resource, selection }: Compared,
  graphql: unknown,
  rest: unknown,
): { readonly value: unknown; readonly left: ReadonlySet<string> } {
  const left = new Set<string>()
  if (resource === null || selection === null) return { value: graphql, left }
  const level = { resource, selection, prefix: '' }
  return { value: pruned({ model, left }, level, graphql, rest), left }
}

/** A level of the selection. */
interface Level {
  readonly resource: Resource
  readonly selection: ParitySelection
  /** The path of the level, with a dot behind it. */
  readonly prefix: string
}

function pruned(pruning: Pruning, level: Level, graphql: unknown, rest: unknown): unknown {
  if (Array.isArray(graphql)) {
    if (!isJsonObject(rest) && !Array.isArray(rest)) return graphql
    const rows: readonly unknown[] = Array.isArray(rest) ? rest : []
    return graphql.map((row, i) => pruned(pruning, level, row, rows[i] ?? null))
  }
  if (!isJsonObject(graphql) || typeof rest !== 'object' || rest === null) return graphql
  if (isPage(graphql) && isPage(rest))
    return {
      ...graphql,
      rows: graphql.rows.map((row, i) => pruned(pruning, level, row, rest.rows[i] ?? null)),
    }
  return prunedRow(pruning, level, graphql, isJsonObject(rest) ? rest : {})
}

function prunedRow(
  pruning: Pruning,
  { resource, selection, prefix }: Level,
  graphql: JsonMembers,
  rest: JsonMembers,
): JsonMembers {
  const row: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(graphql)) {
    const asked = selection.relations.find((relation) => relation.name === name)
    const relation = resource.relations.get(name)
    if (asked !== undefined && relation !== undefined) {
      const below: Level = {
        resource: targetOf(pruning.model, relation),
        selection: asked.selection,
        prefix: `${prefix}${name}.`,
      }
      row[name] = pruned(pruning, below, value, rest[name] ?? null)
    } else if (selection.fields === 'default' && value === null && !(name in rest))
      pruning.left.add(prefix + name)
    else row[name] = value
  }
  return row
}
