// Which names there are for a caller, where introspection is off: see docs/decisions/0061. A name that is denied to them for every row
// is in no model of theirs, so it is refused by the code that refuses a name that does not exist.
import { openBoundedMap } from '../../bounded-map.ts'
import type { Problem } from '../../errors.ts'
import type { PolicyNode } from '../../schema/declare/access.ts'
import type { Caller } from '../../schema/declare/caller.ts'
import { buildInputSchemas, type InputSchemas } from '../../schema/inputs/input-schemas.ts'
import { toCallerModel } from '../../schema/model/caller-model.ts'
import type { Model, Operation, Resource, Verb } from '../../schema/model/model.ts'
import { verbsOf } from '../../schema/model/verbs.ts'
import { type Authorization, refusal, startAuthorization } from '../authorize/authorization.ts'
import { evaluatePolicy } from '../authorize/evaluate-policy.ts'
import { hasFunction } from '../authorize/surely-refused.ts'
import type { Limits } from '../parse/limits.ts'
import { findHiddenNames } from './hidden-names.ts'

/**
 * What an operation is to a caller. `refused`: the resource has other operations for them, so the answer is a refusal,
 * regardless of the rest of the request. `unknown`: it does not exist.
 */
export type Standing = 'served' | 'refused' | 'unknown'

/** The gateway as one caller may know it. Callers whom the same policies deny share it. */
export interface CallerView {
  readonly model: Model
  readonly inputSchemas: InputSchemas
  readonly limits: Limits
  /** Names that mean nothing to the caller at one place at least: fields, relations, what groups are made of, operations. */
  readonly hidden: ReadonlySet<string>
  standingOf(operation: Operation): Standing
  /** What a `refused` operation answers. */
  refusalOf(operation: Operation, caller: Caller): Problem
}

export interface Names {
  viewOf(caller: Caller): CallerView
}

interface Parts {
  readonly model: Model
  /** Schemas of policies' filters. */
  readonly inner: InputSchemas
  readonly limits: Limits
}

/** Views that are kept: one for each set of policies that say no. */
const MAX_VIEWS = 16

export function openNames(parts: Parts): Names {
  const places = placesOf(parts.model)
  const [asked, fixed] = [
    places.filter(({ policy }) => hasFunction(policy)),
    places.filter(({ policy }) => !hasFunction(policy)),
  ]
  const views = openBoundedMap<string, CallerView>({ maxEntries: MAX_VIEWS })
  const latest = new WeakMap<Caller, Known>()
  const answersOf = (of: readonly Place[], caller: Caller): Answers => {
    if (of.length === 0) return ''
    const authorization = startAuthorization(parts.model, parts.inner, caller)
    let answers = ''
    for (const place of of) answers += isDenied(authorization, place) ? DENIED : OPEN
    return answers
  }
  return {
    viewOf(caller) {
      const known = latest.get(caller)
      const changing = answersOf(asked, caller)
      if (known?.changing === changing) return known.view
      const constant = known?.constant ?? answersOf(fixed, caller)
      const key = constant + changing
      const view = views.get(key) ?? buildView(parts, deniedBy(key, [...fixed, ...asked]))
      views.set(key, view)
      latest.set(caller, { constant, changing, view })
      return view
    },
  }
}

/** A sign for each of some places. Each request is asked, so there is no list of names: it cost 5 us more. */
type Answers = string
const DENIED = '-'
const OPEN = '+'

const deniedBy = (answers: Answers, places: readonly Place[]): ReadonlySet<string> =>
  new Set(places.flatMap(({ name }, at) => (answers[at] === DENIED ? [name] : [])))

/** What a caller was answered at last. */
interface Known {
  /** Of policies that say the same for as long as the caller is the same. */
  readonly constant: Answers
  /** Of policies with functions. */
  readonly changing: Answers
  readonly view: CallerView
}

/** A policy that can say no, and the name of its place in the declaration. */
interface Place {
  readonly name: string
  readonly policy: PolicyNode
  readonly subject: Resource | { readonly place: string }
}

const verbs: readonly Verb[] = ['read', 'create', 'update', 'delete']

function placesOf(model: Model): readonly Place[] {
  const places: Place[] = []
  const add = (name: string, policy: PolicyNode | null, subject?: Resource): void => {
    if (policy !== null && policy.type !== 'everyone')
      places.push({ name, policy, subject: subject ?? { place: name } })
  }
  for (const resource of model.resources.values()) {
    for (const verb of verbs) add(`${resource.key}.${verb}`, resource.access[verb], resource)
    for (const { name, read, write } of resource.fields.values()) {
      add(`${resource.key}.fields.${name}.read`, read, resource)
      add(`${resource.key}.fields.${name}.write`, write)
    }
  }
  for (const operation of model.operations)
    if (operation.standard === null) add(`operations.${operation.name}`, operation.access)
  return places
}

/** A policy that cannot be evaluated hides nothing: the request that needs it is refused or fails, and the log says why. */
function isDenied(authorization: Authorization, { policy, subject }: Place): boolean {
  const { filtersWithoutRow } = authorization
  const faults = filtersWithoutRow.size
  try {
    return (
      evaluatePolicy(authorization, policy, subject) === false && filtersWithoutRow.size === faults
    )
  } catch {
    return false
  }
}

function buildView({ model, limits }: Parts, denied: ReadonlySet<string>): CallerView {
  const isAllowed = (name: string): boolean => !denied.has(name)
  const seen = toCallerModel(model, {
    may: ({ key }, verb) => isAllowed(`${key}.${verb}`),
    reads: ({ key }, { name }) => isAllowed(`${key}.fields.${name}.read`),
    writes: ({ key }, { name }) => isAllowed(`${key}.fields.${name}.write`),
    does: ({ name }) => isAllowed(`operations.${name}`),
  })
  const served = new Set(seen.operations.map(({ name }) => name))
  return {
    model: seen,
    limits,
    inputSchemas: buildInputSchemas(seen),
    hidden: findHiddenNames(model, seen),
    standingOf(operation) {
      if (served.has(operation.name)) return 'served'
      return deniedVerb(seen, operation) === undefined ? 'unknown' : 'refused'
    },
    refusalOf(operation, caller) {
      const verb = deniedVerb(seen, operation) ?? 'read'
      const { plural } = operation.standard === null ? { plural: '' } : operation.resource
      return refusal(caller, `You may not ${verb} ${plural}.`)
    },
  }
}

/** The verb that is denied where the resource has others; undefined where that is not what takes the operation away. */
function deniedVerb({ resources }: Model, operation: Operation): Verb | undefined {
  if (operation.standard === null) return undefined
  const access = resources.get(operation.resource.key)?.access
  if (access === undefined || verbs.every((verb) => access[verb].type === 'nobody'))
    return undefined
  return verbsOf[operation.standard].find((verb) => access[verb].type === 'nobody')
}
