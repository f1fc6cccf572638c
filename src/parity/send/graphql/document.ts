// A request as a GraphQL document with its variables.
import type { Model, Operation } from '../../../schema/model/model.ts'
import type { GraphqlRequest, OperationRequest, ParityRequest } from '../../request.ts'
import { toArguments } from './arguments.ts'
import { selectionSetOf } from './selection.ts'
import { type DocumentDraft, inParentheses } from './variables.ts'

/** @param request whose cursors and version have been looked up */
export function toGraphql(
  model: Model,
  operation: Operation,
  request: ParityRequest,
): GraphqlRequest {
  const draft: DocumentDraft = { model, style: request.style, variables: {}, definitions: [] }
  return toDocument(draft, operation.kind, [fieldOf(draft, operation, request)])
}

/** The alias of one of several fields of a document. */
export const fieldAlias = (index: number): string => `r${index}`

/** A batch as one document of several mutations. */
export function toGraphqlBatch(
  model: Model,
  requests: readonly OperationRequest[],
): GraphqlRequest {
  const shared = { model, variables: {}, definitions: [] }
  const fields = requests.map(({ operation, request }, i) => {
    const draft: DocumentDraft = { ...shared, style: request.style }
    return `${fieldAlias(i)}: ${fieldOf(draft, operation, request)}`
  })
  return toDocument(shared, 'mutation', fields)
}

const toDocument = (
  { definitions, variables }: Pick<DocumentDraft, 'definitions' | 'variables'>,
  kind: Operation['kind'],
  fields: readonly string[],
): GraphqlRequest => ({
  query: `${kind}${inParentheses(definitions)} { ${fields.join(' ')} }`,
  variables,
})

function fieldOf(draft: DocumentDraft, operation: Operation, request: ParityRequest): string {
  const given = inParentheses(toArguments(draft, operation, request))
  return `${operation.name}${given}${selectionSetOf(draft, operation, request)}`
}
