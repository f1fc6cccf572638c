// A request's document and operation: read, chosen among several, and allowed for the method.
import type { FastifyRequest } from 'fastify'
import {
  type DocumentNode,
  getOperationAST,
  type GraphQLSchema,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql'
import type { RequestParser } from '../../engine/parse/parse-request.ts'
import { echo, Problem } from '../../errors.ts'
import { isDocumentFault, refuseLiterals } from '../errors.ts'
import { mayMutate, type Parameters } from '../http/graphql-over-http.ts'
import { type ListedDocuments, toDocumentText } from './listed-documents.ts'
import type { DocumentLimits, Documents } from './read-document.ts'
import { type Executing, issuesOfLiterals } from './variables.ts'

/** What documents are read with. */
export interface DocumentReading {
  readonly schema: GraphQLSchema
  readonly engine: RequestParser
  readonly introspection: boolean
  readonly documents: Documents
  readonly listed: ListedDocuments
  readonly documentLimits: DocumentLimits
}

export interface FoundOperation {
  /** The document's text, also where the request had its id alone. */
  readonly text: string
  readonly document: DocumentNode
  readonly operation: OperationDefinitionNode
}

/** @throws Problem, or DocumentFault, where there is no operation that may be executed */
export function findOperation(
  reading: DocumentReading,
  request: FastifyRequest,
  parameters: Parameters,
): FoundOperation {
  const { schema } = reading
  const text = toDocumentText(reading.listed, parameters)
  const document = readDocument(reading, text, parameters)
  const operation = getOperationAST(document, parameters.operationName)
  if (operation === null || operation === undefined) throw unknownOperation(parameters)
  if (operation.operation !== OperationTypeNode.QUERY && !mayMutate(request)) {
    throw new Problem('METHOD_NOT_ALLOWED', 'Only queries may be sent with GET or HEAD.', {
      headers: { allow: 'POST' },
    })
  }
  if (!schema.getRootType(operation.operation)) throw unserved(operation.operation) // null in a schema that was made of another
  return { text, document, operation }
}

/**
 * The document. Where its literals alone are wrong, they are refused in the issues that the same values have in variables and on REST;
 * where the engine finds nothing wrong with them, for it takes more than GraphQL or has no such place, in GraphQL's words.
 */
function readDocument(
  reading: DocumentReading,
  text: string,
  { operationName, variables }: Parameters,
): DocumentNode {
  try {
    return reading.documents.read(text)
  } catch (error) {
    if (!isDocumentFault(error) || error.wrongLiterals === null) throw error
    const operation = getOperationAST(error.wrongLiterals, operationName)
    if (operation === null || operation === undefined) throw error
    const issues = issuesOfLiterals(
      toExecuting(reading, { document: error.wrongLiterals, operation }),
      variables,
    )
    throw issues.length === 0 ? error : refuseLiterals(error, issues)
  }
}

/** What the check of variables asks for. */
export const toExecuting = (
  { schema, engine, introspection, documentLimits: limits }: DocumentReading,
  found: Pick<FoundOperation, 'document' | 'operation'>,
): Executing => ({ schema, checker: engine, introspection, limits, ...found })

function unknownOperation({ operationName }: Parameters): Problem {
  const message =
    operationName === null
      ? 'The document has several operations or none; name one in operationName.'
      : `The document has no operation ${echo(operationName)}.`
  return new Problem('BAD_REQUEST', message, {
    issues: [{ in: 'document', path: ['operationName'], code: 'unknown_operation', message }],
  })
}

function unserved(kind: string): Problem {
  const message = `This schema has no ${kind}s.`
  return new Problem('BAD_REQUEST', message, {
    issues: [{ in: 'document', path: [], code: 'GRAPHQL_VALIDATION_FAILED', message }],
  })
}
