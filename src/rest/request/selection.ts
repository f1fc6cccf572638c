// What a request chooses to see of rows: `fields`, `include` and the arguments of included lists, as the engine's Selection.
import type { RelationSelection, Selection } from '../../engine/request.ts'
import { Problem } from '../../errors.ts'
import { type Model, type Resource, targetOf } from '../../schema/model/model.ts'
import { type ListRequest, listParametersOf, readList } from './list-arguments.ts'
import type { Query } from './query-string.ts'
import { MAX_PATH, splitNames } from './values.ts'

/** The fields and relations of one resource, while they are read. */
interface Level {
  /** Null below a name that is no relation, which the engine refuses. */
  readonly resource: Resource | null
  readonly many: boolean
  /** The relation's path and a dot; empty at the top. */
  readonly at: string
  /** Null until `fields` names one. */
  fields: Set<string> | null
  /** Whether its own fields are shown where `fields` names none: at the top, and where `include` names it. */
  included: boolean
  readonly relations: Map<string, Level>
  list: ListRequest
}

interface Reading {
  readonly model: Pick<Model, 'resources'>
  readonly query: Query
  readonly top: Level
}

const noList: ListRequest = { list: {}, total: false }
const fieldPath = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/

/** Takes `fields`, `include` and the arguments of included relations; null where there are none. */
export function readSelection(
  model: Pick<Model, 'resources'>,
  query: Query,
  resource: Resource,
): Selection | null {
  const top: Level = { ...toLevel(resource, false, ''), included: true }
  const reading: Reading = { model, query, top }
  const given = [query.takeNames('fields'), query.takeNames('include')]
  const [fields, include] = given
  if (fields !== undefined) addFields(reading, 'fields', fields, top)
  if (include !== undefined) addIncludes(reading, include)
  const nested = query.rest().flatMap(([name]) => /^([^[\]]+)\.fields$/.exec(name)?.[1] ?? [])
  for (const path of nested) {
    const names = query.takeNames(`${path}.fields`)
    if (names !== undefined)
      addFields(reading, `${path}.fields`, names, levelAt(reading, path.split('.'), top))
  }
  const lists = readLists(reading, top)
  refuseArguments(reading)
  const untouched = given.every((value) => value === undefined) && nested.length === 0 && !lists
  return untouched ? null : toSelection(top)
}

const toLevel = (resource: Resource | null, many: boolean, at: string): Level => ({
  resource,
  many,
  at,
  fields: null,
  included: false,
  relations: new Map(),
  list: noList,
})

/** The level at a path of relations, made where it is not there yet. */
function levelAt({ model }: Reading, path: readonly string[], from: Level): Level {
  if (path.length > MAX_PATH)
    throw new Problem(
      'TOO_COMPLEX',
      `A path names ${path.length} relations; at most ${MAX_PATH} are read.`,
    )
  return path.reduce((level, name) => {
    const known = level.relations.get(name)
    if (known !== undefined) return known
    const relation = level.resource?.relations.get(name)
    const made = toLevel(
      relation === undefined ? null : targetOf(model, relation),
      relation?.many ?? false,
      `${level.at}${name}.`,
    )
    level.relations.set(name, made)
    return made
  }, from)
}

function readPaths({ query }: Reading, name: string, text: string): readonly (readonly string[])[] {
  const paths = splitNames(name, text)
  if (paths.every((path) => fieldPath.test(path))) return paths.map((path) => path.split('.'))
  query.refuse(name, 'malformed_list', `${name} is a list of names such as id,category.name.`)
  return []
}

function addFields(reading: Reading, name: string, text: string, from: Level): void {
  from.fields ??= new Set()
  for (const path of readPaths(reading, name, text)) {
    const level = levelAt(reading, path.slice(0, -1), from)
    level.fields ??= new Set()
    level.fields.add(path.at(-1) ?? '')
  }
}

function addIncludes(reading: Reading, text: string): void {
  for (const path of readPaths(reading, 'include', text)) {
    for (let end = 1; end <= path.length; end += 1)
      levelAt(reading, path.slice(0, end), reading.top).included = true
  }
}

/** Reads the arguments of every included list. Returns whether there were any. */
function readLists({ query }: Reading, top: Level): boolean {
  const before = query.rest().length
  const read = (level: Level): void => {
    if (level.many && level.resource !== null)
      level.list = readList(query, level.resource, level.at)
    for (const below of level.relations.values()) read(below)
  }
  read(top)
  return query.rest().length < before
}

/** Refuses the arguments that are left, and says why. */
function refuseArguments({ query, top }: Reading): void {
  for (const [name] of query.rest()) {
    const [, path = '', argument = ''] = /^(.+)\.([^.]+)$/.exec(name) ?? []
    if (path === '') continue
    query.takeValue(name, () => null)
    const level = path
      .split('.')
      .reduce<Level | undefined>((from, step) => from?.relations.get(step), top)
    if (level?.resource != null && level.many)
      query.refuseName(
        name,
        `${path} has no argument ${argument}.`,
        `There is ${[...listParametersOf(level.resource), 'fields'].join(', ')}.`,
      )
    else query.refuse(name, 'unknown_parameter', `${path} ${faultOf(level)}`)
  }
}

/** Why an included path does not take an argument. */
function faultOf(level: Level | undefined): string {
  if (level === undefined) return 'is not included; name it in include or fields.'
  return level.resource === null ? 'is no relation.' : 'is one row; it takes fields only.'
}

function toSelection(level: Level): Selection {
  const unnamed = level.included ? 'default' : []
  const fields = level.fields === null ? unnamed : [...level.fields]
  const relations = [...level.relations].map(([name, below]): RelationSelection => ({
    id: name,
    relation: name,
    rows: true,
    list: below.list.list,
    total: below.list.total,
    selection: toSelection(below),
  }))
  return { fields, relations }
}
