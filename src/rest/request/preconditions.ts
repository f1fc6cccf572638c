// Conditional requests (RFC 9110, section 13): tags of answers, If-None-Match and If-Match, and the headers that a route does not support.
import type { IncomingHttpHeaders } from 'node:http'
import { hash } from 'node:crypto'
import { anyVersion } from '../../engine/row-version.ts'
import type { Selection } from '../../engine/request.ts'
import { refuseHeader } from '../../engine/unsupported-headers.ts'
import { Problem } from '../../errors.ts'
import { filtersRows } from '../../schema/declare/access.ts'
import type { Field, Resource } from '../../schema/model/model.ts'
import { unreadable } from '../errors.ts'

/** The hash of a body. It is weak, because the rows may come from several tables. */
export const weakTag = (body: string | Buffer): string =>
  `W/"${hash('sha256', body, 'base64url').slice(0, 27)}"`

/** Of the row's version, and of the fields that are shown, if any. */
export const strongTag = (tag: string): string => `"${tag}"`

/** Names the fields that are shown: the same version has another tag for a caller who sees other fields. */
export const representationOf = (names: readonly string[]): string =>
  hash('sha256', names.join(), 'base64url').slice(0, 8)

/** Selects the row's version where the answer depends on the row alone: it then has a strong tag. */
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

/** The tags of a list; null where the text is no list of tags. */
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

/** The versions that a write accepts. */
export interface Precondition {
  /** For the engine: see OperationInput. */
  readonly version: readonly string[] | typeof anyVersion | undefined
  /** Whether a weak tag was given, which equals no tag in If-Match (section 8.8.3.2). */
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

/** Adds to PRECONDITION_FAILED how to get a strong tag, where the caller gave a weak one. */
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

/** The conditional headers that a route supports. */
export interface SupportedConditions {
  readonly ifMatch?: boolean
  readonly idempotencyKey?: boolean
}

/** Refuses conditional headers that the route does not support, rather than ignore them. */
export function refuseUnsupported(
  headers: IncomingHttpHeaders,
  supported: SupportedConditions,
  isRead: boolean,
): void {
  refuseHeader(headers, 'if-unmodified-since', 'Rows have versions and no times; use If-Match.')
  if (supported.idempotencyKey !== true)
    refuseHeader(headers, 'idempotency-key', 'It is for writes.')
  if (supported.ifMatch !== true)
    refuseHeader(
      headers,
      'if-match',
      'It holds of updates and deletes of one row that has a version.',
    )
  if (!isRead) refuseHeader(headers, 'if-none-match', 'It is for GET.')
}
