// Types of the team's own operations: their Zod inputs and outputs as GraphQL types.
import type { EnumRef, InputTypeParam, TypeParam } from '@pothos/core'
import type { CustomOperation } from '../../schema/model/model.ts'
import { toGraphqlLabel, toPascal } from '../../schema/declare/names.ts'
import { describeZod, type Member, type ValueType } from '../../schema/values/zod-types.ts'
import type { GatewayBuilder } from './builder.ts'
import type { Types } from './inputs.ts'
import { toScalarName } from './scalars.ts'

type ObjectType = Extract<ValueType, { readonly type: 'object' }>
type MemberBuilder = PothosSchemaTypes.InputFieldBuilder<Types, 'InputObject'>
type FieldBuilder = PothosSchemaTypes.ObjectFieldBuilder<Types, Value>
type Value = Readonly<Record<string, unknown>>
type InputRef = PothosSchemaTypes.InputObjectRef<Types, unknown>
type OutputRef = PothosSchemaTypes.ObjectRef<Types, Value>
/** A type once there is a builder to make its lists with. */
type InputType = (t: MemberBuilder) => InputTypeParam<Types>
type OutputType = (t: FieldBuilder) => TypeParam<Types>

export interface ValueTypes {
  /** `PlaceOrderInput`. */
  inputOf(operation: CustomOperation): InputRef | null
  /** `SalesSummaryResult`, or the name that the schema's `.meta({ id })` gives. */
  outputOf(operation: CustomOperation): OutputRef | null
}

interface Defining {
  readonly builder: GatewayBuilder
  readonly enums: Map<string, EnumRef<Types, string>>
  readonly inputs: Map<string, InputRef>
  readonly outputs: Map<string, OutputRef>
}

export function openValueTypes(builder: GatewayBuilder): ValueTypes {
  const defining: Defining = { builder, enums: new Map(), inputs: new Map(), outputs: new Map() }
  return {
    inputOf(operation) {
      const type = operation.input === null ? null : describeZod(operation.input).value
      return type?.type === 'object'
        ? inputObject(defining, `${toPascal(operation.name)}Input`, type)
        : null
    },
    outputOf({ name, output }) {
      const type = output.type === 'value' ? describeZod(output.schema).value : null
      return type?.type === 'object'
        ? outputObject(defining, type.name ?? `${toPascal(name)}Result`, type)
        : null
    },
  }
}

/** The name of a member's type: the schema's own, or that of its place. */
function nameIn(owner: string, key: string, value: ValueType): string {
  if (value.type === 'list') return nameIn(owner, key, value.of.value)
  return 'name' in value && value.name !== undefined ? value.name : `${owner}${toPascal(key)}`
}

function inputObject(defining: Defining, name: string, type: ObjectType): InputRef {
  const known = defining.inputs.get(name)
  if (known !== undefined) return known
  const members = [...type.members].map(([key, member]) => ({
    key,
    member,
    type: inputType(defining, nameIn(name, key, member.value), member.value),
  }))
  const ref: InputRef = defining.builder.inputType(name, {
    ...described(type),
    fields: (t) =>
      Object.fromEntries(
        members.map(({ key, member, type: typeOf }) => {
          const required = !member.nullable && !member.optional
          return [
            key,
            t.field({
              type: typeOf(t),
              required,
              ...described(member),
              ...(required ? {} : deprecation(member)),
            }),
          ]
        }),
      ),
  })
  defining.inputs.set(name, ref)
  return ref
}

function inputType(defining: Defining, name: string, value: ValueType): InputType {
  switch (value.type) {
    case 'scalar':
      return () => toScalarName(value.kind)
    case 'enum':
      return always(enumType(defining, name, value.labels))
    case 'object':
      return always(
        inputObject(defining, defining.outputs.has(name) ? `${name}Input` : name, value),
      )
    case 'list': {
      const element = inputType(defining, name, value.of.value)
      return (t) => t.listRef(element(t), { required: !value.of.nullable })
    }
  }
}

function outputObject(defining: Defining, name: string, type: ObjectType): OutputRef {
  const known = defining.outputs.get(name)
  if (known !== undefined) return known
  const members = [...type.members].map(([key, member]) => ({
    key,
    member,
    type: outputType(defining, nameIn(name, key, member.value), member.value),
  }))
  const ref = defining.builder.objectRef<Value>(name)
  defining.outputs.set(name, ref)
  return ref.implement({
    ...described(type),
    fields: (t) =>
      Object.fromEntries(
        members.map(({ key, member, type: typeOf }) => [
          key,
          t.field({
            type: typeOf(t),
            nullable: member.nullable || member.optional,
            ...described(member),
            ...deprecation(member),
            resolve: (value) => value[key] as never, // checked by the operation's schema before it came here
          }),
        ]),
      ),
  })
}

function outputType(defining: Defining, name: string, value: ValueType): OutputType {
  switch (value.type) {
    case 'scalar':
      return () => toScalarName(value.kind)
    case 'enum':
      return always(enumType(defining, name, value.labels))
    case 'object':
      return always(outputObject(defining, name, value))
    case 'list': {
      const element = outputType(defining, name, value.of.value)
      return (t) => t.listRef(element(t), { nullable: value.of.nullable })
    }
  }
}

const always =
  <T>(type: T) =>
  (): T =>
    type

function enumType(
  { builder, enums }: Defining,
  name: string,
  labels: readonly string[],
): EnumRef<Types, string> {
  const known = enums.get(name)
  if (known !== undefined) return known
  const ref = builder.enumType(name, {
    values: Object.fromEntries(labels.map((label) => [toGraphqlLabel(label), { value: label }])),
  })
  enums.set(name, ref)
  return ref
}

const described = ({ description }: { readonly description?: string }) =>
  description === undefined ? {} : { description }
const deprecation = ({ deprecated }: Member) =>
  deprecated === true ? { deprecationReason: 'Deprecated.' } : {}
