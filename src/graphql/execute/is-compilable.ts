// Whether a selection holds the model's own fields alone: then it is compiled, and graphql-js is not needed for it.
import {
  type FieldNode,
  getNamedType,
  type GraphQLField,
  type GraphQLSchema,
  isObjectType,
  Kind as Ast,
} from 'graphql'
import { type Resource, targetOf } from '../../schema/model/model.ts'
import { isConnectionMember } from '../request/connection-members.ts'
import { grouped, type Templating } from './template.ts'

export const isOwn = ({ extensions }: GraphQLField<unknown, unknown>): boolean =>
  extensions['bifronsOwn'] === true

/** Whether every field under a row is the model's. */
export const isRowCompilable = (
  templating: Templating,
  resource: Resource,
  nodes: readonly FieldNode[],
): boolean =>
  everyMember(templating, resource.type, nodes, (name, group) => {
    const field = fieldOf(templating.schema, resource.type, name)
    if (field === undefined || !isOwn(field)) return false
    const relation = resource.relations.get(name)
    if (relation === undefined) return isOfRow(resource, name)
    const target = targetOf(templating.model, relation)
    return relation.many
      ? isConnectionCompilable(templating, target, group)
      : isRowCompilable(templating, target, group)
  })

const isOfRow = ({ fields, nodeId, version }: Resource, name: string): boolean =>
  fields.has(name) || name === nodeId || name === version?.name

/** Whether everything under a list's rows is the model's. */
export const isConnectionCompilable = (
  templating: Templating,
  resource: Resource,
  nodes: readonly FieldNode[],
): boolean =>
  everyMember(templating, `${resource.type}Connection`, nodes, (name, group) => {
    if (!isConnectionMember(name)) return false
    switch (name) {
      case 'nodes':
        return isRowCompilable(templating, resource, group)
      case 'edges':
        return areEdgesCompilable(templating, resource, group)
      case 'pageInfo':
      case 'totalCount':
        return !group.some(hasVariables)
    }
  })

const areEdgesCompilable = (
  templating: Templating,
  resource: Resource,
  nodes: readonly FieldNode[],
): boolean =>
  everyMember(templating, `${resource.type}Edge`, nodes, (name, group) =>
    name === 'node' ? isRowCompilable(templating, resource, group) : name === 'cursor',
  )

/** Whether it holds of every member of an object. `__typename` is compiled wherever it stands. */
function everyMember(
  { reading }: Templating,
  type: string,
  nodes: readonly FieldNode[],
  holds: (name: string, group: readonly FieldNode[]) => boolean,
): boolean {
  for (const group of grouped(reading, type, nodes).values()) {
    const name = group[0].name.value
    if (name !== '__typename' && !holds(name, group)) return false
  }
  return true
}

/** How rows are counted is part of a read query, and no value that a request brings. */
const hasVariables = ({ arguments: given = [] }: FieldNode): boolean =>
  given.some(({ value }) => value.kind === Ast.VARIABLE)

function fieldOf(
  schema: GraphQLSchema,
  type: string,
  name: string,
): GraphQLField<unknown, unknown> | undefined {
  const object = getNamedType(schema.getType(type))
  return isObjectType(object) ? object.getFields()[name] : undefined
}
