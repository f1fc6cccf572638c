// Random requests for any operation of a model, by any kind of caller: mostly right ones, some with a fault put in.
import * as fc from 'fast-check'
import type { Operation, StandardOperation } from '../../schema/model.ts'
import { customInputOf, inputOf, keyOf } from './generate-input.ts'
import { listOf, type Source } from './generate-list.ts'
import { selectionOf } from './generate-selection.ts'
import type { ParityCaller, ParityRequest, Style } from './request.ts'
import { faultsOf, spoil } from './spoil.ts'

const style: fc.Arbitrary<Style> = fc.record({ edges: fc.boolean(), short: fc.boolean(), related: fc.boolean(), minimal: fc.integer({ min: 0, max: 7 }).map((n) => n === 7) })

const weights = { list: 5, get: 2, create: 2, update: 2, delete: 1 } as const

/** Requests of every operation that both faces have. */
export function requestsOf(source: Source, operations: readonly Operation[], callers: readonly ParityCaller[]): fc.Arbitrary<ParityRequest> {
  return fc.oneof(...operations.map((operation) => ({
    weight: operation.standard === null ? 2 : weights[operation.standard],
    arbitrary: fc.constantFrom(...callers).chain((caller) => requestOf(source, operation, caller)),
  })))
}

function requestOf(source: Source, operation: Operation, caller: ParityCaller): fc.Arbitrary<ParityRequest> {
  const faults = faultsOf(operation)
  const fault = faults.length === 0 ? fc.constant(null)
    : fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, { weight: 2, arbitrary: fc.record({ fault: fc.constantFrom(...faults), at: fc.nat(40), which: fc.nat(40) }) })
  return fc.tuple(soundRequestOf(source, operation, caller), fault)
    .map(([request, spoiling]) => spoiling === null ? request : spoil(source.model, operation, request, spoiling))
    .map((request) => isMinimal(operation, request) ? { ...request, selection: { fields: operation.resource.primaryKey.fields.map(({ name }) => name), relations: [] } } : request)
}

/** REST then has nothing to choose; GraphQL asks for as little as it can. */
const isMinimal = (operation: Operation, { style: { minimal } }: ParityRequest): operation is StandardOperation =>
  minimal && operation.kind === 'mutation' && operation.standard !== null

function soundRequestOf(source: Source, operation: Operation, caller: ParityCaller): fc.Arbitrary<ParityRequest> {
  const base = { operation: fc.constant(operation.name), caller: fc.constant(caller), style }
  if (operation.standard === null) {
    const selection = operation.output.type === 'value' ? fc.constant(null) : selectionOf(source, operation.output.resource, 2)
    return fc.record({ ...base, input: customInputOf(source, operation), selection })
  }
  const { resource, by } = operation
  const key = by === null ? {} : { key: keyOf(source, resource, by) }
  switch (operation.standard) {
    case 'list': return fc.record({ ...base, list: listOf(source, resource, 2), selection: selectionOf(source, resource) })
    case 'get': return fc.record({ ...base, ...key, selection: selectionOf(source, resource) }).map((request) => by === resource.primaryKey ? related(request) : request)
    case 'delete': return fc.record({ ...base, ...key, selection: selectionOf(source, resource, 1) })
    case 'create':
    case 'update': return fc.record({ ...base, ...key, input: inputOf(source, resource, operation.standard, caller), selection: selectionOf(source, resource, 1) })
  }
}

/** Nothing but one relation of a row: what has a path of its own on REST. */
function related(request: ParityRequest): ParityRequest {
  const [first] = request.selection?.relations ?? []
  return first === undefined || !request.style.related ? request : { ...request, selection: { fields: [], relations: [first] } }
}
