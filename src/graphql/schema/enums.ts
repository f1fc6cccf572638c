// Enum types: those of columns, and those that an input or an output brings along.
import type { EnumRef } from '@pothos/core'
import { defined } from '../../defined.ts'
import { toGraphqlLabel } from '../../schema/declare/names.ts'
import type { Model } from '../../schema/model/model.ts'
import type { LabelType } from '../../schema/values/value-types.ts'
import type { GatewayBuilder, Types } from './builder.ts'

export type Enums = ReadonlyMap<string, EnumRef<Types, string>>

/** The enums of all columns, by name. */
export function defineEnums(builder: GatewayBuilder, model: Model): Enums {
  const enums = new Map<string, EnumRef<Types, string>>()
  for (const { fields } of model.resources.values()) {
    for (const { enum: type } of fields.values()) {
      if (type === null || enums.has(type.name)) continue
      const values = type.values.map(({ label, graphql }) => [graphql, { value: label }] as const)
      enums.set(type.name, builder.enumType(type.name, { values: Object.fromEntries(values) }))
    }
  }
  return enums
}

export type PrintEnum = (name: string, type: LabelType) => EnumRef<Types, string>

/** Defines an enum where it is first used, unless it is among the known ones. */
export function openEnumPrinter(builder: GatewayBuilder, known: Enums): PrintEnum {
  const enums = new Map(known)
  return (name, { description, labels }) => {
    const values = labels.map((label) => [toGraphqlLabel(label), { value: label }] as const)
    const ref =
      enums.get(name) ??
      builder.enumType(name, { ...defined({ description }), values: Object.fromEntries(values) })
    enums.set(name, ref)
    return ref
  }
}
