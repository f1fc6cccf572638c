// Callers as the policies of a model see them: two callers with the same profile get the same answer from every policy.
// Prepared reads and writes are kept by profile, and take a caller's own values when they run.
import { type PolicyNode, unplainMember } from '../../schema/declare/access.ts'
import { accountOf, type Caller, isSignedIn } from '../../schema/declare/caller.ts'
import type { Field, Model } from '../../schema/model/model.ts'
import type { Authorization, Source } from './authorization.ts'
import { answerText, fittingForm, formsOf } from './evaluate-policy.ts'

export type ProfileOf = (caller: Caller) => string

interface Vocabulary {
  readonly roles: Set<string>
  /** Claims by their names, with the columns that they are held against. */
  readonly claims: Map<string, Set<Field>>
  /** Whether a function of the caller is among the policies: it may tell any two callers apart. */
  functions: boolean
}

/** Reads the model's policies once, and caches each caller's profile for as long as the caller's object lives. */
export function openProfiles(model: Model): ProfileOf {
  const words = wordsOf(model)
  const known = new WeakMap<Caller, string>()
  return (caller) => {
    let profile = known.get(caller)
    if (profile === undefined) {
      profile = toProfile(words, caller)
      known.set(caller, profile)
    }
    return profile
  }
}

function toProfile({ roles, claims, functions }: Vocabulary, caller: Caller): string {
  const had = [...roles].filter((role) => caller.roles.includes(role))
  const forms = [...claims].map(([name, fields]) => {
    const claim = caller.claims[name]
    return claim === undefined || claim === null
      ? ''
      : [...fields].map((field) => fittingForm(field, formsOf(claim))).join()
  })
  const who = functions ? [accountOf(caller)] : []
  return JSON.stringify([isSignedIn(caller), had, forms, ...who])
}

function wordsOf(model: Model): Vocabulary {
  const words: Vocabulary = { roles: new Set(), claims: new Map(), functions: false }
  for (const { access, inner, search } of model.resources.values()) {
    const fields = [...inner.fields.values(), ...(search?.parts.map(({ field }) => field) ?? [])]
    const policies = [
      ...Object.values(access),
      ...fields.flatMap(({ read, write }) => [read, write].filter((policy) => policy !== null)),
    ]
    for (const policy of policies) collect(words, policy, inner.fields)
  }
  for (const operation of model.operations)
    if (operation.standard === null) collect(words, operation.access, new Map())
  return words
}

function collect(words: Vocabulary, policy: PolicyNode, fields: ReadonlyMap<string, Field>): void {
  switch (policy.type) {
    case 'role':
      for (const role of policy.roles) words.roles.add(role)
      return
    case 'owner': {
      const field = fields.get(policy.column)
      const known = words.claims.get(policy.claim) ?? new Set()
      words.claims.set(policy.claim, known)
      if (field !== undefined) known.add(field)
      return
    }
    case 'decide':
      words.functions = true
      return
    case 'any':
    case 'all':
      for (const part of policy.of) collect(words, part, fields)
      return
    case 'not':
      return collect(words, policy.of, fields)
    default:
      return
  }
}

/** Where a value comes from that the request does not bring. */
export type OwnSource = Exclude<Source, { readonly leaf: string }>

export const valueFor = (source: OwnSource, { claims }: Caller): unknown =>
  'claim' in source ? formsOf(claims[source.claim])[source.form] : source.constant

/** Whether functions of the caller answer as they did before. */
export const decidesAlike = (decided: Authorization['decided'], caller: Caller): boolean =>
  decided.every(({ decide, answer }) => {
    const now = decide(caller as never) // the declaration's caller schema made the claims
    return answerText(now) === answer && unplainMember(now) === null
  })
