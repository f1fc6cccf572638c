// From a document's selection set to the engine's Selection: what is asked of rows, its aliases and fragments resolved.
import {
  type FieldNode,
  type FragmentDefinitionNode,
  getArgumentValues,
  getDirectiveValues,
  type GraphQLField,
  GraphQLIncludeDirective,
  type GraphQLSchema,
  GraphQLSkipDirective,
  isAbstractType,
  isObjectType,
  Kind as Ast,
  print,
  type SelectionSetNode,
} from 'graphql'
import type { ListInput, RelationSelection, Selection, Total } from '../../engine/request.ts'
import { type Model, type Relation, type Resource, targetOf } from '../../schema/model/model.ts'
import type { ConnectionMember } from './connection-members.ts'

/** A document being read. */
export interface Reading {
  readonly model: Model
  readonly schema: GraphQLSchema
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>
  readonly variables: Readonly<Record<string, unknown>>
  /** Takes what a directive would leave out, where the directives' own variables may be what is wrong. */
  readonly everything?: true
  /** The arguments of a field: graphql-js's own coercion, or as they came when that has failed. */
  readonly argumentsOf: (
    field: GraphQLField<unknown, unknown>,
    node: FieldNode,
    variables: Reading['variables'],
  ) => Readonly<Record<string, unknown>>
}

export const coercedArguments: Reading['argumentsOf'] = (field, node, variables) =>
  getArgumentValues(field, node, variables)

/** The fields that stand under these nodes, for an object of the type. */
export function fieldsUnder(
  reading: Reading,
  type: string,
  nodes: readonly FieldNode[],
): readonly FieldNode[] {
  const found: FieldNode[] = []
  const spread = new Set<string>()
  for (const node of nodes)
    if (node.selectionSet !== undefined)
      collect({ reading, type, spread, found }, node.selectionSet)
  return found
}

interface Collecting {
  readonly reading: Reading
  readonly type: string
  /** Named fragments that have been met: a second time adds nothing. */
  readonly spread: Set<string>
  readonly found: FieldNode[]
}

export function collect(collecting: Collecting, set: SelectionSetNode): void {
  const { reading, type, found } = collecting
  for (const node of set.selections) {
    if (reading.everything !== true && !isIncluded(node, reading.variables)) continue
    if (node.kind === Ast.FIELD) {
      found.push(node)
      continue
    }
    const fragment =
      node.kind === Ast.INLINE_FRAGMENT ? node : firstSpread(collecting, node.name.value)
    if (fragment !== undefined && applies(reading.schema, fragment.typeCondition?.name.value, type))
      collect(collecting, fragment.selectionSet)
  }
}

/** A named fragment where it is met first. */
function firstSpread(
  { reading, spread }: Collecting,
  name: string,
): FragmentDefinitionNode | undefined {
  if (spread.has(name)) return undefined
  spread.add(name)
  return reading.fragments[name]
}

function isIncluded(
  node: SelectionSetNode['selections'][number],
  variables: Reading['variables'],
): boolean {
  if (node.directives === undefined || node.directives.length === 0) return true
  if (getDirectiveValues(GraphQLSkipDirective, node, variables)?.['if'] === true) return false
  return getDirectiveValues(GraphQLIncludeDirective, node, variables)?.['if'] !== false
}

function applies(schema: GraphQLSchema, condition: string | undefined, type: string): boolean {
  if (condition === undefined || condition === type) return true
  const [abstract, object] = [schema.getType(condition), schema.getType(type)]
  return isAbstractType(abstract) && isObjectType(object) && schema.isSubType(abstract, object)
}

/** What these nodes ask of a row. Hand-written fields are not of the model, and load what they need by themselves. */
export function toSelection(
  reading: Reading,
  resource: Resource,
  nodes: readonly FieldNode[],
): Selection {
  const fields = new Set<string>()
  const relations = new Map<string, AskedRelation>()
  let version = false
  for (const node of fieldsUnder(reading, resource.type, nodes)) {
    const name = node.name.value
    const relation = resource.relations.get(name)
    if (relation === undefined) {
      if (resource.fields.has(name)) fields.add(name)
      else if (name === resource.version?.name) version = true
      continue
    }
    const id = relationId(relation, node)
    const known = relations.get(id)
    if (known !== undefined) known.nodes.push(node)
    else
      relations.set(id, {
        relation,
        nodes: [node],
        list: relation.many ? relationArguments(reading, resource, node) : {},
      })
  }
  return {
    fields: [...fields],
    relations: [...relations].map(([id, asked]) => toRelationSelection(reading, id, asked)),
    ...(version ? { version } : {}),
  }
}

interface AskedRelation {
  readonly relation: Relation
  readonly list: ListInput
  readonly nodes: FieldNode[]
}

function relationArguments(reading: Reading, resource: Resource, node: FieldNode): ListInput {
  const type = reading.schema.getType(resource.type)
  const field = isObjectType(type) ? type.getFields()[node.name.value] : undefined
  return field === undefined ? {} : reading.argumentsOf(field, node, reading.variables)
}

function toRelationSelection(
  reading: Reading,
  id: string,
  { relation, list, nodes }: AskedRelation,
): RelationSelection {
  const target = targetOf(reading.model, relation)
  if (relation.many)
    return { id, relation: relation.name, list, ...toConnectionSelection(reading, target, nodes) }
  return {
    id,
    relation: relation.name,
    list: {},
    selection: toSelection(reading, target, nodes),
    rows: true,
    total: false,
  }
}

export interface ConnectionSelection {
  readonly selection: Selection
  readonly rows: boolean
  readonly total: Total
}

/** What these nodes ask of a connection: its rows through `nodes` and `edges` alike, and its total. */
export function toConnectionSelection(
  reading: Reading,
  target: Resource,
  nodes: readonly FieldNode[],
): ConnectionSelection {
  const asked = fieldsUnder(reading, `${target.type}Connection`, nodes)
  const named = (name: ConnectionMember) => asked.filter((node) => node.name.value === name)
  const edges = named('edges')
  const inEdges = fieldsUnder(reading, `${target.type}Edge`, edges).filter(
    (node) => node.name.value === 'node',
  )
  return {
    selection: toSelection(reading, target, [...named('nodes'), ...inEdges]),
    rows: edges.length > 0 || named('nodes').length > 0 || named('pageInfo').length > 0,
    total: totalOf(reading, named('totalCount')),
  }
}

function modeOf({ arguments: given = [] }: FieldNode, variables: Reading['variables']): unknown {
  const value = given.find(({ name }) => name.value === 'mode')?.value
  if (value?.kind === Ast.VARIABLE) return variables[value.name.value]
  return value?.kind === Ast.ENUM ? value.value : undefined
}

/** A count also answers a field that asks for an estimate. */
function totalOf({ variables }: Reading, nodes: readonly FieldNode[]): Total {
  const modes = nodes.map((node) => modeOf(node, variables))
  return modes.length > 0 && (modes.every((mode) => mode === 'ESTIMATED') ? 'estimated' : true)
}

const argumentTexts = new WeakMap<FieldNode, string>()

/** The name of a relation with its arguments as they stand in the document: aliases that ask for the same page share it. */
export function relationId(relation: Relation, node: FieldNode | undefined): string {
  if (!relation.many || node?.arguments === undefined || node.arguments.length === 0)
    return relation.name
  let text = argumentTexts.get(node)
  if (text === undefined) {
    text = node.arguments
      .map((argument) => print(argument))
      .toSorted()
      .join(', ')
    argumentTexts.set(node, text)
  }
  return `${relation.name}(${text})`
}
