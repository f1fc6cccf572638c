// What an aggregate answers: the type of a group, with its key and its figures.
import {
  type GraphQLFieldConfig,
  GraphQLInt,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isOutputType,
} from 'graphql'
import type { Group } from '../../../engine/read/run-aggregate.ts'
import {
  aggregationOf,
  descriptionOf,
  type FieldFunction,
  typeSuffixOf,
} from '../../../schema/model/aggregates.ts'
import type { Field, Resource } from '../../../schema/model/model.ts'
import { groupType } from '../../request/aggregate-selection.ts'
import type { GraphqlContext } from '../builder.ts'
import { described } from '../descriptions.ts'
import { scalarOf } from '../inputs/graphql-printer.ts'

type Output = GraphQLFieldConfig<Group, GraphqlContext>
type Values = readonly (readonly [name: string, value: Field])[]

/** @param schema what is defined already: scalars and enums */
export const defineGroup = (schema: GraphQLSchema, resource: Resource): GraphQLObjectType =>
  new GraphQLObjectType<Group>({
    name: groupType(resource),
    description: `A group of ${resource.plural}.`,
    fields: {
      ...keyMember(schema, resource),
      count: { type: new GraphQLNonNull(GraphQLInt), description: descriptionOf.count },
      ...figures(schema, resource),
    },
  })

function keyMember(schema: GraphQLSchema, resource: Resource): Readonly<Record<string, Output>> {
  const keys = [...aggregationOf(resource).keys.values()]
  if (keys.length === 0) return {}
  const type = valuesType(
    schema,
    keys.map(({ name, value }) => [name, value]),
    {
      name: `${resource.type}GroupKey`,
      description: `What the ${resource.plural} of a group have in common. A member is asked for where it is grouped by.`,
    },
  )
  return { key: memberOf('key', type) }
}

/** Functions of equal values share a type. */
function figures(schema: GraphQLSchema, resource: Resource): Readonly<Record<string, Output>> {
  const types = new Map<string, GraphQLObjectType>()
  const members = [...aggregationOf(resource).functions].map(([word, aggregates]) => {
    const name = resource.type + typeSuffixOf[word].output
    const values = [...aggregates].map(([of, { value }]) => [of, value] as const)
    const description = `Values of a group of ${resource.plural}, by field.`
    const type = types.get(name) ?? valuesType(schema, values, { name, description })
    types.set(name, type)
    return [word, memberOf(word, type)] as const
  })
  return Object.fromEntries(members)
}

const valuesType = (
  schema: GraphQLSchema,
  values: Values,
  about: { readonly name: string; readonly description: string },
): GraphQLObjectType =>
  new GraphQLObjectType<Group>({
    ...about,
    fields: Object.fromEntries(
      values.map(([name, value]): [string, Output] => [
        name,
        { type: outputOf(schema, value), ...described(value) },
      ]),
    ),
  })

/** A group has no such member where only its __typename is asked for. */
const memberOf = (name: 'key' | FieldFunction, type: GraphQLObjectType): Output => ({
  type: new GraphQLNonNull(type),
  description: descriptionOf[name],
  resolve: (group) => group[name] ?? {},
})

function outputOf(schema: GraphQLSchema, field: Field): GraphQLOutputType {
  const type =
    field.enum === null ? scalarOf(schema, field.kind.name) : schema.getType(field.enum.name)
  if (!isOutputType(type)) throw new Error(`The type of ${field.name} was not defined.`)
  return field.nullable || field.kind.name === 'float' ? type : new GraphQLNonNull(type)
}
