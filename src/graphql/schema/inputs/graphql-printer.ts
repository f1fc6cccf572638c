// Types of inputs printed with graphql-js, for aggregates: see aggregates.ts.
import {
  GraphQLEnumType,
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLList,
  GraphQLNonNull,
  type GraphQLScalarType,
  type GraphQLSchema,
  isInputType,
  isScalarType,
  specifiedScalarTypes,
} from 'graphql'
import type { KindName } from '../../../schema/values/kinds.ts'
import { defined } from '../../../defined.ts'
import type {
  LabelType,
  Member,
  Members,
  ObjectType,
  ValueType,
} from '../../../schema/values/value-types.ts'
import { described } from '../descriptions.ts'
import { isOneOf, isRequired, shownIn, shownOf } from './shown-members.ts'
import { toScalarName } from '../scalars.ts'

export interface InputConfig {
  readonly type: GraphQLInputType
  readonly description?: string
  readonly deprecationReason?: string
}

export type PrintMembers = (members: Members) => Readonly<Record<string, InputConfig>>

/** @returns what prints members, of arguments too. Types that the schema has are taken from it. */
export function openMemberPrinter(schema: GraphQLSchema): PrintMembers {
  const made = new Map<string, GraphQLInputType>()
  const named = (name = '', make: () => GraphQLInputType): GraphQLInputType => {
    const known = schema.getType(name)
    const type = isInputType(known) ? known : (made.get(name) ?? make())
    made.set(name, type)
    return type
  }
  const print = (type: ValueType): GraphQLInputType => {
    switch (type.type) {
      case 'scalar':
        return scalarOf(schema, type.kind)
      case 'enum':
        return named(type.name, () => toEnum(type))
      case 'list':
        return new GraphQLList(printOf(type.of))
      case 'object':
        return named(type.name, () => toObject(type, () => printAll(shownIn(type))))
    }
  }
  const printOf = (member: Member): GraphQLInputType => {
    const type = print(member.value)
    return isRequired(member) ? new GraphQLNonNull(type) : type
  }
  const printAll = (members: readonly (readonly [string, Member])[]) =>
    Object.fromEntries(
      members.map(([name, member]) => [name, { type: printOf(member), ...described(member) }]),
    )
  return (members) => printAll(shownOf(members))
}

/** A scalar of ours, or one that every schema of GraphQL has. */
export function scalarOf(schema: GraphQLSchema, kind: KindName): GraphQLScalarType {
  const name = toScalarName(kind)
  const type = schema.getType(name) ?? specifiedScalarTypes.find((one) => one.name === name)
  if (!isScalarType(type)) throw new Error(`The scalar ${name} was not defined.`)
  return type
}

const toEnum = ({ name = '', description, labels, about }: LabelType): GraphQLEnumType =>
  new GraphQLEnumType({
    name,
    ...defined({ description }),
    values: Object.fromEntries(labels.map((label) => [label, described(about?.get(label) ?? {})])),
  })

const toObject = (
  { name = '', description, rule }: ObjectType,
  fields: () => Readonly<Record<string, InputConfig>>,
): GraphQLInputObjectType =>
  new GraphQLInputObjectType({ name, ...defined({ description }), isOneOf: isOneOf(rule), fields })
