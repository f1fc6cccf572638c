// Random requests for any operation of a model, by any kind of caller: mostly right ones, some with a fault put in.
import * as fc from 'fast-check'
import { type Authorization, startAuthorization } from '../../engine/authorize/authorization.ts'
import { evaluatePolicy } from '../../engine/authorize/evaluate-policy.ts'
import type { Operation, StandardOperation } from '../../schema/model/model.ts'
import { buildInputSchemas } from '../../schema/inputs/input-schemas.ts'
import { verbsOf } from '../../schema/model/verbs.ts'
import { toCaller } from './callers.ts'
import { aggregateOf } from './generate-aggregate.ts'
import { customInputOf, inputOf, keyOf } from './generate-input.ts'
import { manyRequestOf } from './generate-many.ts'
import { listOf, type Source } from './generate-list.ts'
import { selectionOf } from './generate-selection.ts'
import type { ParityCaller, ParityRequest, ParityTogether, Style } from '../request.ts'
import { faultsOf, spoil } from './invalidate.ts'
import { versionOf } from './versions.ts'

/** Of the usual way there is most to see: what is cached is used again. */
const seldom = fc.integer({ min: 0, max: 7 }).map((n) => n === 7)
const style: fc.Arbitrary<Style> = fc.record({
  edges: fc.boolean(),
  literals: seldom,
  fragments: seldom,
  plus: fc.boolean(),
  short: fc.boolean(),
  posted: seldom,
  related: fc.boolean(),
  minimal: seldom,
  keyed: seldom,
})

const weights = {
  list: 5,
  aggregate: 3,
  get: 2,
  create: 2,
  update: 2,
  delete: 1,
  createMany: 1,
  upsert: 2,
  updateMany: 1,
  deleteMany: 1,
} as const

/** Requests of every operation that both faces have, and of several writes together. */
export function requestsOf(
  source: Source,
  operations: readonly Operation[],
  callers: readonly ParityCaller[],
): fc.Arbitrary<ParityRequest | ParityTogether> {
  const single = weighted(operations, (operation) =>
    callerOf(source, operation, callers).chain((caller) => requestOf(source, operation, caller)),
  )
  const writes = operations.filter(({ kind }) => kind === 'mutation')
  return writes.length === 0
    ? single
    : fc.oneof(
        { weight: 9, arbitrary: single },
        { weight: 1, arbitrary: togetherOf(source, writes, callers) },
      )
}

const weighted = <T>(
  operations: readonly Operation[],
  arbitraryOf: (operation: Operation) => fc.Arbitrary<T>,
): fc.Arbitrary<T> =>
  fc.oneof(
    ...operations.map((operation) => ({
      weight: operation.standard === null ? 2 : weights[operation.standard],
      arbitrary: arbitraryOf(operation),
    })),
  )

/** Mostly such as succeed by themselves: one that fails undoes all. Their answers are plain: what can be seen of rows, single requests show. */
function togetherOf(
  source: Source,
  writes: readonly Operation[],
  callers: readonly ParityCaller[],
): fc.Arbitrary<ParityTogether> {
  const { model } = source
  return weighted(writes, (operation) => callerOf(source, operation, callers)).chain((caller) => {
    const asking = startAuthorization(
      model,
      buildInputSchemas(model, 'inner'),
      toCaller(model, caller),
    )
    const hopeful = writes.filter((operation) => isHopeful(asking, operation))
    const one = weighted(hopeful.length === 0 ? writes : hopeful, (operation) =>
      fc
        .oneof(
          { weight: 8, arbitrary: soundRequestOf(source, operation, caller) },
          { weight: 1, arbitrary: requestOf(source, operation, caller) },
        )
        .map((request): ParityRequest =>
          isMinimal(operation, request) || request.selection === null
            ? asMinimal(operation, request)
            : { ...request, selection: { fields: 'default', relations: [] } },
        ),
    )
    return fc.record({
      caller: fc.constant(caller),
      requests: fc.array(one, { minLength: 1, maxLength: 4 }),
      keyed: seldom,
    })
  })
}

/** More often those whom the policy does not tell no whatever the row: of the others there is little to see. */
function callerOf(
  { model }: Source,
  operation: Operation,
  callers: readonly ParityCaller[],
): fc.Arbitrary<ParityCaller> {
  const inner = buildInputSchemas(model, 'inner')
  const hopeful = callers.filter((caller) =>
    isHopeful(startAuthorization(model, inner, toCaller(model, caller)), operation),
  )
  const any = fc.constantFrom(...callers)
  return hopeful.length === 0
    ? any
    : fc.oneof({ weight: 2, arbitrary: any }, { weight: 3, arbitrary: fc.constantFrom(...hopeful) })
}

function isHopeful(asking: Authorization, operation: Operation): boolean {
  if (operation.standard === null)
    return evaluatePolicy(asking, operation.access, { place: operation.name }) !== false
  const { resource, standard } = operation
  return verbsOf[standard].every(
    (verb) => evaluatePolicy(asking, resource.access[verb], resource) !== false,
  )
}

function requestOf(
  source: Source,
  operation: Operation,
  caller: ParityCaller,
): fc.Arbitrary<ParityRequest> {
  const faults = faultsOf(operation)
  const fault =
    faults.length === 0
      ? fc.constant(null)
      : fc.oneof(
          { weight: 5, arbitrary: fc.constant(null) },
          {
            weight: 2,
            arbitrary: fc.record({
              fault: fc.constantFrom(...faults),
              at: fc.nat(40),
              which: fc.nat(40),
            }),
          },
        )
  return fc
    .tuple(soundRequestOf(source, operation, caller), fault)
    .map(([request, spoiling]) =>
      spoiling === null ? request : spoil(source.model, operation, request, spoiling),
    )
    .map((request) => asMinimal(operation, request))
}

/** REST then has nothing to choose; GraphQL asks for as little as it can. */
const asMinimal = (operation: Operation, request: ParityRequest): ParityRequest =>
  isMinimal(operation, request)
    ? {
        ...request,
        selection: {
          fields: operation.resource.primaryKey.fields.map(({ name }) => name),
          relations: [],
        },
      }
    : request

const isMinimal = (
  operation: Operation,
  { style: { minimal } }: ParityRequest,
): operation is StandardOperation =>
  minimal && operation.kind === 'mutation' && operation.standard !== null

function soundRequestOf(
  source: Source,
  operation: Operation,
  caller: ParityCaller,
): fc.Arbitrary<ParityRequest> {
  const base = { operation: fc.constant(operation.name), caller: fc.constant(caller), style }
  if (operation.standard === null) {
    const selection =
      operation.output.type === 'value'
        ? fc.constant(null)
        : selectionOf(source, operation.output.resource, 2)
    return fc.record({ ...base, input: customInputOf(source, operation), selection })
  }
  const { resource, standard } = operation
  if (standard === 'aggregate')
    return fc.record({
      ...base,
      aggregate: aggregateOf(source, resource),
      selection: fc.constant(null),
    })
  const selection = selectionOf(source, resource, standard === 'list' || standard === 'get' ? 3 : 1)
  if (standard === 'list')
    return fc.record({ ...base, list: listOf(source, resource, 2), selection })
  const many = manyRequestOf(source, operation, caller)
  if (many !== null)
    return fc
      .tuple(fc.record({ ...base, selection }), many)
      .map(([request, more]) => ({ ...request, ...more }))
  return keyedRequestOf(source, operation, caller, fc.record({ ...base, selection }))
}

/** One row: by its key, or a new one. */
function keyedRequestOf(
  source: Source,
  operation: StandardOperation,
  caller: ParityCaller,
  plain: fc.Arbitrary<ParityRequest>,
): fc.Arbitrary<ParityRequest> {
  const { resource, by, standard } = operation
  const written =
    standard === 'create' || standard === 'update'
      ? fc
          .tuple(plain, inputOf(source, resource, standard, caller))
          .map(([request, input]): ParityRequest => ({ ...request, input }))
      : plain
  const keyed =
    by === null
      ? written
      : fc
          .tuple(written, keyOf(source, resource, by, caller), versionOf(operation))
          .map(([request, key, version]) => ({ ...request, key, ...version }))
  return standard === 'get' && by === resource.primaryKey ? keyed.map(related) : keyed
}

/** Nothing but one relation of a row: what has a path of its own on REST. */
function related(request: ParityRequest): ParityRequest {
  const [first] = request.selection?.relations ?? []
  return first === undefined || !request.style.related
    ? request
    : { ...request, selection: { fields: [], relations: [first] } }
}
