// Conditional requests (RFC 9110, section 13): tags of answers, and what a caller asks of them.
import type { IncomingHttpHeaders } from 'node:http'
import { hash } from 'node:crypto'
import { anyVersion } from '../../engine/row-version.ts'
import type { Selection } from '../../engine/request.ts'
import { refuseHeader } from '../../engine/unsupported-headers.ts'
import { Problem } from '../../errors.ts'
import { filtersRows } from '../../schema/declare/access.ts'
import type { Field, Resource } from '../../schema/model/model.ts'
import { unreadable } from '../errors.ts'

/** Weak: of the body, whose rows may come from several tables. */
export const weakTag = (body: string | Buffer): string =>
  `W/"${hash('sha256', body, 'base64url').slice(0, 27)}"`

/** Strong: of the row's version, and of what is shown of it where it is shown. */
export const strongTag = (tag: string): string => `"${tag}"`

/** Names what is shown of a row: the same version has another tag where a caller sees other fields. */
export const representationOf = (names: readonly string[]): string =>
  hash('sha256', names.join(), 'base64url').slice(0, 8)

/** Asks for the row's version where nothing but the row decides what is shown: then its tag is a strong one. */
export function withVersion(resource: Resource, selection: Selection): Selection {
  const names = selection.fields === 'default' ? [...resource.fields.keys()] : selection.fields
  const isPlain =
    selection.relations.length === 0 && names.every((name) => isRowsOwn(resource.fields.get(name)))
  return resource.version !== null && isPlain ? { ...selection, version: true } : selection
}

const isRowsOwn = (field: Field | undefined): boolean =>
  field !== undefined &&
  'column' in field.source &&
  (field.read === null || !filtersRows(field.read))

const TAG = /(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"/g

interface Tag {
  readonly isWeak: boolean
  readonly text: string
}

/** Tags of a list; null where it is none. */
function readTags(text: string): readonly Tag[] | null {
  const places = text
    .replaceAll(TAG, 't')
    .split(',')
    .map((place) => place.trim())
    .filter((place) => place !== '')
  if (places.length === 0 || places.some((place) => place !== 't')) return null
  return [...text.matchAll(TAG)].map(([, weak, tag = '']) => ({
    isWeak: weak !== undefined,
    text: tag,
  }))
}

/** Whether the caller has this body already (section 13.1.2: weak comparison). */
export function isKnown(etag: string, ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch.trim() === '*') return true
  const tags = readTags(ifNoneMatch)
  if (tags === null) throw malformed('If-None-Match')
  return tags.some((tag) => etag.endsWith(`"${tag.text}"`))
}

/** The versions of which a write's row must have one. */
export interface Precondition {
  /** As the engine takes it: see OperationInput. */
  readonly version: readonly string[] | typeof anyVersion | undefined
  /** A weak tag was among what was given, which is equal to no tag here (section 8.8.3.2). */
  readonly hasWeak: boolean
}

export function readPrecondition({ 'if-match': given }: IncomingHttpHeaders): Precondition {
  if (given === undefined) return { version: undefined, hasWeak: false }
  if (given.trim() === '*') return { version: anyVersion, hasWeak: false }
  const tags = readTags(given)
  if (tags === null) throw malformed('If-Match')
  return {
    version: tags.filter(({ isWeak }) => !isWeak).map(({ text }) => text),
    hasWeak: tags.some(({ isWeak }) => isWeak),
  }
}

/** What to do about a weak tag, where one did not hold. */
export function explainWeak(error: unknown, { hasWeak }: Precondition): unknown {
  if (!hasWeak || !(error instanceof Problem) || error.code !== 'PRECONDITION_FAILED') return error
  return new Problem(
    'PRECONDITION_FAILED',
    `${error.message} A weak tag never holds in If-Match: it is of an answer that is more than the row. Read the row's own columns alone (fields=…), whose tag is strong.`,
  )
}

function malformed(name: string): Problem {
  const message = `${name} is * or a list of tags such as "a", "b".`
  return unreadable(message, [
    { in: 'document', path: [name.toLowerCase()], code: 'malformed_header', message },
  ])
}

/** What a route keeps of the conditions and promises that a caller may send. */
export interface SupportedConditions {
  readonly ifMatch?: boolean
  readonly idempotencyKey?: boolean
}

/** A condition or promise that is not kept must not be taken for one that is. */
export function refuseUnsupported(
  headers: IncomingHttpHeaders,
  kept: SupportedConditions,
  isRead: boolean,
): void {
  refuseHeader(headers, 'if-unmodified-since', 'Rows have versions and no times; use If-Match.')
  if (kept.idempotencyKey !== true) refuseHeader(headers, 'idempotency-key', 'It is for writes.')
  if (kept.ifMatch !== true)
    refuseHeader(
      headers,
      'if-match',
      'It holds of updates and deletes of one row that has a version.',
    )
  if (!isRead) refuseHeader(headers, 'if-none-match', 'It is for GET.')
}
