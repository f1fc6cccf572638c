// Listed documents at start: each is read, validated and compiled once, and stays for the life of the process.
import type { DocumentNode } from 'graphql'
import { isDocumentFault } from '../errors.ts'
import { Problem } from '../../errors.ts'
import type { ListedDocument } from './document-lists.ts'
import type { Documents } from './read-document.ts'

/** A listed document that this schema or its limits do not allow. Requests for it are refused with the same issues. */
export interface OutdatedDocument extends ListedDocument {
  /** What is wrong, one sentence a fault. */
  readonly faults: readonly string[]
}

export interface PreparedDocuments {
  /** Knows the listed documents, and reads all others. */
  readonly documents: Documents
  readonly outdated: readonly OutdatedDocument[]
}

/** @param compile compiles what can be compiled of a document */
export function prepareListed(
  others: Documents,
  all: readonly ListedDocument[],
  compile: (document: DocumentNode) => void,
): PreparedDocuments {
  const kept = new Map<string, DocumentNode>()
  const outdated: OutdatedDocument[] = []
  for (const listed of all) {
    try {
      const document = kept.get(listed.text) ?? others.parse(listed.text)
      kept.set(listed.text, document)
      compile(document)
    } catch (error) {
      outdated.push({ ...listed, faults: faultsOf(error) })
    }
  }
  return {
    documents: { ...others, read: (text) => kept.get(text) ?? others.read(text) },
    outdated,
  }
}

/** @throws what is no fault of the document */
function faultsOf(error: unknown): readonly string[] {
  if (error instanceof Problem) return [error.message]
  if (isDocumentFault(error)) return error.problem.issues.map(({ message }) => message)
  throw error
}
