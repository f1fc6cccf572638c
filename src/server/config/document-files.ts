// The files in which clients list their documents, read once at start.
import { readFileSync } from 'node:fs'
import {
  ListFault,
  type ListedDocument,
  parseDocumentList,
} from '../../graphql/document/document-lists.ts'
import { listDocuments, type ListedDocuments } from '../../graphql/document/listed-documents.ts'
import { type Config, ConfigurationError } from './config.ts'

/**
 * Reads the files of `GRAPHQL_DOCUMENT_FILES`.
 * @throws ConfigurationError with every file that cannot be read, and every id that stands for two documents
 */
export function readDocumentFiles({
  graphqlDocuments,
  graphqlDocumentFiles = [],
}: Pick<Config, 'graphqlDocuments' | 'graphqlDocumentFiles'>): ListedDocuments {
  const faults: string[] = []
  const all = graphqlDocumentFiles.flatMap((file) => {
    try {
      return parseDocumentList(file, readFileSync(file, 'utf8'))
    } catch (error) {
      faults.push(`GRAPHQL_DOCUMENT_FILES names ${file}, but ${reasonOf(error)}.`)
      return []
    }
  })
  const conflicts = conflictsIn(all)
  if (faults.length + conflicts.length > 0) throw new ConfigurationError([...faults, ...conflicts])
  return listDocuments(graphqlDocuments, all)
}

function reasonOf(error: unknown): string {
  if (error instanceof ListFault) return error.message
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
  return code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`
}

function conflictsIn(all: readonly ListedDocument[]): readonly string[] {
  const seen = new Map<string, ListedDocument>()
  return all.flatMap((listed) => {
    const before = seen.get(listed.id) ?? listed
    seen.set(listed.id, before)
    if (before.text === listed.text) return []
    return [
      `GRAPHQL_DOCUMENT_FILES lists two documents under the id ${listed.id}: in ${before.file} and in ${listed.file}.`,
    ]
  })
}
