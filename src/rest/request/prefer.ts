// What HTTP lets a caller ask for beside the resource: media types, preferences (RFC 9110, RFC 7240).
import { openChooser } from '../../accept.ts'
import { Problem } from '../../errors.ts'

export const JSON_TYPE = 'application/json; charset=utf-8'

/** What a list can be answered as; everything else is JSON. */
export type MediaName = 'json' | 'csv' | 'ndjson'

/** A list as lines. */
export type ExportName = Exclude<MediaName, 'json'>

const names = {
  'application/json': 'json',
  'text/csv': 'csv',
  'application/x-ndjson': 'ndjson',
} as const satisfies Readonly<Record<string, MediaName>>

type MediaType = keyof typeof names

/**
 * The form that the caller likes best of those that there are, JSON unless another is named.
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

/** `Prefer: return=…`; others, and values that nobody has defined, are ignored as RFC 7240 asks. */
export function preferredReturn(
  prefer: string | string[] | undefined,
): 'minimal' | 'representation' | null {
  for (const part of [prefer ?? []].flat().join(',').split(',')) {
    const [, name = '', value = ''] = /^\s*([\w-]+)\s*(?:=\s*"?([^";\s]*)"?)?/.exec(part) ?? []
    if (name.toLowerCase() !== 'return') continue // and of several the first counts
    return value === 'minimal' || value === 'representation' ? value : null
  }
  return null
}
