// The authorization of one request: its caller, the values met so far, and what was refused.
import { type Condition, FALSE, type Slot, TRUE } from '../../db/plan/read-request.ts'
import type { Issue } from '../../errors.ts'
import { PolicyFault, Problem, type ProblemOptions } from '../../errors.ts'
import { type Caller, isSignedIn } from '../../schema/declare/caller.ts'
import type { Model, Operation } from '../../schema/model/model.ts'
import type { InputSchemas } from '../../schema/inputs/input-schemas.ts'
import type { ParsedRequest } from '../parse/parse-request.ts'
import type { EngineRequest } from '../request.ts'

/** The result of a policy for one caller: yes, no, or the rows where a condition holds. */
export type Decision = boolean | Condition

export function toCondition(decision: Decision): Condition {
  if (typeof decision !== 'boolean') return decision
  return decision ? TRUE : FALSE
}

/** Where a slot's value comes from, so that the next request of the same shape binds its own. */
export type Source =
  /** A value of the request: see fingerprint.ts. */
  | { readonly leaf: string }
  /** A claim of the caller, in one of the forms that tokens write it in. */
  | { readonly claim: string; readonly form: number }
  /** What the declaration says. */
  | { readonly constant: unknown }

export interface Authorization {
  readonly model: Model
  readonly caller: Caller
  /** Schemas of policies' filters: they see every column. */
  readonly inner: InputSchemas
  /** Values of the request by slot; the shape of the request holds the slots. */
  readonly values: unknown[]
  /** Where each of them comes from. */
  readonly sources: Source[]
  /** What functions of the caller returned. A prepared read or write is used again only while they return the same. */
  readonly decided: { readonly decide: (caller: never) => unknown; readonly answer: string }[]
  /** Read policies, decided once per resource and request. */
  readonly readDecisions: Map<string, Decision>
  /** What the caller named and may not use; thrown together. */
  readonly refused: Issue[]
  /** Places of the declaration whose functions answered a filter where there is no row; the log names them. */
  readonly filtersWithoutRow: Set<string>
}

/** One request on its way through the pipeline. */
export interface OpenedRequest<O = Operation> {
  readonly authorization: Authorization
  readonly request: EngineRequest
  readonly operation: O
  readonly parsed: ParsedRequest
}

export function startAuthorization(
  model: Model,
  inner: InputSchemas,
  caller: Caller,
): Authorization {
  return {
    model,
    inner,
    caller,
    values: [],
    sources: [],
    decided: [],
    readDecisions: new Map(),
    refused: [],
    filtersWithoutRow: new Set(),
  }
}

/** Gives a value its slot. */
export function slotOf(
  authorization: Authorization,
  value: unknown,
  source: Source = { constant: value },
): Slot {
  authorization.sources.push(source)
  return authorization.values.push(value) - 1
}

/** The error of a policy that refuses: UNAUTHENTICATED for anonymous callers, FORBIDDEN for others. */
export function refusal(
  caller: Caller,
  message: string,
  options: Pick<ProblemOptions, 'issues' | 'cause'> = {},
): Problem {
  if (isSignedIn(caller)) return new Problem('FORBIDDEN', message, options)
  return new Problem('UNAUTHENTICATED', message, {
    ...options,
    headers: { 'www-authenticate': 'Bearer' },
  })
}

export function throwRefused(authorization: Authorization): void {
  if (authorization.refused.length === 0) return
  throw refusal(authorization.caller, 'The request names what you may not use.', {
    issues: authorization.refused,
    ...policyFault(authorization),
  })
}

/** What the log says of policies that could not be evaluated; nothing where all could. */
export const policyFault = ({
  filtersWithoutRow: places,
}: Authorization): { readonly cause?: PolicyFault } =>
  places.size === 0
    ? {}
    : {
        cause: new PolicyFault(
          `${[...places].join(' and ')} did not return true or false. Nothing else is allowed there, because there is no row to filter.`,
        ),
      }

/** Notes one issue for each place, however often it is refused: a write may be authorized twice to find what is wrong. */
export const refuse = (
  authorization: Authorization,
  part: Issue['in'],
  path: Issue['path'],
  what: string,
): void => {
  const message = `You may not use ${what}.`
  if (
    authorization.refused.some(
      (issue) =>
        issue.in === part && issue.message === message && issue.path.join('\0') === path.join('\0'),
    )
  )
    return
  authorization.refused.push({
    in: part,
    path,
    code: isSignedIn(authorization.caller) ? 'forbidden' : 'unauthenticated',
    message,
  })
}
