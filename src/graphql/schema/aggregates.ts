// Aggregates: a root field for each resource that can be read, with the types of its groups and of what they are asked with.
// They are two thirds of a schema's types, and graphql-js makes them by itself: Pothos keeps 12 KB of each.
import {
  type GraphQLArgumentConfig,
  GraphQLEnumType,
  type GraphQLFieldConfig,
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLSchema,
  isInputType,
  isOutputType,
} from 'graphql'
import type { Group } from '../../engine/read/run-aggregate.ts'
import {
  type Aggregate,
  type Aggregation,
  aggregationOf,
  descriptionOf,
  type FieldFunction,
  typeSuffixOf,
} from '../../schema/model/aggregates.ts'
import type { Field, Model, Resource, StandardOperation } from '../../schema/model/model.ts'
import { comparisonName } from '../../schema/inputs/standard-inputs.ts'
import { groupType } from '../request/aggregate-selection.ts'
import type { GraphqlContext } from './builder.ts'
import { described } from './descriptions.ts'
import { readingOf, type Run, toRequest } from './operations.ts'
import { toScalarName } from './scalars.ts'

type Output = GraphQLFieldConfig<Group, GraphqlContext>
type Root = GraphQLFieldConfig<unknown, GraphqlContext, Readonly<Record<string, unknown>>>

interface Defining {
  /** What is defined already: scalars, enums, filters. */
  readonly schema: GraphQLSchema
  readonly resource: Resource
  readonly aggregation: Aggregation
}

/** The schema with an aggregate for each resource that has one. */
export function withAggregates(schema: GraphQLSchema, model: Model, run: Run): GraphQLSchema {
  const { query, types, ...config } = schema.toConfig()
  if (query === null || query === undefined) return schema
  const own = query.toConfig()
  const fields = model.operations.flatMap((operation) =>
    operation.standard === 'aggregate'
      ? [[operation.name, rootField(schema, model, operation, run)] as const]
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
  schema: GraphQLSchema,
  model: Model,
  operation: StandardOperation,
  run: Run,
): Root {
  const { resource } = operation
  const defining: Defining = { schema, resource, aggregation: aggregationOf(resource) }
  return {
    ...described(operation),
    type: listOf(defineGroup(defining)),
    args: argumentsOf(defining),
    async resolve(_root, args, context, info) {
      const { caller, signal } = context
      const result = await run(
        {
          ...toRequest(operation, args, readingOf(model, info), info.fieldNodes),
          caller,
          signal,
          denied: 'omit',
        },
        context,
      )
      return result.type === 'value' ? result.value : null // an aggregate has no other answer
    },
  }
}

const listOf = <T extends GraphQLOutputType | GraphQLInputType>(type: T) =>
  new GraphQLList(new GraphQLNonNull(type))

function inputNamed({ schema }: Defining, name: string): GraphQLInputType {
  const type = schema.getType(name)
  if (!isInputType(type)) throw new Error(`The input type ${name} was not defined.`)
  return type
}

function outputOf({ schema }: Defining, field: Field): GraphQLOutputType {
  const name = field.enum?.name ?? toScalarName(field.kind.name)
  const type = schema.getType(name) ?? (name === 'Int' ? GraphQLInt : undefined)
  if (!isOutputType(type)) throw new Error(`The type ${name} was not defined.`)
  return field.nullable || field.kind.name === 'float' ? type : new GraphQLNonNull(type)
}

function argumentsOf(defining: Defining): Readonly<Record<string, GraphQLArgumentConfig>> {
  const {
    resource: { type, plural, page },
    aggregation: { keys },
  } = defining
  return {
    where: {
      type: inputNamed(defining, `${type}Filter`),
      description: `Which ${plural} to take; absent: all that you may see.`,
    },
    ...(keys.size === 0
      ? {}
      : {
          groupBy: {
            type: listOf(defineGroupBy(defining)),
            description: 'What to group by; absent: one group of all.',
          },
        }),
    having: { type: defineHaving(defining), description: 'Which groups to take.' },
    orderBy: {
      type: listOf(defineOrder(defining)),
      description: 'The order of the groups; the key is always the last tie-breaker.',
    },
    first: {
      type: GraphQLInt,
      description: `Groups to answer, ${page.groups} at most. Absent: all of them, and an error where there are more than that.`,
    },
    offset: { type: GraphQLInt, description: 'Groups to leave out at the beginning.' },
  }
}

/** Functions with their types; those of equal members share one, made once. */
function typesOf<T>(
  { aggregation: { functions } }: Defining,
  which: 'output' | 'order',
  make: (suffix: string, aggregates: readonly Aggregate[]) => T,
): readonly (readonly [FieldFunction, T])[] {
  const made = new Map<string, T>()
  return [...functions].map(([name, aggregates]) => {
    const suffix = typeSuffixOf[name][which]
    const type = made.get(suffix) ?? make(suffix, [...aggregates.values()])
    made.set(suffix, type)
    return [name, type]
  })
}

const fieldName = ({ path: [, name = ''] }: Aggregate): string => name

function defineGroup(defining: Defining): GraphQLObjectType {
  const {
    resource: { type, plural },
    aggregation: { keys },
  } = defining
  const valuesOf = (
    name: string,
    description: string,
    values: readonly (readonly [name: string, value: Field])[],
  ) =>
    new GraphQLObjectType<Group>({
      name,
      description,
      fields: Object.fromEntries(
        values.map(([member, value]): [string, Output] => [
          member,
          { type: outputOf(defining, value), ...described(value) },
        ]),
      ),
    })
  const member = (name: 'key' | FieldFunction, of: GraphQLObjectType): Output => ({
    type: new GraphQLNonNull(of),
    description: descriptionOf[name],
    resolve: (group) => group[name] ?? {},
  }) // none where only __typename is asked for
  const key =
    keys.size === 0
      ? null
      : valuesOf(
          `${type}GroupKey`,
          `What the ${plural} of a group have in common. A member is asked for where it is grouped by.`,
          [...keys.values()].map(({ name, value }) => [name, value]),
        )
  const functions = typesOf(defining, 'output', (suffix, aggregates) =>
    valuesOf(
      type + suffix,
      `Values of a group of ${plural}, by field.`,
      aggregates.map((one) => [fieldName(one), one.value]),
    ),
  )
  return new GraphQLObjectType<Group>({
    name: groupType(defining.resource),
    description: `A group of ${plural}.`,
    fields: {
      ...(key === null ? {} : { key: member('key', key) }),
      count: { type: new GraphQLNonNull(GraphQLInt), description: descriptionOf.count },
      ...Object.fromEntries(functions.map(([name, of]) => [name, member(name, of)])),
    },
  })
}

const defineGroupBy = ({
  resource: { type, plural },
  aggregation: { keys },
}: Defining): GraphQLEnumType =>
  new GraphQLEnumType({
    name: `${type}GroupBy`,
    description: `What ${plural} can be grouped by. The part of a date or time is the moment that it begins with, in UTC; weeks begin on Monday.`,
    values: Object.fromEntries(
      [...keys.values()].map(({ name, value, part }) => [
        name,
        part === null ? described(value) : {},
      ]),
    ),
  })

/** What a field is has been said where it is shown. */
const deprecation = ({ deprecated }: Field) =>
  deprecated === undefined ? {} : { deprecationReason: deprecated }

function defineHaving(defining: Defining): GraphQLInputObjectType {
  const {
    resource: { type, plural },
    aggregation: { count },
  } = defining
  const filters = typesOf(
    defining,
    'output',
    (suffix, aggregates) =>
      new GraphQLInputObjectType({
        name: `${type}${suffix}Having`,
        description: `What values of a group of ${plural} are compared with: every member must hold.`,
        fields: Object.fromEntries(
          aggregates.map((one) => [
            fieldName(one),
            { type: inputNamed(defining, comparisonName(one.value)), ...deprecation(one.value) },
          ]),
        ),
      }),
  )
  const self: GraphQLInputObjectType = new GraphQLInputObjectType({
    name: `${type}Having`,
    description: `Which groups of ${plural} to take: every member must hold.`,
    fields: () => ({
      count: {
        type: inputNamed(defining, comparisonName(count.value)),
        description: descriptionOf.count,
      },
      ...Object.fromEntries(
        filters.map(([name, of]) => [name, { type: of, description: descriptionOf[name] }]),
      ),
      AND: { type: listOf(self), description: 'All of these hold.' },
      OR: {
        type: listOf(self),
        description: 'One of these holds at least; an empty list matches nothing.',
      },
      NOT: { type: self, description: 'This does not hold.' },
    }),
  })
  return self
}

function defineOrder(defining: Defining): GraphQLInputObjectType {
  const {
    resource: { type, plural },
    aggregation: { keys },
  } = defining
  const direction = inputNamed(defining, 'OrderDirection')
  const one = (name: string, fields: readonly (readonly [name: string, field: Field])[]) =>
    new GraphQLInputObjectType({
      name,
      isOneOf: true,
      description: 'What to sort by: exactly one member.',
      fields: Object.fromEntries(
        fields.map(([member, field]) => [member, { type: direction, ...deprecation(field) }]),
      ),
    })
  const orders = typesOf(defining, 'order', (suffix, aggregates) =>
    one(
      type + suffix,
      aggregates.map((each) => [fieldName(each), each.value]),
    ),
  )
  return new GraphQLInputObjectType({
    name: `${type}AggregateOrder`,
    isOneOf: true,
    description: `What to sort groups of ${plural} by: exactly one member.`,
    fields: {
      ...(keys.size === 0
        ? {}
        : {
            key: {
              type: one(
                `${type}GroupKeyOrder`,
                [...keys.values()].map(({ name, value }) => [name, value]),
              ),
              description: 'A key that is grouped by.',
            },
          }),
      count: { type: direction, description: descriptionOf.count },
      ...Object.fromEntries(
        orders.map(([name, of]) => [name, { type: of, description: descriptionOf[name] }]),
      ),
    },
  })
}
