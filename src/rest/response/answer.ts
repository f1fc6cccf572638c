// Answers: what goes back over HTTP, with the headers that hold for every answer of this face.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { readCell } from '../../engine/value-codec.ts'
import { versionTag } from '../../engine/row-version.ts'
import { releaseBytes } from '../../engine/render/json-buffer.ts'
import { cellText } from '../../engine/render/row-reader.ts'
import type { Layout, Row } from '../../engine/result.ts'
import type { Rendered } from '../../engine/render/render-json.ts'
import { memoize } from '../../memoize.ts'
import { isKnown, strongTag, weakTag } from '../request/preconditions.ts'
import { noRow } from '../errors.ts'
import { linksOf, toLinkHeader } from './links.ts'
import { JSON_TYPE } from '../request/prefer.ts'
import { representationIn } from './row-template.ts'
import { locationOf } from '../request/paths.ts'

export interface Answer {
  readonly status: number
  /** JSON text; null for none. */
  readonly body: string | Buffer | null
  /** What a strong tag is made of; without, an answer to a read has a weak one of its body. */
  readonly tag?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** What was read: a row, or a page with its links. */
export function toAnswer(written: Rendered | null, url: string): Answer {
  if (written === null)
    throw new Error('A read of this face that is denied a part is refused as a whole.')
  if (!written.found) return noRow()
  const link = written.page === null ? null : toLinkHeader(url, linksOf(written.page))
  return {
    status: 200,
    body: written.bytes,
    headers: link === null ? {} : { link },
    ...(written.tag === undefined ? {} : { tag: written.tag }),
  }
}

/** The tag of a row that was written: of its version alone where nothing of it is shown. */
export function toTag(layout: Layout, row: Row, isShown: boolean): Pick<Answer, 'tag'> {
  const version = layout.version === undefined ? null : cellText(row, layout.version)
  if (version === null) return {}
  return { tag: isShown ? versionTag(version, representationIn(layout)) : version }
}

interface WrittenRow {
  readonly layout: Layout
  readonly row: Row
}

/** The path of a row, from the cells of its key. */
export function toLocation(prefix: string, { layout, row }: WrittenRow): string {
  const cells = layout.resource.primaryKey.fields.map((field, i) => {
    const index = layout.key[i]
    return String(readCell(field)(index === undefined ? null : cellText(row, index)))
  })
  return locationOf(prefix, layout.resource, cells)
}

const reads: ReadonlySet<string> = new Set(['GET', 'HEAD'])

/** Sends an answer; a GET whose body the caller has already is a 304. */
export function sendAnswer(
  request: FastifyRequest,
  reply: FastifyReply,
  { status, body, headers, tag }: Answer,
): FastifyReply {
  if (Buffer.isBuffer(body)) reply.raw.once('finish', () => releaseBytes(body))
  const isRead = reads.has(request.method)
  const etag = tag !== undefined ? strongTag(tag) : isRead ? weakTag(body ?? '') : null
  const known = isRead && etag !== null && isKnown(etag, request.headers['if-none-match']) // throws before anything is said that an error would go out with
  reply.code(status)
  if (headers !== undefined) reply.headers(headers)
  if (etag !== null) reply.header('etag', etag)
  if (isRead) reply.header('cache-control', 'no-cache')
  if (known) return reply.code(304).send()
  return body === null ? reply.send() : reply.type(JSON_TYPE).send(body)
}

const varying = ['Authorization', 'X-API-Key', 'Accept']

/** Adds to what others have said already, such as CORS. */
export function vary(reply: FastifyReply): void {
  const said = reply.getHeader('vary') ?? ''
  reply.header('vary', withOurs(Array.isArray(said) ? said.join(', ') : String(said)))
}

const withOurs = memoize(100, (text) => {
  const said = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  const missing = varying.filter(
    (name) => !said.some((other) => other.toLowerCase() === name.toLowerCase()),
  )
  return [...said, ...missing].join(', ')
})
