// A typed GraphQL client in one function: a document's variables and its answer have the types that code generation wrote.
import type { FastifyInstance } from 'fastify'
import type { TypedDocumentString } from './generated/graphql.ts'

/** An error of an answer (docs/reference/errors.md). */
export interface GraphqlError {
  readonly message: string
  readonly path?: readonly (string | number)[]
  readonly extensions: { readonly code: string }
}

export interface Answer<Data> {
  /** Absent where the document was refused; null where a field that may not be null failed. */
  readonly data?: Data | null
  readonly errors?: readonly GraphqlError[]
}

export type Send = <Data, Variables>(
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
) => Promise<Answer<Data>>

/** Sends documents to a gateway with the given headers. */
export const openClient =
  (app: FastifyInstance, headers: Readonly<Record<string, string>> = {}): Send =>
  async (document, variables) => {
    const answer = await app.inject({
      method: 'POST',
      url: '/graphql',
      headers: { ...headers, 'content-type': 'application/json' },
      payload: JSON.stringify({ query: document.toString(), variables }),
    })
    return answer.json()
  }
