// Whether a caller is refused an operation before its values are looked at: then no validator of the team sees them.
import type { PolicyNode } from '../../schema/declare/access.ts'
import type { Caller } from '../../schema/declare/caller.ts'
import type { InputSchemas } from '../../schema/inputs/input-schemas.ts'
import type { Model, Operation, Resource, StandardOperation } from '../../schema/model/model.ts'
import { startAuthorization } from './authorization.ts'
import { evaluatePolicy } from './evaluate-policy.ts'

type Verb = 'create' | 'update'

/** The verbs of operations whose input validators look at. An upsert needs both. */
const verbsOf: Partial<Record<StandardOperation['standard'], readonly Verb[]>> = {
  create: ['create'],
  createMany: ['create'],
  update: ['update'],
  updateMany: ['update'],
  upsert: ['create', 'update'],
}

interface Judge {
  readonly model: Model
  /** Schemas of policies' filters. */
  readonly inner: InputSchemas
}

/** A policy with a function of the caller is left for the authorization itself, which asks it once. */
export function isSurelyRefused(
  { model, inner }: Judge,
  operation: Operation,
  caller: Caller,
): boolean {
  const isRefused = (policy: PolicyNode, subject: Resource | { readonly place: string }): boolean =>
    !hasFunction(policy) &&
    evaluatePolicy(startAuthorization(model, inner, caller), policy, subject) === false
  if (operation.standard === null)
    return operation.input !== null && isRefused(operation.access, { place: operation.name })
  const { resource } = operation
  const verbs = verbsOf[operation.standard] ?? []
  return verbs.some((verb) => isRefused(resource.access[verb], resource))
}

export function hasFunction(policy: PolicyNode): boolean {
  switch (policy.type) {
    case 'decide':
      return true
    case 'any':
    case 'all':
      return policy.of.some(hasFunction)
    case 'not':
      return hasFunction(policy.of)
    default:
      return false
  }
}
