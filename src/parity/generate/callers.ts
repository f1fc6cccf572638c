// The callers of random requests: every kind that a model's policies tell apart, with claims that occur in the data.
import { createHmac } from 'node:crypto'
import type { PolicyNode } from '../../schema/declare/access.ts'
import { anonymous, type Caller } from '../../schema/declare/caller.ts'
import type { Model } from '../../schema/model/model.ts'
import { describeZod, type ValueType } from '../../schema/values/zod-types.ts'
import type { ParityCaller } from '../request.ts'
import type { Samples } from './values.ts'

/** Signs the tokens of the suite. A gateway with this `JWT_SECRET` accepts the requests of a report. */
export const TEST_SECRET = 'bifrons-parity-not-a-secret-0123456789'

/** In seconds: the year 2100, so that the tokens of a report stay valid. */
const EXPIRES = 4_102_444_800

/**
 * The headers with which a caller sends a request to a test gateway.
 * @param payload of the token: `sub` (the caller's id), `roles` if any, and claims
 */
export const authorizationOf = (payload: {
  readonly sub: string
  readonly roles?: readonly string[]
  readonly [claim: string]: unknown
}): Readonly<Record<string, string>> => credentialsOf({ name: payload.sub, payload })

const signed = new WeakMap<object, Readonly<Record<string, string>>>()

/** The headers with which this caller sends a request. */
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

/** The caller of a token, as policies see it. */
export function toCaller(model: Model, { payload }: ParityCaller): Caller {
  if (payload === null) return anonymous
  const { sub, roles } = payload
  return {
    via: 'jwt',
    id: String(sub),
    roles: Array.isArray(roles) ? roles.map(String) : [],
    claims: model.vocabulary.caller.parse(payload),
  }
}

const MAX_CALLERS = 24

/** The anonymous caller, one without roles and claims, one for each role and each claim of the data, and combinations. */
export function deriveCallers(model: Model, samples: Samples): readonly ParityCaller[] {
  const accepted = payloadsOf(model, samples)
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

type Payload = Readonly<Record<string, unknown>>

function payloadsOf(model: Model, samples: Samples): readonly Payload[] {
  const roles = rolesOf(model)
  const claims = Object.keys(model.vocabulary.caller.shape).map((claim) => ({
    claim,
    values: valuesOfClaim(model, samples, claim),
  }))
  const firstOfEach = Object.fromEntries(claims.map(({ claim, values }) => [claim, values[0]]))
  const payloads: Payload[] = [
    {},
    ...roles.map((role) => ({ roles: [role] })),
    ...claims.flatMap(({ claim, values }) => values.map((value) => ({ [claim]: value }))),
  ]
  if (claims.length > 1) payloads.push(firstOfEach)
  if (claims.length > 0) payloads.push(...roles.map((role) => ({ roles: [role], ...firstOfEach })))
  if (roles.length > 1) payloads.push({ roles, ...firstOfEach })
  return payloads
}

const nameOf = (payload: Payload): string =>
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
  switch (policy.type) {
    case 'not':
      return [policy, ...withParts(policy.of)]
    case 'any':
    case 'all':
      return [policy, ...policy.of.flatMap(withParts)]
    default:
      return [policy]
  }
}

const rolesOf = (model: Model): readonly string[] => [
  ...new Set(policiesOf(model).flatMap((policy) => (policy.type === 'role' ? policy.roles : []))),
]

/** The columns that `owner` policies compare with a claim, and the column of its name. */
export function columnsOfClaim(model: Model, claim: string): ReadonlySet<string> {
  const owned = policiesOf(model).flatMap((policy) =>
    policy.type === 'owner' && policy.claim === claim ? [policy.column] : [],
  )
  return new Set([claim, ...owned])
}

/** The two values of a claim that own the most rows, and a value that owns none. */
function valuesOfClaim(model: Model, samples: Samples, claim: string): readonly unknown[] {
  const schema = model.vocabulary.caller.shape[claim]
  const owners = ownersByRows(model, samples, claim)
  if (schema === undefined) return owners.slice(0, 2)
  const isValid = (value: unknown): boolean =>
    model.vocabulary.caller.partial().safeParse({ [claim]: value }).success
  return [
    ...owners.filter(isValid).slice(0, 2),
    ...absentValues(describeZod(schema).value).filter(isValid),
  ]
}

/** The values of a claim's columns, those of the most rows first. */
function ownersByRows(model: Model, samples: Samples, claim: string): readonly unknown[] {
  const counts = new Map<unknown, number>()
  const columns = [...columnsOfClaim(model, claim)]
  for (const [key, rows] of samples) {
    const named = columns.filter((column) => model.resources.get(key)?.fields.has(column) === true)
    // A table with a column of the claim's own name is counted by that column alone.
    const own = named.includes(claim) ? [claim] : named
    const values = rows.flatMap((row) => own.map((column) => row[column]))
    for (const value of values) if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  return [...counts].toSorted(([, a], [, b]) => b - a).map(([value]) => value)
}

/** Values that own no row. */
function absentValues(value: ValueType): readonly unknown[] {
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
