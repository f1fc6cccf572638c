// Types of the team's own operations: their Zod inputs and outputs as GraphQL types.
import type { TypeParam } from '@pothos/core'
import type { CustomOperation } from '../../schema/model/model.ts'
import { toPascal } from '../../schema/declare/names.ts'
import { describeZod } from '../../schema/values/zod-types.ts'
import type { ObjectType, ValueType } from '../../schema/values/value-types.ts'
import type { GatewayBuilder, Types } from './builder.ts'
import { described } from './descriptions.ts'
import { openEnumPrinter, type PrintEnum } from './enums.ts'
import { type InputRef, nameIn, openInputPrinter } from './inputs/pothos-printer.ts'
import { toScalarName } from './scalars.ts'

type FieldBuilder = PothosSchemaTypes.ObjectFieldBuilder<Types, Value>
type Value = Readonly<Record<string, unknown>>
type OutputRef = PothosSchemaTypes.ObjectRef<Types, Value>
/** A type once there is a builder to make its lists with. */
type OutputType = (t: FieldBuilder) => TypeParam<Types>

export interface ValueTypes {
  /** `PlaceOrderInput`. */
  inputOf(operation: CustomOperation): InputRef | null
  /** `SalesSummaryResult`, or the name that the schema's `.meta({ id })` gives. */
  outputOf(operation: CustomOperation): OutputRef | null
}

interface Defining {
  readonly builder: GatewayBuilder
  readonly printEnum: PrintEnum
  readonly outputs: Map<string, OutputRef>
}

export function openValueTypes(builder: GatewayBuilder): ValueTypes {
  const printEnum = openEnumPrinter(builder, new Map())
  const outputs = new Map<string, OutputRef>()
  const defining: Defining = { builder, printEnum, outputs }
  const inputs = openInputPrinter(builder, printEnum, (name) =>
    outputs.has(name) ? `${name}Input` : name,
  )
  return {
    inputOf(operation) {
      const type = operation.input === null ? null : describeZod(operation.input).value
      return type?.type === 'object'
        ? inputs.object(`${toPascal(operation.name)}Input`, type)
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
      return always(defining.printEnum(name, value))
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
