// Every kind of caller that a model's policies tell apart, with claims that occur in the data.
import { createHmac } from 'node:crypto'
import type { PolicyNode } from '../../schema/declare/access.ts'
import { anonymous, type Caller } from '../../schema/declare/caller.ts'
import type { Model } from '../../schema/model/model.ts'
import { describeZod } from '../../schema/values/zod-types.ts'
import type { Sample } from './open-model.ts'
import type { ParityCaller } from '../request.ts'

/** What tokens of a suite are signed with; a gateway started with this `JWT_SECRET` takes the requests of a report. */
export const TEST_SECRET = 'bifrons-parity-not-a-secret-0123456789'

/** 2100: tokens of a report can be sent again later. */
const EXPIRES = 4_102_444_800

/**
 * Headers that make a request to a test gateway a caller's.
 * @param payload of the token: `sub`, which is the caller's id, `roles` where it has some, and claims
 */
export const authorizationOf = (payload: {
  readonly sub: string
  readonly roles?: readonly string[]
  readonly [claim: string]: unknown
}): Readonly<Record<string, string>> => credentialsOf({ name: payload.sub, payload })

const signed = new WeakMap<object, Readonly<Record<string, string>>>()

/** The headers that make a request this caller's. */
export function credentialsOf({ payload }: ParityCaller): Readonly<Record<string, string>> {
  if (payload === null) return {}
  const known = signed.get(payload) ?? sign(payload)
  signed.set(payload, known)
  return known
}

function sign(payload: object): Readonly<Record<string, string>> {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ ...payload, exp: EXPIRES })}`
  return {
    authorization: `Bearer ${text}.${createHmac('sha256', TEST_SECRET).update(text).digest('base64url')}`,
  }
}

/** The caller that the token makes, as policies see it. */
export function toCaller(model: Model, { payload }: ParityCaller): Caller {
  if (payload === null) return anonymous
  const { sub, roles = [] } = payload as {
    readonly sub: string
    readonly roles?: readonly string[]
  } // as deriveCallers makes it
  return { via: 'jwt', id: sub, roles, claims: model.vocabulary.caller.parse(payload) }
}

const MAX_CALLERS = 24

/** The anonymous, the signed in without anything, each role, each claim with values from the data, and some of them together. */
export function deriveCallers(
  model: Model,
  samples: ReadonlyMap<string, readonly Sample[]>,
): readonly ParityCaller[] {
  const roles = rolesOf(model)
  const claims = Object.keys(model.vocabulary.caller.shape).map((claim) => ({
    claim,
    values: valuesOfClaim(model, samples, claim),
  }))
  const [firstOfEach] = [Object.fromEntries(claims.map(({ claim, values }) => [claim, values[0]]))]
  const payloads: Readonly<Record<string, unknown>>[] = [
    {},
    ...roles.map((role) => ({ roles: [role] })),
    ...claims.flatMap(({ claim, values }) => values.map((value) => ({ [claim]: value }))),
    ...(claims.length > 1 ? [firstOfEach] : []),
    ...(claims.length > 0 ? roles.map((role) => ({ roles: [role], ...firstOfEach })) : []),
    ...(roles.length > 1 ? [{ roles, ...firstOfEach }] : []),
  ]
  const accepted = payloads
    .filter((payload) => model.vocabulary.caller.safeParse(payload).success)
    .slice(0, MAX_CALLERS - 1)
  return [
    { name: 'anonymous', payload: null },
    ...accepted.map((payload, i) => ({
      name: nameOf(payload),
      payload: { sub: `caller-${i + 1}`, ...payload },
    })),
  ]
}

const nameOf = (payload: Readonly<Record<string, unknown>>): string =>
  Object.keys(payload).length === 0 ? 'signed in' : `signed in with ${JSON.stringify(payload)}`

/** Every policy of a model, its parts included. */
function policiesOf(model: Model): readonly PolicyNode[] {
  const top = [
    ...[...model.resources.values()].flatMap((resource) => [
      ...Object.values(resource.access),
      ...[...resource.inner.fields.values()].flatMap((field) =>
        [field.read, field.write].filter((policy) => policy !== null),
      ),
    ]),
    ...model.operations.flatMap((operation) =>
      operation.standard === null ? [operation.access] : [],
    ),
  ]
  return top.flatMap(withParts)
}

function withParts(policy: PolicyNode): readonly PolicyNode[] {
  if (policy.type === 'not') return [policy, ...withParts(policy.of)]
  return policy.type === 'any' || policy.type === 'all'
    ? [policy, ...policy.of.flatMap(withParts)]
    : [policy]
}

const rolesOf = (model: Model): readonly string[] => [
  ...new Set(policiesOf(model).flatMap((policy) => (policy.type === 'role' ? policy.roles : []))),
]

/** Columns that `owner` compares with a claim, or that have its name. */
export function columnsOfClaim(model: Model, claim: string): ReadonlySet<string> {
  const owned = policiesOf(model).flatMap((policy) =>
    policy.type === 'owner' && policy.claim === claim ? [policy.column] : [],
  )
  return new Set([claim, ...owned])
}

/** Two values that own the most rows, and one that owns none. */
function valuesOfClaim(
  model: Model,
  samples: ReadonlyMap<string, readonly Sample[]>,
  claim: string,
): readonly unknown[] {
  const counts = new Map<unknown, number>()
  const columns = columnsOfClaim(model, claim)
  for (const [key, rows] of samples) {
    const named = [...columns].filter(
      (column) => model.resources.get(key)?.fields.has(column) === true,
    )
    // a column that only some policy of another table compares, such as `id`, counts where it is the claim's own
    const own = named.includes(claim) ? [claim] : named
    const values = rows
      .flatMap((row) => own.map((column) => row[column]))
      .filter((value) => value !== null)
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  const schema = model.vocabulary.caller.shape[claim]
  const fits = (value: unknown) =>
    schema === undefined || model.vocabulary.caller.partial().safeParse({ [claim]: value }).success
  const most = [...counts]
    .filter(([value]) => fits(value))
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, 2)
    .map(([value]) => value)
  const value = schema === undefined ? null : describeZod(schema).value
  return [...most, ...(value === null ? [] : absentValues(value).filter(fits))]
}

function absentValues(value: ReturnType<typeof describeZod>['value']): readonly unknown[] {
  if (value.type === 'enum') return value.labels
  if (value.type !== 'scalar') return []
  switch (value.kind) {
    case 'uuid':
      return ['deadbeef-dead-4ead-8ead-deadbeefdead']
    case 'smallint':
    case 'integer':
    case 'float':
      return [2_000_000_011]
    case 'boolean':
      return [true, false]
    case 'bigint':
    case 'decimal':
      return ['2000000011']
    default:
      return ['nobody-has-this']
  }
}
