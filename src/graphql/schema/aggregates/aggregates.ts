// Aggregates: a root field for each resource that can be read, with the types of its groups and of what they are asked with.
// They are two thirds of a schema's types, and graphql-js makes them by itself: Pothos keeps 12 KB of each.
import {
  type GraphQLFieldConfig,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
} from 'graphql'
import type { InputTypes } from '../../../schema/inputs/input-types.ts'
import type { Model, StandardOperation } from '../../../schema/model/model.ts'
import { operationArguments } from '../inputs/arguments.ts'
import type { GraphqlContext } from '../builder.ts'
import { described } from '../descriptions.ts'
import { openMemberPrinter, type PrintMembers } from '../inputs/graphql-printer.ts'
import { defineGroup } from './groups.ts'
import { inContext, readingOf, type Run, toRequest } from '../operations.ts'

type Root = GraphQLFieldConfig<unknown, GraphqlContext, Readonly<Record<string, unknown>>>

interface Defining {
  /** What is defined already: scalars, enums, filters. */
  readonly schema: GraphQLSchema
  readonly model: Model
  readonly types: InputTypes
  readonly printMembers: PrintMembers
  readonly run: Run
}

/** The schema with an aggregate for each resource that has one. */
export function withAggregates(
  schema: GraphQLSchema,
  parts: Pick<Defining, 'model' | 'types' | 'run'>,
): GraphQLSchema {
  const { query, types, ...config } = schema.toConfig()
  if (query === null || query === undefined) return schema
  const defining: Defining = { ...parts, schema, printMembers: openMemberPrinter(schema) }
  const own = query.toConfig()
  const fields = parts.model.operations.flatMap((operation) =>
    operation.standard === 'aggregate'
      ? [[operation.name, rootField(defining, operation)] as const]
      : [],
  )
  const extended = new GraphQLObjectType({
    ...own,
    fields: { ...own.fields, ...Object.fromEntries(fields) },
  })
  return new GraphQLSchema({
    ...config,
    query: extended,
    types: types.filter((type) => type !== query),
  })
}

function rootField(
  { schema, model, types, printMembers, run }: Defining,
  operation: StandardOperation,
): Root {
  return {
    ...described(operation),
    type: new GraphQLList(new GraphQLNonNull(defineGroup(schema, operation.resource))),
    args: printMembers(operationArguments(types, operation)),
    async resolve(_root, args, context, info) {
      const request = toRequest(operation, args, readingOf(model, info), info.fieldNodes)
      const result = await run({ ...request, ...inContext(context) }, context)
      return result.type === 'value' ? result.value : null // an aggregate has no other answer
    },
  }
}
