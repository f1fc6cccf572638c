// Content negotiation and preferences: Accept (RFC 9110, section 12.5.1) and Prefer (RFC 7240).
import { openChooser } from '../../accept.ts'
import { Problem } from '../../errors.ts'

export const JSON_TYPE = 'application/json; charset=utf-8'

/** Media types of lists; all other answers are JSON. */
export type MediaName = 'json' | 'csv' | 'ndjson'

/** Media types of exports: a whole list, a row a line. */
export type ExportName = Exclude<MediaName, 'json'>

const names = {
  'application/json': 'json',
  'text/csv': 'csv',
  'application/x-ndjson': 'ndjson',
} as const satisfies Readonly<Record<string, MediaName>>

type MediaType = keyof typeof names

/**
 * The media type that the caller prefers among the offered ones; JSON unless another is named.
 * @throws Problem NOT_ACCEPTABLE
 */
export function chooseMedia(accept: string | undefined, offered: keyof typeof choosers): MediaName {
  const { types, choose } = choosers[offered]
  const chosen = choose(accept)
  if (chosen !== null) return names[chosen]
  throw new Problem(
    'NOT_ACCEPTABLE',
    `Answers are ${types.join(', ')}, errors application/problem+json.`,
  )
}

const chooser = (...types: readonly MediaType[]) => ({
  types,
  choose: openChooser<MediaType>(types, 'application/json'),
})

const choosers = {
  json: chooser('application/json'),
  all: chooser('application/json', 'text/csv', 'application/x-ndjson'),
}

/** What a write answers: nothing, or what was written. */
export type Return = 'minimal' | 'representation'

/** `Prefer: return=…`. Other preferences and unknown values are ignored, as RFC 7240 asks. */
export function preferredReturn(prefer: string | string[] | undefined): Return | null {
  for (const part of [prefer ?? []].flat().join(',').split(',')) {
    const [, name = '', value = ''] = /^\s*([\w-]+)\s*(?:=\s*"?([^";\s]*)"?)?/.exec(part) ?? []
    if (name.toLowerCase() !== 'return') continue // of several, the first counts
    return value === 'minimal' || value === 'representation' ? value : null
  }
  return null
}
