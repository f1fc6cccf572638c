// Puts into a valid request one fault that both faces can express, to compare what they say of it.
import type { Model, Operation, Resource, StandardKind } from '../../../schema/model/model.ts'
import { resourceOf } from '../../operations.ts'
import type { ParityList, ParityRequest } from '../../request.ts'
import { faultyAggregate } from './aggregate-faults.ts'
import { faultyCustomInput } from './custom-input-faults.ts'
import { type FaultPlace, pick } from './fault.ts'
import { faultyFilter } from './filter-faults.ts'
import { faultyInput, faultyKey } from './input-faults.ts'
import { faultyDistinct, faultyOrder, faultyPage, faultySearch } from './list-faults.ts'
import { changeList, withUnknownField } from './request-lists.ts'

/** Which fault, where, and with which of the wrong values. */
export interface InjectedFault extends Pick<FaultPlace, 'at' | 'which'> {
  readonly name: FaultName
}

type Injection = (request: ParityRequest, operation: Operation, place: FaultPlace) => ParityRequest

/** A fault of a list, given where the list stands. */
const inList =
  (fault: (place: FaultPlace) => Partial<ParityList>): Injection =>
  (request, _operation, place) =>
    changeList(request, place, (list, resource) => ({ ...list, ...fault({ ...place, resource }) }))

const injections = {
  where: inList((place) => ({ where: faultyFilter(place) })),
  order: inList((place) => ({ orderBy: faultyOrder(place) })),
  search: inList((place) =>
    place.resource.search === null ? {} : { search: faultySearch(place) },
  ),
  distinct: inList(faultyDistinct),
  page: inList((place) => ({ page: faultyPage(place) })),
  aggregate: (request, _operation, place) =>
    request.aggregate === undefined
      ? request
      : { ...request, aggregate: faultyAggregate(request.aggregate, place) },
  key: (request, operation, place) => ({
    ...request,
    key: faultyKey(request.key ?? {}, operation, place),
  }),
  input: (request, operation, place) => ({
    ...request,
    input:
      operation.standard === null
        ? faultyCustomInput(request.input, operation, place)
        : faultyInput(request, operation, place),
  }),
  atMost: (request, _operation, { resource, which }) => ({
    ...request,
    atMost: pick([0, -1, resource.page.max + 1, 'five', 1.5, 3_000_000_000], which),
  }),
  fields: (request, _operation, { at }) =>
    request.selection === null
      ? request
      : { ...request, selection: withUnknownField(request.selection, at) },
} satisfies Record<string, Injection>

type FaultName = keyof typeof injections

/** The faults that a request of each kind can have; a name that stands twice is injected twice as often. */
const faultsOfKind: Readonly<Record<StandardKind, readonly FaultName[]>> = {
  list: ['where', 'where', 'order', 'distinct', 'search', 'page', 'page', 'fields'],
  aggregate: ['aggregate'],
  get: ['key', 'where', 'search', 'page', 'fields'],
  create: ['input', 'input', 'fields'],
  update: ['input', 'input', 'key'],
  delete: ['key'],
  createMany: ['input', 'input', 'fields'],
  upsert: ['input', 'input', 'fields'],
  updateMany: ['where', 'where', 'input', 'atMost', 'fields'],
  deleteMany: ['where', 'where', 'atMost', 'fields'],
}

/** The faults that a request of this operation can have. */
export function faultsOf(operation: Operation): readonly FaultName[] {
  if (operation.standard !== null) return faultsOfKind[operation.standard]
  return operation.input === null ? [] : ['input']
}

/** The request with the fault, or the request itself without one. */
export function injectFault(
  model: Model,
  operation: Operation,
  request: ParityRequest,
  fault: InjectedFault | null,
): ParityRequest {
  const resource = resourceOf(operation) ?? firstOf(model.resources)
  if (fault === null || resource === undefined) return request
  const { name, at, which } = fault
  return injections[name](request, operation, { model, resource, at, which })
}

const firstOf = (resources: ReadonlyMap<string, Resource>): Resource | undefined =>
  resources.values().next().value
