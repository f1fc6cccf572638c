// The documents that clients have listed: which text a request means, and whether a text may be executed.
import { createHash } from 'node:crypto'
import { echo, type Issue, Problem } from '../../errors.ts'
import type { Parameters } from '../http/graphql-over-http.ts'
import type { ListedDocument } from './document-lists.ts'

/** What may be executed: any text, texts that are listed, or what is asked for by its id alone. */
export const documentModes = ['any', 'known', 'trusted'] as const
export type DocumentMode = (typeof documentModes)[number]

export interface ListedDocuments {
  readonly mode: DocumentMode
  readonly all: readonly ListedDocument[]
  /** Texts by id, as listed. */
  readonly byId: ReadonlyMap<string, string>
  /** Texts by their SHA-256, in lower-case hex. */
  readonly byHash: ReadonlyMap<string, string>
  readonly texts: ReadonlySet<string>
}

/** The same id in two lists must mean the same text; `openDocumentLists` refuses others. */
export const listDocuments = (
  mode: DocumentMode,
  all: readonly ListedDocument[],
): ListedDocuments => ({
  mode,
  all,
  byId: new Map(all.map(({ id, text }) => [id, text])),
  byHash: new Map(all.map(({ text }) => [toHash(text), text])),
  texts: new Set(all.map(({ text }) => text)),
})

/** Any text, and nothing listed. */
export const anyDocument: ListedDocuments = listDocuments('any', [])

const toHash = (text: string): string => createHash('sha256').update(text).digest('hex')

/**
 * The text that a request asks to execute (GraphQL over HTTP, appendix A; Apollo's persisted queries). Nothing is
 * registered: a list changes when its client is built.
 * @throws Problem PERSISTED_QUERY_NOT_FOUND for an id that no list has, BAD_REQUEST for a text that may not be executed
 */
export function toDocumentText(
  listed: ListedDocuments,
  { query, documentId }: Pick<Parameters, 'query' | 'documentId'>,
): string {
  if (query === null) return findText(listed, documentId ?? '')
  if (documentId !== null && toHash(query) !== documentId)
    throw refuse(['extensions', 'persistedQuery'], 'wrong_hash', 'sha256Hash is not that of query.')
  if (listed.mode === 'trusted')
    throw refuse(
      ['query'],
      'not_listed',
      'Documents are executed by their id alone: send documentId in place of query.',
    )
  if (listed.mode === 'known' && !listed.texts.has(query))
    throw refuse(['query'], 'not_listed', 'The document is not one of those that are listed here.')
  return query
}

const HASH_PREFIX = 'sha256:'

function findText({ byId, byHash }: ListedDocuments, id: string): string {
  const hash = id.startsWith(HASH_PREFIX) ? id.slice(HASH_PREFIX.length) : id
  const text = byId.get(id) ?? byHash.get(hash)
  if (text !== undefined) return text
  const message = `No document is listed under the id ${echo(id)}.`
  throw new Problem('PERSISTED_QUERY_NOT_FOUND', message, {
    issues: [{ in: 'document', path: ['documentId'], code: 'unknown_document', message }],
  })
}

function refuse(path: Issue['path'], code: string, message: string): Problem {
  return new Problem('BAD_REQUEST', message, {
    issues: [{ in: 'document', path, code, message }],
  })
}
