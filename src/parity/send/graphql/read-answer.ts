// GraphQL's answer as an outcome: an error of a root field refuses it, errors below it are denied fields.
import type { Issue } from '../../../errors.ts'
import { type Model, type Operation, targetOf } from '../../../schema/model/model.ts'
import type { JsonMembers } from '../../objects.ts'
import { resourceOf } from '../../operations.ts'
import type { OperationRequest } from '../../request.ts'
import { objectIn } from '../answers.ts'
import { parseExact } from '../json.ts'
import { found, type Outcome, type Refused, UnreadableAnswer } from '../outcome.ts'
import { fieldAlias } from './document.ts'
import { readRootField } from './read-rows.ts'

interface GraphqlError {
  readonly message: string
  readonly path?: readonly (string | number)[]
  readonly extensions: {
    readonly code: string
    readonly type: string
    readonly details?: unknown
    readonly issues?: readonly Issue[]
  }
}

export function readGraphql(model: Model, asked: OperationRequest, body: string): Outcome {
  const { errors, data } = parseAnswer(body)
  return refusalIn(errors)?.refused ?? readField(model, asked, data[asked.operation.name], errors)
}

/** The outcomes of several mutations, or the error that has undone them. */
export function readGraphqlBatch(
  model: Model,
  requests: readonly OperationRequest[],
  body: string,
): Outcome {
  const { errors, data } = parseAnswer(body)
  const refusal = refusalIn(errors)
  if (refusal === null)
    return found(
      requests.map((asked, i) => {
        const alias = fieldAlias(i)
        const own = errors.filter(({ path }) => path?.[0] === alias)
        return readField(model, asked, data[alias], own)
      }),
    )
  const left = Object.keys(data).filter((alias) => data[alias] !== null)
  if (left.length > 0)
    throw new UnreadableAnswer(`GraphQL answers ${left.join(', ')} of a document that was undone.`)
  const which = requests.findIndex((_asked, i) => refusal.field === fieldAlias(i))
  return which === -1 ? refusal.refused : { ...refusal.refused, request: which }
}

function parseAnswer(body: string): {
  readonly errors: readonly GraphqlError[]
  readonly data: JsonMembers
} {
  const { errors = [] } = JSON.parse(body) as { readonly errors?: readonly GraphqlError[] } // GraphQL's response format
  return { errors, data: objectIn(objectIn(parseExact(body))['data'] ?? {}) }
}

/** The first error of a root field or of the request, with the issues of all such errors. */
function refusalIn(
  errors: readonly GraphqlError[],
): { readonly refused: Refused; readonly field: unknown } | null {
  const root = errors.filter(({ path = [] }) => path.length <= 1)
  const [first] = root
  if (first === undefined) return null
  const issues = root.flatMap(({ extensions }) => extensions.issues ?? [])
  return { refused: { ...toRefused(first), issues }, field: first.path?.[0] }
}

const toRefused = ({
  message,
  extensions: { code, type, details = null, issues = [] },
}: GraphqlError): Refused => ({ ok: false, code, type, message, issues, details, request: null })

function readField(
  model: Model,
  { operation, request }: OperationRequest,
  answered: unknown,
  errors: readonly GraphqlError[],
): Outcome {
  const other = errors.find(
    ({ extensions: { code } }) => code !== 'FORBIDDEN' && code !== 'UNAUTHENTICATED',
  )
  if (other !== undefined) return toRefused(other)
  const denied = new Map(
    errors.map(({ path = [], extensions }) => [
      toDeniedPath(model, operation, path.slice(1)),
      extensions.code,
    ]),
  )
  const answer = { model, denied }
  if (operation.standard !== 'upsert' || answered === null || answered === undefined)
    return found(readRootField(answer, operation, request, answered), denied)
  const { created, [operation.resource.key]: row } = objectIn(answered)
  return found(readRootField(answer, operation, request, row), denied, created === true)
}

/** A response path without indices and without `nodes`, `edges` and `node` of connections. */
function toDeniedPath(
  model: Model,
  operation: Operation,
  path: readonly (string | number)[],
): string {
  const names = path.filter((step) => typeof step === 'string')
  if (operation.standard === 'upsert') names.shift() // the row stands in a payload
  let resource = resourceOf(operation)
  let inPage = operation.standard === 'list'
  const kept: string[] = []
  for (const name of names) {
    if (inPage && ['nodes', 'edges', 'node'].includes(name)) continue
    inPage = false
    kept.push(name)
    const relation = resource?.relations.get(name)
    if (relation === undefined) continue
    resource = targetOf(model, relation)
    inPage = relation.many
  }
  return kept.join('.')
}
