// What HTTP lets a caller ask for beside the resource: media types, preferences (RFC 9110, RFC 7240).
import { Problem } from '../../errors.ts'
import { remembered } from '../../remembered.ts'

export const JSON_TYPE = 'application/json; charset=utf-8'

/** What a list can be answered as; everything else is JSON. */
export type MediaName = 'json' | 'csv' | 'ndjson'

/** A list as lines. */
export type ExportName = Exclude<MediaName, 'json'>

const mediaTypes: Readonly<Record<MediaName, string>> = { json: 'application/json', csv: 'text/csv', ndjson: 'application/x-ndjson' }

/**
 * The form that the caller likes best of those that there are, JSON unless another is named; what cannot be answered in any of them
 * is refused (RFC 9110, section 12.5.1).
 */
export function chooseMedia(accept: string | undefined, offered: keyof typeof choosers): MediaName {
  const { names, choose } = choosers[offered]
  const chosen = accept === undefined ? 'json' : choose(accept)
  if (chosen !== null) return chosen
  throw new Problem('NOT_ACCEPTABLE', `Answers are ${names.map((name) => mediaTypes[name]).join(', ')}, errors application/problem+json.`)
}

/** Clients send the same few headers all the time; reading a browser's took 2 us. */
const chooser = (...names: readonly MediaName[]) => ({
  names,
  choose: remembered(1000, (accept): MediaName | null => {
    if (accept.trim() === '') return 'json'
    const ranges = toRanges(accept)
    const taken = names.map((name) => ({ name, ...qualityOf(ranges, name) })).filter(({ quality }) => quality > 0)
    return taken.toSorted((a, b) => b.quality - a.quality || b.specificity - a.specificity)[0]?.name ?? null
  }),
})

const choosers = { json: chooser('json'), all: chooser('json', 'csv', 'ndjson') }

interface Range {
  readonly type: string
  /** Whether its parameters are those that we answer with. */
  readonly plain: boolean
  readonly quality: number
}

interface Quality {
  /** How exactly a range names the media type; 0 where none does. */
  readonly specificity: number
  readonly quality: number
}

const toRanges = (accept: string): readonly Range[] => accept.split(',').map((text) => {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const quality = parameters.find((parameter) => parameter.startsWith('q='))
  const others = parameters.filter((parameter) => !parameter.startsWith('q=') && parameter !== '')
  const plain = others.every((parameter) => /^charset="?utf-8"?$/.test(parameter) || (type === 'text/csv' && /^header="?present"?$/.test(parameter)))
  return { type, plain, quality: quality === undefined ? 1 : Number(quality.slice(2)) || 0 }
})

/** The most exact range counts, whatever the others say. */
function qualityOf(ranges: readonly Range[], name: MediaName): Quality {
  const type = mediaTypes[name]
  const exactness = ['*/*', `${type.split('/', 1)[0]}/*`, type]
  return ranges.filter(({ plain }) => plain).map((range): Quality => ({ specificity: exactness.indexOf(range.type) + 1, quality: range.quality }))
    .filter(({ specificity }) => specificity > 0)
    .reduce((best, one) => one.specificity > best.specificity ? one : best, { specificity: 0, quality: 0 })
}

/** `Prefer: return=…`; others, and values that nobody has defined, are ignored as RFC 7240 asks. */
export function preferredReturn(prefer: string | string[] | undefined): 'minimal' | 'representation' | null {
  for (const part of [prefer ?? []].flat().join(',').split(',')) {
    const [, name = '', value = ''] = /^\s*([\w-]+)\s*(?:=\s*"?([^";\s]*)"?)?/.exec(part) ?? []
    if (name.toLowerCase() !== 'return') continue // and of several the first counts
    return value === 'minimal' || value === 'representation' ? value : null
  }
  return null
}
