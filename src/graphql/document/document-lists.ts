// Lists of documents, as a client's build writes them: GraphQL Code Generator, Relay and Apollo.
import * as z from 'zod'

/** One document of a client. */
export interface ListedDocument {
  /** As the client's build gave it: SHA-1, MD5, SHA-256 or a name of its own. */
  readonly id: string
  readonly text: string
  /** The file that lists it, as configured. */
  readonly file: string
}

const MAX_ID_CHARS = 200

const id = z.string().min(1).max(MAX_ID_CHARS)
const text = z.string().min(1)

/** GraphQL Code Generator's persisted-documents.json and Relay's persisted_queries.json: ids with their texts. */
const textsById = z.record(id, text)
/** Apollo's persisted query manifest. */
const manifest = z.object({
  format: z.literal('apollo-persisted-query-manifest'),
  version: z.literal(1),
  operations: z.array(z.object({ id, body: text })),
})

/** What is wrong with a file, without its content. */
export class ListFault extends Error {
  override readonly name = 'ListFault'
}

/**
 * Reads one list.
 * @throws ListFault where it is not JSON, or in none of the three forms
 */
export function parseDocumentList(file: string, content: string): readonly ListedDocument[] {
  const value = toJson(content)
  const read = manifest.safeParse(value)
  if (read.success)
    return read.data.operations.map(({ id: name, body }) => ({ id: name, text: body, file }))
  const texts = textsById.safeParse(value)
  if (texts.success)
    return Object.entries(texts.data).map(([name, one]) => ({ id: name, text: one, file }))
  throw new ListFault(
    'it is neither an object of ids with their documents (GraphQL Code Generator, Relay) nor a persisted query manifest of version 1 (Apollo)',
  )
}

function toJson(content: string): unknown {
  try {
    return JSON.parse(content)
  } catch {
    throw new ListFault('it is not JSON')
  }
}
