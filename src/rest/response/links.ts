// Links of a page (RFC 8288): the same request with another cursor, as an absolute path.
import type { PageView } from '../../engine/render/template.ts'
import { memoize } from '../../memoize.ts'
import { decode } from '../request/query-string.ts'

export interface PageLinks {
  readonly next: string | null
  readonly previous: string | null
}

/** Cursors of the pages on either side; null where there is none. */
export const linksOf = ({ hasNext, hasPrevious, start, end }: PageView): PageLinks => ({
  next: hasNext ? end : null,
  previous: hasPrevious ? start : null,
})

/** The value of `Link`; null where the page is the only one. */
export function toLinkHeader(url: string, { next, previous }: PageLinks): string | null {
  const links: string[] = []
  if (next !== null) links.push(`<${withCursor(url, 'after', next)}>; rel="next"`)
  if (previous !== null) links.push(`<${withCursor(url, 'before', previous)}>; rel="prev"`)
  return links.length === 0 ? null : links.join(', ')
}

const places = new Set(['after', 'before', 'offset'])

const withCursor = (url: string, name: 'after' | 'before', cursor: string): string =>
  `${withoutPlace(url)}${name}=${cursor}`

/** The path and the parameters as they were sent, without those that say where the page is. */
const withoutPlace = memoize(500, (url) => {
  const [, path = '', query = ''] =
    /^([^?]*)\??(.*)$/s.exec(url.replace(/^https?:\/\/[^/]*/, '')) ?? [] // a query may have more of ?
  const kept = query
    .split('&')
    .filter((part) => part !== '' && !places.has(decode(part.split('=', 1)[0] ?? '')))
  // RFC 3986 does not allow all characters in a query; the quotes of JSON would end the <…>
  return `${path}?${kept.map((part) => `${part.replaceAll(/[^\w.~!$&'()*+,;=:@/?%-]/g, (character) => encodeURIComponent(character))}&`).join('')}`
})
