// What the policies say of one request by one caller, found by sending it to the gateway over a database that answers nothing.
import { startAuthorization } from '../../engine/authorize/authorization.ts'
import { evaluatePolicy } from '../../engine/authorize/evaluate-policy.ts'
import type { PolicyNode } from '../../schema/declare/access.ts'
import type { Caller } from '../../schema/declare/caller.ts'
import { policiesOf, replacePolicies } from '../../schema/declare/policy-places.ts'
import type { Model, Resource } from '../../schema/model/model.ts'
import type { AnyGateway } from '../../server/gateway.ts'
import { CliError } from '../cli-error.ts'
import { openWithoutDatabase } from '../without-database.ts'
import { textOf } from './policy-text.ts'

/** A policy that was asked for the request. */
export interface Asked {
  readonly place: string
  readonly policy: string
  /** `rows`: those for which a condition holds. */
  readonly answer: 'yes' | 'no' | 'rows'
}

export interface Explanation {
  readonly request: string
  /** Null where nothing refuses the request. */
  readonly refused: {
    readonly code: string
    readonly message: string
    readonly issues: readonly { readonly path: string; readonly message: string }[]
  } | null
  readonly policies: readonly Asked[]
}

export async function explain(
  gateway: AnyGateway,
  request: string,
  toCaller: (model: Model) => Caller,
): Promise<Explanation> {
  const met = new Set<string>()
  const traced = replacePolicies(gateway, (place, policy) => tracing(policy, () => met.add(place)))
  let caller: Caller | undefined
  const { app, engine } = await openWithoutDatabase({
    ...traced,
    auth: [{ name: 'explain', open: () => () => caller ?? null }],
  })
  try {
    caller = toCaller(engine.model)
    met.clear() // policies were looked at while the model was built
    const headers = caller.via === 'anonymous' ? {} : { authorization: 'Bearer explain' }
    const answer = await app.inject({
      ...toHttp(request),
      headers: { ...headers, 'content-type': 'application/json' },
    })
    const places = [...met]
    const authorization = startAuthorization(engine.model, engine.inner, caller)
    const policies = policiesOf(gateway)
    return {
      request,
      refused: refusalIn(answer.body),
      policies: places.flatMap((place): readonly Asked[] => {
        const policy = policies.get(place)
        if (policy === undefined || policy.type === 'everyone') return []
        const decision = evaluatePolicy(authorization, policy, subjectOf(engine.model, place))
        const answered = decision ? 'yes' : 'no'
        return [
          {
            place,
            policy: textOf(policy),
            answer: typeof decision === 'boolean' ? answered : 'rows',
          },
        ]
      }),
    }
  } finally {
    await app.close()
  }
}

/** The same policy, which tells when it is looked at. */
const tracing = (policy: PolicyNode, onMet: () => void): PolicyNode =>
  Object.defineProperty({ ...policy }, 'type', {
    enumerable: true,
    get: () => {
      onMet()
      return policy.type
    },
  })

/** A field's `write` and an operation have no row. */
function subjectOf(model: Model, place: string): Resource | { readonly place: string } {
  const [key = ''] = place.split('.')
  const resource = place.endsWith('.write') ? undefined : model.resources.get(key)
  return resource ?? { place }
}

interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: string
  readonly payload?: string
}

const restRequest = /^(GET|POST|PUT|PATCH|DELETE)\s+(\/\S*)(?:\s+(\S.*))?$/s

function toHttp(request: string): HttpRequest {
  const [, method, url = '', body] = restRequest.exec(request.trim()) ?? []
  if (method !== undefined)
    return {
      method: method as HttpRequest['method'],
      url,
      ...(body === undefined ? {} : { payload: body }),
    } // as the expression has it
  if (/^(query|mutation|fragment|\{)/.test(request.trim()))
    return { method: 'POST', url: '/graphql', payload: JSON.stringify({ query: request }) }
  throw new CliError(
    'The request is neither a GraphQL document nor a method, a path and a body, such as "GET /api/products?fields=cost".',
    { exitCode: 2 },
  )
}

interface Told {
  readonly code: string
  readonly detail?: string
  readonly issues?: readonly { readonly path: readonly unknown[]; readonly message: string }[]
}

/** What would have been run is UNAVAILABLE: no policy refuses it. */
function refusalIn(body: string): Explanation['refused'] {
  const answer = (body === '' ? {} : JSON.parse(body)) as Told & {
    readonly errors?: readonly { readonly message: string; readonly extensions: Told }[]
  } // of both faces, as the server writes it
  const error = answer.errors?.find(({ extensions }) => extensions.code !== 'UNAVAILABLE')
  const { code, detail = '', issues = [] } = error?.extensions ?? answer
  if (code === undefined || code === 'UNAVAILABLE') return null
  return {
    code,
    message: error?.message ?? detail,
    issues: issues.map(({ path, message }) => ({ path: path.join('.'), message })),
  }
}

const words = { yes: 'yes', no: 'NO', rows: 'the rows where it holds' } as const

export function explanationText({ request, refused, policies }: Explanation): string {
  const width = Math.max(0, ...policies.map(({ place }) => place.length))
  return [
    request,
    refused === null
      ? 'Nothing refuses it. A field whose policy says NO is left out, or null with an error on GraphQL.'
      : `Refused: ${refused.code}. ${refused.message}`,
    ...(refused?.issues ?? []).map(({ path, message }) => `  ${path}: ${message}`),
    ...(policies.length === 0 ? ['No policy was asked.'] : ['Policies that were asked:']),
    ...policies.map(
      ({ place, policy, answer }) => `  ${place.padEnd(width)}  ${words[answer]}  by ${policy}`,
    ),
  ].join('\n')
}
