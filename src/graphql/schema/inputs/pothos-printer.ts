// Types of inputs printed with Pothos: objects by their names, each defined where it is first used.
import type { ArgBuilder, InputFieldMap, InputTypeParam } from '@pothos/core'
import { defined } from '../../../defined.ts'
import { toPascal } from '../../../schema/declare/names.ts'
import type { Member, Members, ObjectType, ValueType } from '../../../schema/values/value-types.ts'
import type { GatewayBuilder, Types } from '../builder.ts'
import { described } from '../descriptions.ts'
import type { PrintEnum } from '../enums.ts'
import { toScalarName } from '../scalars.ts'
import { isOneOf, isRequired, shownIn, shownOf } from './shown-members.ts'

type MemberBuilder = PothosSchemaTypes.InputFieldBuilder<Types, 'InputObject'>
/** Pothos makes types of lists by the builder of what has the type. */
type Lists = Pick<MemberBuilder, 'listRef'>
export type InputRef = PothosSchemaTypes.InputObjectRef<Types, unknown>

export interface InputPrinter {
  object(name: string, type: ObjectType): InputRef
  arguments(t: ArgBuilder<Types>, members: Members): InputFieldMap
}

interface Printing {
  readonly builder: GatewayBuilder
  readonly printEnum: PrintEnum
  readonly toName: (name: string) => string
  readonly objects: Map<string, InputRef>
}

/** @param toName the name of a type, where an output may have the one that it would have */
export function openInputPrinter(
  builder: GatewayBuilder,
  printEnum: PrintEnum,
  toName: (name: string) => string = (name) => name,
): InputPrinter {
  const printing: Printing = { builder, printEnum, toName, objects: new Map() }
  return {
    object: (name, type) => printObject(printing, name, type),
    arguments: (t, members) =>
      Object.fromEntries(
        shownOf(members).map(([key, member]) => [
          key,
          t(optionsOf(printing, t, { owner: '', key, member })),
        ]),
      ),
  }
}

function printObject(printing: Printing, name: string, type: ObjectType): InputRef {
  const known = printing.objects.get(name)
  if (known !== undefined) return known
  const ref = printing.builder.inputRef<object>(name)
  printing.objects.set(name, ref) // before its members, which may lead here again
  return ref.implement({
    ...defined({ description: type.description }),
    ...(isOneOf(type.rule) ? { isOneOf: true } : {}),
    fields: (t) =>
      Object.fromEntries(
        shownIn(type).map(([key, member]) => [
          key,
          t.field(optionsOf(printing, t, { owner: name, key, member })),
        ]),
      ),
  })
}

interface Place {
  readonly owner: string
  readonly key: string
  readonly member: Member
}

function optionsOf(printing: Printing, lists: Lists, { owner, key, member }: Place) {
  const required = isRequired(member)
  const { description, deprecated } = member
  return {
    type: printType(printing, lists, nameIn(owner, key, member.value), member.value),
    required,
    ...described({ description, deprecated: required ? undefined : deprecated }),
  }
}

/** The name of a member's type: its own, or that of its place. */
export function nameIn(owner: string, key: string, value: ValueType): string {
  if (value.type === 'list') return nameIn(owner, key, value.of.value)
  return 'name' in value && value.name !== undefined ? value.name : `${owner}${toPascal(key)}`
}

function printType(
  printing: Printing,
  lists: Lists,
  name: string,
  value: ValueType,
): InputTypeParam<Types> {
  switch (value.type) {
    case 'scalar':
      return toScalarName(value.kind)
    case 'enum':
      return printing.printEnum(name, value)
    case 'object':
      return printObject(printing, printing.toName(name), value)
    case 'list':
      return lists.listRef(printType(printing, lists, name, value.of.value), {
        required: !value.of.nullable,
      })
  }
}
