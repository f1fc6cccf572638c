// Random requests for the suite: any operation of a model by any kind of caller, alone or in a batch.
import * as fc from 'fast-check'
import { startAuthorization } from '../../engine/authorize/authorization.ts'
import { buildInputSchemas } from '../../schema/inputs/input-schemas.ts'
import type { Operation, StandardKind } from '../../schema/model/model.ts'
import type { ParityBatch, ParityCaller, ParityRequest } from '../request.ts'
import { seldom, weighted } from './arbitraries.ts'
import { randomCaller, mayAllow } from './choose-caller.ts'
import { toCaller } from './callers.ts'
import { asMinimal, isMinimal, randomRequest, randomValidRequest } from './single-requests.ts'
import type { SampledModel } from './values.ts'

/** Requests of every operation that both faces have, and batches of several writes. */
export function randomRequests(
  source: SampledModel,
  operations: readonly Operation[],
  callers: readonly ParityCaller[],
): fc.Arbitrary<ParityRequest | ParityBatch> {
  const single = anyOperation(operations, (operation) =>
    randomCaller(source, operation, callers).chain((caller) =>
      randomRequest(source, operation, caller),
    ),
  )
  const writes = operations.filter(({ kind }) => kind === 'mutation')
  return weighted<ParityRequest | ParityBatch>(
    [9, single],
    [1, writes.length === 0 ? null : batchOf(source, writes, callers)],
  )
}

const CUSTOM_WEIGHT = 2
const weights: Readonly<Record<StandardKind, number>> = {
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
}

const anyOperation = <T>(
  operations: readonly Operation[],
  arbitraryOf: (operation: Operation) => fc.Arbitrary<T>,
): fc.Arbitrary<T> =>
  fc.oneof(
    ...operations.map((operation) => ({
      weight: operation.standard === null ? CUSTOM_WEIGHT : weights[operation.standard],
      arbitrary: arbitraryOf(operation),
    })),
  )

/** Mostly writes that can succeed, because one failure undoes the whole batch. */
function batchOf(
  source: SampledModel,
  writes: readonly Operation[],
  callers: readonly ParityCaller[],
): fc.Arbitrary<ParityBatch> {
  const { model } = source
  return anyOperation(writes, (operation) => randomCaller(source, operation, callers)).chain(
    (caller) => {
      const authorization = startAuthorization(
        model,
        buildInputSchemas(model, 'inner'),
        toCaller(model, caller),
      )
      const allowed = writes.filter((operation) => mayAllow(authorization, operation))
      const one = anyOperation(allowed.length === 0 ? writes : allowed, (operation) =>
        weighted(
          [8, randomValidRequest(source, operation, caller)],
          [1, randomRequest(source, operation, caller)],
        ).map((request) => withDefaultFields(operation, request)),
      )
      return fc.record({
        caller: fc.constant(caller),
        requests: fc.array(one, { minLength: 1, maxLength: 4 }),
        keyed: seldom,
      })
    },
  )
}

/** Single requests vary the selection; a batch does not. */
function withDefaultFields(operation: Operation, request: ParityRequest): ParityRequest {
  if (isMinimal(operation, request)) return asMinimal(operation, request)
  if (request.selection === null) return request
  return { ...request, selection: { fields: 'default', relations: [] } }
}
