// Documents: from text to what may be executed. Limits before work, then parsing and validation, kept for the next time.
import {
  type DocumentNode,
  type GraphQLError,
  Lexer,
  parse,
  type SelectionSetNode,
  Source,
  TokenKind,
  visit,
  Kind as Ast,
} from 'graphql'
import { type BoundedMap, type Budget, openBoundedMap } from '../../bounded-map.ts'
import { Problem } from '../../errors.ts'
import { refuseDocument, refuseText } from '../errors.ts'
import { type FindFaults, openValidation, type Validating } from './validate.ts'

/** What one document may hold (docs/guides/querying.md, Limits). Depth counts relations and is the engine's. */
export interface DocumentLimits {
  readonly bytes: number
  readonly tokens: number
  readonly aliases: number
  readonly directives: number
  /** Elements of lists and members of input objects, in all variables together. */
  readonly values: number
}

export const defaultDocumentLimits: DocumentLimits = Object.freeze({
  bytes: 16 * 1024,
  tokens: 2000,
  aliases: 30,
  directives: 20,
  values: 10_000,
})

const MAX_DOCUMENTS = 1000
const MAX_DOCUMENT_BYTES = 60 * 1024 * 1024
/** A parsed document takes some thirty times the memory of its text. */
const BYTES_PER_CHARACTER = 30

export interface Documents {
  /** @throws Problem TOO_COMPLEX; DocumentFault with every place of a document that is not valid */
  read(text: string): DocumentNode
  /** The same, and nothing is kept. @throws as `read` does */
  parse(text: string): DocumentNode
}

interface Reading {
  readonly findFaults: FindFaults
  readonly limits: DocumentLimits
}

/** Valid documents by their texts. Schemas of several callers share it: each has keys of its own. */
export type DocumentCache = BoundedMap<string, DocumentNode>

export const openDocumentCache = (budget: Budget): DocumentCache =>
  openBoundedMap({
    maxEntries: MAX_DOCUMENTS,
    maxBytes: MAX_DOCUMENT_BYTES,
    budget,
    weigh: (key) => key.length * BYTES_PER_CHARACTER,
  })

interface Opening extends Validating, Pick<Reading, 'limits'> {
  readonly cache: DocumentCache
  /** The start of its keys in the cache. */
  readonly scope: string
}

export function openDocuments({ limits, cache, scope, ...validating }: Opening): Documents {
  const reading: Reading = { findFaults: openValidation(validating), limits }
  const parseText = (text: string): DocumentNode => readDocument(reading, text)
  return {
    parse: parseText,
    read(text) {
      const key = scope + text
      const known = cache.get(key)
      if (known !== undefined) return known
      const document = parseText(text)
      cache.set(key, document)
      return document
    },
  }
}

function readDocument({ findFaults, limits }: Reading, text: string): DocumentNode {
  limit('The document has', Buffer.byteLength(text), limits.bytes, 'bytes')
  const document = parseDocument(text, limits)
  countNodes(document, limits)
  const faults = findFaults(document)
  if (faults.some(({ literal }) => !literal)) throw refuseDocument(document, faults)
  limit(
    'With its fragments written out, the document has',
    countFields(document),
    limits.tokens,
    'fields',
  ) // before wrong literals, which are judged with all of them written out
  if (faults.length > 0) throw refuseDocument(document, faults)
  return document
}

function limit(what: string, figure: number, most: number, unit: string): void {
  if (figure > most)
    throw new Problem('TOO_COMPLEX', `${what} ${figure} ${unit}; at most ${most} are allowed.`)
}

function parseDocument(text: string, limits: DocumentLimits): DocumentNode {
  try {
    return parse(text, { maxTokens: limits.tokens })
  } catch (error) {
    limit('The document has', countTokens(text), limits.tokens, 'tokens')
    throw refuseText(error as GraphQLError) // the parser throws nothing else
  }
}

/** All tokens, or those before the first that is none: that one is the parser's to report. */
function countTokens(text: string): number {
  const lexer = new Lexer(new Source(text))
  let count = 0
  try {
    while (lexer.advance().kind !== TokenKind.EOF) count += 1
  } catch {
    return 0
  }
  return count
}

function countNodes(document: DocumentNode, limits: DocumentLimits): void {
  let aliases = 0
  let directives = 0
  visit(document, {
    Field: (node) => {
      if (node.alias !== undefined) aliases += 1
    },
    Directive: () => {
      directives += 1
    },
  })
  limit('The document has', aliases, limits.aliases, 'aliases')
  limit('The document has', directives, limits.directives, 'directives')
}

/** Fields with every fragment written out: fragments in fragments make few tokens into many levels. */
function countFields(document: DocumentNode): number {
  const fragments = new Map(
    document.definitions.flatMap((node) =>
      node.kind === Ast.FRAGMENT_DEFINITION ? [[node.name.value, node.selectionSet] as const] : [],
    ),
  )
  const counted = new Map<string, number>()
  const ofFragment = (name: string): number => {
    const known = counted.get(name)
    if (known !== undefined) return known
    const set = fragments.get(name)
    const count = set === undefined ? 0 : ofSet(set) // no cycles: validation has been before
    counted.set(name, count)
    return count
  }
  const ofSet = (set: SelectionSetNode): number =>
    set.selections.reduce((sum, node) => {
      if (node.kind === Ast.FRAGMENT_SPREAD) return sum + ofFragment(node.name.value)
      if (node.kind === Ast.INLINE_FRAGMENT) return sum + ofSet(node.selectionSet)
      return sum + 1 + (node.selectionSet === undefined ? 0 : ofSet(node.selectionSet))
    }, 0)
  return document.definitions.reduce(
    (sum, node) => (node.kind === Ast.OPERATION_DEFINITION ? sum + ofSet(node.selectionSet) : sum),
    0,
  )
}
