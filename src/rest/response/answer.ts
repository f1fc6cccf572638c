// Answers: status, body, tag and headers of what REST sends.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { readCell } from '../../engine/value-codec.ts'
import { versionTag } from '../../engine/row-version.ts'
import { releaseBytes } from '../../engine/render/json-buffer.ts'
import { cellText } from '../../engine/render/row-reader.ts'
import type { Layout, Row } from '../../engine/result.ts'
import type { Rendered } from '../../engine/render/render-json.ts'
import type { PageView } from '../../engine/render/template.ts'
import { isKnown, strongTag, weakTag } from '../request/preconditions.ts'
import { noRow } from '../errors.ts'
import { linksOf, toLinkHeader } from './links.ts'
import { JSON_TYPE } from '../request/prefer.ts'
import { representationIn } from './row-template.ts'
import { locationOf } from '../request/paths.ts'

export interface Answer {
  readonly status: number
  /** JSON text, of a problem where the status is 400 or above; null for none. */
  readonly body: string | Buffer | null
  /** A strong tag without its quotes. Without it, the answer to a read has a weak tag of its body. */
  readonly tag?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** The answer to a read: a row, or a page with its links. */
export function toAnswer(written: Rendered | null, url: string): Answer {
  if (written === null)
    throw new Error('A read on REST that is denied a part of what it names is refused as a whole.')
  if (!written.found) return noRow()
  const { bytes: body, page, tag } = written
  return { status: 200, body, headers: page === null ? undefined : linkHeader(url, page), tag }
}

function linkHeader(url: string, page: PageView): Answer['headers'] {
  const link = toLinkHeader(url, linksOf(page))
  return link === null ? undefined : { link }
}

export interface ShownRow {
  readonly layout: Layout
  readonly row: Row
}

/** The tag of a row that was written: of its version alone where nothing of it is shown. */
export function tagOf({ layout, row }: ShownRow, isShown: boolean): string | undefined {
  if (layout.version === undefined) return undefined
  const version = cellText(row, layout.version) ?? undefined
  if (version === undefined || !isShown) return version
  return versionTag(version, representationIn(layout))
}

/** The path of a row, from the cells of its key. */
export function toLocation(prefix: string, { layout, row }: ShownRow): string {
  const cells = layout.resource.primaryKey.fields.map((field, i) => {
    const index = layout.key[i]
    return String(readCell(field)(index === undefined ? null : cellText(row, index)))
  })
  return locationOf(prefix, layout.resource, cells)
}

type HeaderFields = NonNullable<Answer['headers']>

/** Headers of an answer that is kept or sent within another. */
export const withTag = (headers: HeaderFields, tag: string | undefined): HeaderFields =>
  tag === undefined ? headers : { ...headers, etag: strongTag(tag) }

const reads: ReadonlySet<string> = new Set(['GET', 'HEAD'])

/** Sends an answer; a GET whose body the caller has already is a 304. */
export function sendAnswer(
  request: FastifyRequest,
  reply: FastifyReply,
  { status, body, headers, tag }: Answer,
): FastifyReply {
  if (Buffer.isBuffer(body)) reply.raw.once('finish', () => releaseBytes(body))
  const isRead = reads.has(request.method)
  const etag = etagOf(tag, isRead, body)
  // refuses a malformed If-None-Match before any header is set, for the error would be sent with it
  const known = isRead && etag !== null && isKnown(etag, request.headers['if-none-match'])
  reply.code(status)
  if (headers !== undefined) reply.headers(headers)
  if (etag !== null) reply.header('etag', etag)
  if (isRead) reply.header('cache-control', 'no-cache')
  if (known) return reply.code(304).send()
  if (body === null) return reply.send()
  if (status < 400) return reply.type(JSON_TYPE).send(body)
  return reply.type(PROBLEM_TYPE).send(Buffer.from(body)) // bytes, as sendProblem has it
}

/** Of a refusal that is answered again. */
const PROBLEM_TYPE = 'application/problem+json'

function etagOf(tag: string | undefined, isRead: boolean, body: Answer['body']): string | null {
  if (tag !== undefined) return strongTag(tag)
  return isRead ? weakTag(body ?? '') : null
}
