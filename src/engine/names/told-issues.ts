// The issues of an error that the database gave rise to, as far as the caller may know the fields that they name.
import { type Issue, Problem } from '../../errors.ts'
import type { Caller } from '../../schema/declare/caller.ts'
import { inputFields } from '../../schema/model/caller-model.ts'
import { type Model, type Operation, type Resource, targetOf } from '../../schema/model/model.ts'
import { restated } from '../../told-names.ts'
import type { Names } from './open-names.ts'

interface Asked {
  readonly operation: Operation
  readonly caller: Caller
}

/** The same error without issues at fields that mean nothing to the caller. */
export function withKnownFields(names: Names | null, { operation, caller }: Asked, error: unknown) {
  if (names === null || operation.standard === null || !(error instanceof Problem)) return error
  const { model } = names.viewOf(caller)
  const resource = model.resources.get(operation.resource.key)
  if (resource === undefined) return error
  const { issues } = error
  const known = issues.filter((issue) => issue.in !== 'input' || isKnown(model, resource, issue))
  return known.length === issues.length ? error : restated(error, error.message, known)
}

/** What stands between a relation and a row that is written along it. */
const ways: ReadonlySet<unknown> = new Set(['create', 'connect'])

function isKnown(model: Model, resource: Resource, { path }: Issue): boolean {
  let at = resource
  let isBelow = false
  for (const step of path) {
    if (typeof step === 'number') continue
    if (isBelow && ways.has(step)) {
      isBelow = false
      continue
    }
    if (hasField(at, step)) return true
    const relation = at.relations.get(step) ?? at.writeOnly?.relations.get(step)
    if (relation === undefined) return false
    at = targetOf(model, relation)
    isBelow = true
  }
  return true
}

const hasField = (resource: Resource, name: string): boolean =>
  resource.fields.has(name) ||
  inputFields(resource).some(
    (field) => field.name === name && (field.create !== 'never' || field.update !== 'never'),
  )
