// One random request of an operation by a caller: mostly valid, sometimes with a fault.
import * as fc from 'fast-check'
import type { CustomOperation, Operation, StandardOperation } from '../../schema/model/model.ts'
import type { ParityCaller, ParityRequest, Style } from '../request.ts'
import { among, seldom, weighted } from './arbitraries.ts'
import { type InjectedFault, faultsOf, injectFault } from './faults/inject-fault.ts'
import { randomAggregate } from './lists/aggregates.ts'
import { randomList } from './lists/lists.ts'
import { randomSelection } from './selections.ts'
import type { SampledModel } from './values.ts'
import { randomBulkArguments } from './writes/bulk-writes.ts'
import { randomCustomInput } from './writes/custom-inputs.ts'
import { randomInput } from './writes/inputs.ts'
import { randomKey } from './writes/keys.ts'
import { randomVersion } from './writes/versions.ts'

/** Most requests have a plain style, so that what the gateway caches is used again. */
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

/** A request that is valid five times in seven. */
export function randomRequest(
  source: SampledModel,
  operation: Operation,
  caller: ParityCaller,
): fc.Arbitrary<ParityRequest> {
  const name = among(faultsOf(operation))
  const injected = name && fc.record({ name, at: fc.nat(40), which: fc.nat(40) })
  return fc
    .tuple(
      randomValidRequest(source, operation, caller),
      weighted<InjectedFault | null>([5, fc.constant(null)], [2, injected]),
    )
    .map(([request, fault]) => injectFault(source.model, operation, request, fault))
    .map((request) => asMinimal(operation, request))
}

/** A write of which REST is asked for no answer. */
export const isMinimal = (
  operation: Operation,
  { style: { minimal } }: ParityRequest,
): operation is StandardOperation =>
  minimal && operation.kind === 'mutation' && operation.standard !== null

/** Where REST answers nothing, GraphQL is asked for the key alone. */
export function asMinimal(operation: Operation, request: ParityRequest): ParityRequest {
  if (!isMinimal(operation, request)) return request
  const fields = operation.resource.primaryKey.fields.map(({ name }) => name)
  return { ...request, selection: { fields, relations: [] } }
}

/** A request without a fault of its own; the database or a policy may still refuse it. */
export const randomValidRequest = (
  source: SampledModel,
  operation: Operation,
  caller: ParityCaller,
): fc.Arbitrary<ParityRequest> =>
  operation.standard === null
    ? customRequestOf(source, operation, caller)
    : standardRequestOf(source, operation, caller)

const baseOf = (operation: Operation, caller: ParityCaller) => ({
  operation: fc.constant(operation.name),
  caller: fc.constant(caller),
  style,
})

const customRequestOf = (
  source: SampledModel,
  operation: CustomOperation,
  caller: ParityCaller,
): fc.Arbitrary<ParityRequest> =>
  fc.record({
    ...baseOf(operation, caller),
    input: randomCustomInput(source, operation),
    selection:
      operation.output.type === 'value'
        ? fc.constant(null)
        : randomSelection(source, operation.output.resource, 2),
  })

function standardRequestOf(
  source: SampledModel,
  operation: StandardOperation,
  caller: ParityCaller,
): fc.Arbitrary<ParityRequest> {
  const { resource, standard } = operation
  const base = baseOf(operation, caller)
  if (standard === 'aggregate')
    return fc.record({
      ...base,
      aggregate: randomAggregate(source, resource),
      selection: fc.constant(null),
    })
  const selection = randomSelection(source, resource, operation.kind === 'query' ? 3 : 1)
  if (standard === 'list')
    return fc.record({ ...base, list: randomList(source, resource, 2), selection })
  const plain = fc.record({ ...base, selection })
  const bulk = randomBulkArguments(source, operation, caller)
  if (bulk === null) return rowRequestOf(source, operation, caller, plain)
  return fc.tuple(plain, bulk).map(([request, more]) => ({ ...request, ...more }))
}

/** A request for one row: an existing one by its key, or a new one. */
function rowRequestOf(
  source: SampledModel,
  operation: StandardOperation,
  caller: ParityCaller,
  plain: fc.Arbitrary<ParityRequest>,
): fc.Arbitrary<ParityRequest> {
  const { resource, by, standard } = operation
  const written =
    standard === 'create' || standard === 'update'
      ? fc
          .tuple(plain, randomInput(source, resource, standard, caller))
          .map(([request, input]): ParityRequest => ({ ...request, input }))
      : plain
  if (by === null) return written
  const keyed = fc
    .tuple(written, randomKey(source, resource, by, caller), randomVersion(operation))
    .map(([request, key, version]): ParityRequest => ({ ...request, key, ...version }))
  return standard === 'get' && by === resource.primaryKey ? keyed.map(withOneRelation) : keyed
}

/** Nothing but one relation of the row, which has a path of its own on REST. */
function withOneRelation(request: ParityRequest): ParityRequest {
  const [first] = request.selection?.relations ?? []
  if (first === undefined || !request.style.related) return request
  return { ...request, selection: { fields: [], relations: [first] } }
}
