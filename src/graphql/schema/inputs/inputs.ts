// The arguments of fields, printed from their descriptions with every type that they lead to.
import type { ArgBuilder, InputFieldMap } from '@pothos/core'
import type { InputTypes } from '../../../schema/inputs/input-types.ts'
import type { Resource, StandardOperation } from '../../../schema/model/model.ts'
import { operationArguments, listArguments } from './arguments.ts'
import type { GatewayBuilder, Types } from '../builder.ts'
import { type Enums, openEnumPrinter } from '../enums.ts'
import { openInputPrinter } from './pothos-printer.ts'

type Arguments = ArgBuilder<Types>

export interface Inputs {
  ofOperation(t: Arguments, operation: StandardOperation): InputFieldMap
  /** Those of a relation's list, too. */
  ofList(t: Arguments, resource: Resource): InputFieldMap
}

export function openInputs(builder: GatewayBuilder, types: InputTypes, enums: Enums): Inputs {
  const printer = openInputPrinter(builder, openEnumPrinter(builder, enums))
  return {
    ofOperation: (t, operation) => printer.arguments(t, operationArguments(types, operation)),
    ofList: (t, resource) => printer.arguments(t, listArguments(types, resource)),
  }
}
