// Query and Mutation: every operation of the model that this face serves, as a field that runs the engine.
import type { InputFieldMap, TypeParam } from '@pothos/core'
import type { FieldNode, GraphQLResolveInfo } from 'graphql'
import { defined } from '../../defined.ts'
import type { EngineRequest, OperationInput } from '../../engine/request.ts'
import type { EngineResult } from '../../engine/result.ts'
import type { Model, Operation, StandardOperation, UniqueKey } from '../../schema/model/model.ts'
import { toAggregateSelection } from '../request/aggregate-selection.ts'
import type { GatewayBuilder, GraphqlContext, Types } from './builder.ts'
import { described } from './descriptions.ts'
import { withErrors } from './error-notes.ts'
import { own } from './hand-written.ts'
import type { Inputs } from './inputs/inputs.ts'
import { answersRows, definePayloads, payloadSelection } from './bulk.ts'
import { decodeNodeId } from '../request/node-id.ts'
import type { Outputs } from './outputs.ts'
import {
  coercedArguments,
  type Reading,
  toConnectionSelection,
  toSelection,
} from '../request/selection.ts'
import { toRowLevel, toSource } from './row-source.ts'
import type { ValueTypes } from './value-types.ts'

/** Runs one operation: the engine's `execute`, on the request's own engine where it has one. */
export type Run = (request: EngineRequest, context: GraphqlContext) => Promise<EngineResult>

interface Defining {
  readonly builder: GatewayBuilder
  readonly model: Model
  readonly inputs: Inputs
  readonly outputs: Outputs
  readonly values: ValueTypes
  /** What upserts answer, by resource key. */
  readonly payloads: ReadonlyMap<string, TypeParam<Types>>
  readonly run: Run
  /** The whole model, where hand-written fields may be among its operations. */
  readonly whole?: Model | undefined
}

export function defineOperations(parts: Omit<Defining, 'payloads'>): void {
  const { builder, model, outputs, whole } = parts
  const operations = servedOperations(model).filter(({ standard }) => standard !== 'aggregate') // see aggregates.ts
  const defining = {
    ...parts,
    payloads: definePayloads(
      builder,
      outputs,
      operations.filter((operation) => operation.standard !== null),
    ),
  }
  const of = (kind: Operation['kind']) => operations.filter((operation) => operation.kind === kind)
  builder.queryType({
    fields: (t) => ({
      ...Object.fromEntries(
        of('query').map((operation) => [operation.name, operationField(defining, t, operation)]),
      ),
      node: nodeField(defining, t),
    }),
  })
  if (![...operations, ...(whole?.operations ?? [])].some(({ kind }) => kind === 'mutation')) return
  builder.mutationType({
    fields: (t) =>
      Object.fromEntries(
        of('mutation').map((operation) => [
          operation.name,
          operationField(defining, t as unknown as RootFields, operation),
        ]),
      ), // the same builder under another kind
  })
}

type RootFields = PothosSchemaTypes.QueryFieldBuilder<Types, object>

export const servedOperations = (model: Model): readonly Operation[] =>
  model.operations.filter(
    (operation) => operation.standard !== null || operation.only?.face !== 'rest',
  )

/** The field of an operation. All are nullable: what one is refused must not take its neighbours along. */
function operationField(defining: Defining, t: RootFields, operation: Operation) {
  const { model, run } = defining
  return t.field({
    type: outputOf(defining, t, operation),
    nullable: true,
    ...described(withErrors(operation)),
    extensions: own,
    args: argumentsOf(defining, t, operation),
    resolve: async (_root, args, context, info) => {
      if (context.together?.failed === true) return null as never // undone with the others
      const done = context.done?.get(String(info.path.key))
      const request = toRequest(operation, args, readingOf(model, info), info.fieldNodes)
      try {
        return toAnswer(
          await (done ?? run({ ...request, ...inContext(context) }, context)),
          context,
        ) as never // of the type that outputOf gives
      } catch (error) {
        if (context.together !== undefined) context.together.failed = true
        throw error
      }
    },
  })
}

function outputOf(defining: Defining, t: RootFields, operation: Operation): TypeParam<Types> {
  const type = typeOfOutput(defining, operation)
  if (type === undefined || type === null)
    throw new Error(`The output of ${operation.name} was not defined.`)
  if (operation.standard !== null)
    return answersRows(operation) ? t.listRef(type as never, { nullable: true }) : type // a row's
  return operation.output.type === 'rows' ? t.listRef(type as never) : type // as above
}

/** The type of the answer, or of one of its rows. */
function typeOfOutput({ outputs, values, payloads }: Defining, operation: Operation) {
  if (operation.standard === null)
    return operation.output.type === 'value'
      ? values.outputOf(operation)
      : outputs.rows.get(operation.output.resource.key)
  const { standard, resource } = operation
  if (standard === 'list') return outputs.connections.get(resource.key)
  return (standard === 'upsert' ? payloads : outputs.rows).get(resource.key)
}

function argumentsOf(
  { inputs, values }: Defining,
  t: RootFields,
  operation: Operation,
): InputFieldMap {
  if (operation.standard !== null) return inputs.ofOperation(t.arg, operation)
  const type = values.inputOf(operation)
  return type === null ? {} : { input: t.arg({ type, required: true }) }
}

export function readingOf(model: Model, info: GraphQLResolveInfo): Reading {
  const { schema, fragments, variableValues } = info
  return { model, schema, fragments, variables: variableValues, argumentsOf: coercedArguments }
}

type Arguments = Readonly<Record<string, unknown>>
type Asked = Pick<EngineRequest, 'operation' | 'input' | 'selection' | 'rows' | 'total'>

/** What a field asks of the engine, from its arguments and what stands under its nodes. */
export function toRequest(
  operation: Operation,
  args: Arguments,
  reading: Reading,
  nodes: readonly FieldNode[],
): Asked {
  if (operation.standard !== null) return toStandardRequest(operation, args, reading, nodes)
  const { output } = operation
  return {
    operation,
    input: { input: args['input'] },
    selection: output.type === 'value' ? null : toSelection(reading, output.resource, nodes),
  }
}

function toStandardRequest(
  operation: StandardOperation,
  args: Arguments,
  reading: Reading,
  nodes: readonly FieldNode[],
): Asked {
  const { standard, resource } = operation
  const input = toStandardInput(operation, args)
  switch (standard) {
    case 'list':
      return { operation, input, ...toConnectionSelection(reading, resource, nodes) }
    case 'aggregate':
      return { operation, input, selection: toAggregateSelection(reading, resource, nodes) }
    case 'upsert':
      return { operation, input, selection: payloadSelection(reading, resource, nodes) }
    default:
      return { operation, input, selection: toSelection(reading, resource, nodes) }
  }
}

export function toStandardInput(operation: StandardOperation, args: Arguments): OperationInput {
  const { standard, by } = operation
  const input = { input: args['input'] }
  switch (standard) {
    case 'list':
      return { list: args }
    case 'aggregate':
      return { aggregate: args }
    case 'create':
    case 'upsert':
      return input
    case 'createMany':
      return { input: args['inputs'] }
    case 'updateMany':
      return { ...input, list: { where: args['where'] }, atMost: args['atMost'] }
    case 'deleteMany':
      return { list: { where: args['where'] }, atMost: args['atMost'] }
    default:
      return { ...input, version: args['ifVersion'], key: keyOf(by, args) }
  }
}

const keyOf = (by: UniqueKey | null, args: Arguments) =>
  Object.fromEntries((by?.fields ?? []).map(({ name }) => [name, args[name]]))

/** What a root field's request to the engine has of the whole. */
export const inContext = ({ caller, signal, requestId, bill, isCharged }: GraphqlContext) => ({
  caller,
  signal,
  requestId,
  face: 'graphql' as const,
  bill,
  denied: 'omit' as const,
  ...defined({ isCharged }),
})

/** The engine's answer as the resolvers below walk it. */
function toAnswer(result: EngineResult, { caller }: GraphqlContext): unknown {
  if (result.type === 'value') return result.value
  const level = toRowLevel(result.layout, caller)
  switch (result.type) {
    case 'page':
      return { page: result.page, level }
    case 'rows':
      return result.rows?.map((row) => (row === null ? null : toSource(level, row))) ?? null
    case 'row': {
      const row = result.row === null ? null : toSource(level, result.row)
      return result.created === undefined ? row : { created: result.created, row }
    }
  }
}

/** What finds a row by its global id, for each type that has one. */
export function nodeOperations(model: Model): ReadonlyMap<string, StandardOperation> {
  const byType = new Map<string, StandardOperation>()
  for (const operation of model.operations) {
    if (
      operation.standard !== 'get' ||
      operation.by !== operation.resource.primaryKey ||
      operation.resource.nodeId !== 'nodeId'
    )
      continue
    byType.set(operation.resource.type, operation)
  }
  return byType
}

function nodeField({ model, outputs, run }: Defining, t: RootFields) {
  const byType = nodeOperations(model)
  const resources = new Map([...byType].map(([type, { resource }]) => [type, resource]))
  return t.field({
    type: outputs.node,
    nullable: true,
    description: 'Any row by its global id; nothing when it is absent or hidden from you.',
    extensions: own,
    args: { nodeId: t.arg.id({ required: true }) },
    resolve: async (_root, { nodeId }, context, info) => {
      const { resource, key } = decodeNodeId(nodeId, resources, context.isKnownType)
      const operation = byType.get(resource.type)
      if (operation === undefined) throw new Error(`${resource.type} has no get.`)
      const selection = toSelection(readingOf(model, info), resource, info.fieldNodes)
      return toAnswer(
        await run({ operation, input: { key }, selection, ...inContext(context) }, context),
        context,
      ) as never // a RowSource or null
    },
  })
}
