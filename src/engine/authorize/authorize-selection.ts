// From a parsed selection to a plan's levels: policies are evaluated here, at every level and for every name.
import type { Condition, Level, ManyRequest } from '../../db/plan/read-request.ts'
import type { Issue } from '../../errors.ts'
import type { Relation, Resource } from '../../schema/model/model.ts'
import { type Authorization, type Decision, refuse, toCondition } from './authorization.ts'
import { mayRead, mayReadField, throughDecision } from './evaluate-policy.ts'
import { allOf, type CallerView, filterCondition } from './filter-condition.ts'
import type { ParsedList } from '../parse/parse-list.ts'
import { authorizePage, authorizeTotal } from './authorize-list.ts'
import { matchingRows } from './authorize-search.ts'
import type { ParsedRelation, ParsedSelection } from '../parse/parse-request.ts'

export interface LevelContext {
  readonly authorization: Authorization
  readonly denied: 'refuse' | 'omit'
}

/** What a caller may name in a filter: fields and relations that they may read whole. */
const callerView: CallerView = { field: mayReadField, rows: mayRead, through: throughDecision }

/** A caller's filter and search under the read policy of its resource. */
export function filteredRows(
  authorization: Authorization,
  resource: Resource,
  list: Pick<ParsedList, 'at' | 'where' | 'search'>,
  path: Issue['path'],
): Condition {
  const leafOf = (at: Issue['path']) => `${list.at}.where.${at.slice(path.length).join('.')}`
  return allOf([
    filterCondition({ authorization, view: callerView, leafOf }, resource, list.where),
    matchingRows(authorization, resource, list.search, path),
  ])
}

/** One level: what of a resource's row the caller sees. `where` is everything that must hold of the row. */
export function authorizeLevel(
  context: LevelContext,
  resource: Resource,
  selection: ParsedSelection,
  at: { readonly where: Condition; readonly path: Issue['path'] },
): Level {
  const denied: string[] = []
  const deny = (name: string) => {
    denied.push(name)
    if (context.denied === 'refuse')
      refuse(context.authorization, 'fields', [...at.path, name], name)
  }
  const fields = selectFields(context, resource, selection, deny)
  const toOne: Level['toOne'][number][] = []
  const toMany: ManyRequest[] = []
  for (const asked of selection.relations) {
    const step = relationStep(context.authorization, asked)
    if (step === null) {
      deny(asked.relation.name)
      continue
    }
    const path = [...at.path, asked.relation.name]
    if (asked.list === null) {
      toOne.push({
        ...step,
        level: authorizeLevel(context, step.target, asked.selection, { where: step.visible, path }),
      })
    } else {
      toMany.push(buildMany(context, { ...step, asked, list: asked.list }, path))
    }
  }
  return {
    resource,
    where: at.where,
    fields,
    toOne,
    toMany,
    denied,
    ...(selection.version === true ? { version: true } : {}),
  }
}

function selectFields(
  context: LevelContext,
  resource: Resource,
  selection: ParsedSelection,
  deny: (name: string) => void,
): Level['fields'] {
  const asked = selection.fields === 'default' ? resource.fields.values() : selection.fields
  const fields: Level['fields'][number][] = []
  for (const field of asked) {
    const decision = mayReadField(context.authorization, resource, field)
    if (decision !== false) fields.push({ field, visible: toCondition(decision) })
    else if (selection.fields !== 'default') deny(field.name)
  }
  return fields
}

interface RelationStep {
  readonly id: string
  readonly relation: Relation
  readonly target: Resource
  readonly visible: Condition
  readonly through: Condition
}

/** The relation with what its target's and junction's policies say; null when one says no. */
function relationStep(
  authorization: Authorization,
  { id, relation, target }: ParsedRelation,
): RelationStep | null {
  const visible: Decision = mayRead(authorization, target)
  const through: Decision = throughDecision(authorization, relation)
  if (visible === false || through === false) return null
  return { id, relation, target, visible: toCondition(visible), through: toCondition(through) }
}

function buildMany(
  context: LevelContext,
  step: RelationStep & { asked: ParsedRelation; list: ParsedList },
  path: Issue['path'],
): ManyRequest {
  const { authorization } = context
  const filter = filteredRows(authorization, step.target, step.list, path)
  const page = authorizePage(authorization, step.target, step.list, path)
  const where = allOf([step.visible, filter])
  return {
    id: step.id,
    relation: step.relation,
    through: step.through,
    page,
    level: authorizeLevel(context, step.target, step.asked.selection, { where, path }),
    rows: step.asked.rows,
    total: authorizeTotal(step.asked.total, { ...step, resource: step.target, filter, page }),
  }
}
