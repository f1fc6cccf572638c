// Documents: from text to what may be executed. Limits before work, then parsing and validation, kept for the next time.
import {
  type DocumentNode,
  type GraphQLError,
  Lexer,
  parse,
  Source,
  TokenKind,
  Kind as Ast,
  visit,
} from 'graphql'
import { type BoundedMap, openBoundedMap } from '../../bounded-map.ts'
import { type Budget, heapOfText } from '../../cache-budget.ts'
import { Problem } from '../../errors.ts'
import { refuseDocument, refuseText } from '../errors.ts'
import { countFields } from './count-fields.ts'
import { boundSameNames } from './same-names.ts'
import { type FindFaults, openValidation, type Validating } from './validate.ts'

/** What one document may hold (docs/guides/querying.md, Limits). Depth counts relations and is the engine's. */
export interface DocumentLimits {
  readonly bytes: number
  readonly tokens: number
  readonly aliases: number
  readonly directives: number
  /** Fields at one place with one name in the answer. */
  readonly sameNames: number
  /** Elements of lists and members of input objects, in all variables together. */
  readonly values: number
  /** Characters of variables that are used several times, each counted as often as it is used. */
  readonly variables: number
}

export const defaultDocumentLimits: DocumentLimits = Object.freeze({
  bytes: 16 * 1024,
  tokens: 2000,
  aliases: 30,
  directives: 20,
  sameNames: 50,
  values: 10_000,
  variables: 2 * 1024 * 1024,
})

const MAX_DOCUMENTS = 10_000
/** The memory of a node of a parsed document with its location, and of an entry of the cache. */
const BYTES_PER_NODE = 200
const BYTES_PER_ENTRY = 1000

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

/** A document that is kept, and how many nodes it has. */
interface Known {
  readonly document: DocumentNode
  readonly nodes: number
}

/** Valid documents by their texts. Schemas of several callers share it: each has keys of its own. */
export type DocumentCache = BoundedMap<string, Known>

/** @param onEvict is called with each document that makes room for others */
export const openDocumentCache = (
  budget: Budget,
  onEvict: (document: DocumentNode) => void,
): DocumentCache =>
  openBoundedMap({
    name: 'documents',
    maxEntries: MAX_DOCUMENTS,
    budget,
    weigh: (key, { nodes }) => BYTES_PER_ENTRY + heapOfText(key) + nodes * BYTES_PER_NODE,
    onEvict: (_key, { document }) => onEvict(document),
  })

interface Opening extends Validating, Pick<Reading, 'limits'> {
  readonly cache: DocumentCache
  /** The start of its keys in the cache. */
  readonly scope: string
}

export function openDocuments({ limits, cache, scope, ...validating }: Opening): Documents {
  const reading: Reading = { findFaults: openValidation(validating), limits }
  return {
    parse: (text) => readDocument(reading, text).document,
    read(text) {
      const key = scope + text
      const known = cache.get(key)
      if (known !== undefined) return known.document
      const read = readDocument(reading, text)
      cache.set(key, read)
      return read.document
    },
  }
}

function readDocument({ findFaults, limits }: Reading, text: string): Known {
  limit('The document has', Buffer.byteLength(text), limits.bytes, 'bytes')
  const document = parseDocument(text, limits)
  const nodes = countNodes(document, limits)
  boundSameNames(document, limits)
  const faults = findFaults(document)
  if (faults.some(({ literal }) => !literal)) throw refuseDocument(document, faults)
  limit(
    'With its fragments written out, the document has',
    countFields(document),
    limits.tokens,
    'fields',
  ) // before wrong literals, which are judged with all of them written out
  if (faults.length > 0) throw refuseDocument(document, faults)
  return { document, nodes }
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

/** Counts nodes, and forgets the tokens between them: locations keep all of them, comments too, in a list as large as the nodes. */
function countNodes(document: DocumentNode, limits: DocumentLimits): number {
  let nodes = 0
  let aliases = 0
  let directives = 0
  visit(document, {
    enter(node) {
      nodes += 1
      if (node.kind === Ast.FIELD && node.alias !== undefined) aliases += 1
      if (node.kind === Ast.DIRECTIVE) directives += 1
      if (node.loc !== undefined) Object.assign(node.loc, { startToken: null, endToken: null }) // nothing asks for them
    },
  })
  limit('The document has', aliases, limits.aliases, 'aliases')
  limit('The document has', directives, limits.directives, 'directives')
  return nodes
}
