// Who sends a request: mostly callers whom the policies of the operation may allow.
import * as fc from 'fast-check'
import { type Authorization, startAuthorization } from '../../engine/authorize/authorization.ts'
import { evaluatePolicy } from '../../engine/authorize/evaluate-policy.ts'
import { buildInputSchemas } from '../../schema/inputs/input-schemas.ts'
import type { Operation } from '../../schema/model/model.ts'
import { verbsOf } from '../../schema/model/verbs.ts'
import type { ParityCaller } from '../request.ts'
import { among, weighted } from './arbitraries.ts'
import { toCaller } from './callers.ts'
import type { SampledModel } from './values.ts'

export function randomCaller(
  { model }: SampledModel,
  operation: Operation,
  callers: readonly ParityCaller[],
): fc.Arbitrary<ParityCaller> {
  const inner = buildInputSchemas(model, 'inner')
  const allowed = callers.filter((caller) =>
    mayAllow(startAuthorization(model, inner, toCaller(model, caller)), operation),
  )
  return weighted([2, fc.constantFrom(...callers)], [3, among(allowed)])
}

/** False where the policy refuses the operation for every row. */
export function mayAllow(authorization: Authorization, operation: Operation): boolean {
  if (operation.standard === null)
    return evaluatePolicy(authorization, operation.access, { place: operation.name }) !== false
  const { resource, standard } = operation
  return verbsOf[standard].every(
    (verb) => evaluatePolicy(authorization, resource.access[verb], resource) !== false,
  )
}
