// Accept: which of the media types that there are the caller likes best (RFC 9110, section 12.5.1). The one negotiation.
import { memoize } from './memoize.ts'

interface Range {
  readonly type: string
  readonly quality: number
}

/** Clients send the same few headers all the time; reading a browser's took 2 us. */
const REMEMBERED_HEADERS = 1000

const NAMED = 3

/**
 * Chooses one of `offered`, in our own order of preference; null where the caller takes none of them. Among those that the
 * caller likes as well, the one that is named more exactly wins; `byDefault` where no type is named. Parameters of a range do not count: the answer
 * says which it has.
 */
export function openChooser<Type extends string>(
  offered: readonly Type[],
  byDefault: Type,
): (accept: string | undefined) => Type | null {
  const choose = memoize(REMEMBERED_HEADERS, (accept): Type | null => {
    const ranges = accept.split(',').map(toRange)
    const taken = offered
      .map((type) => ({ type, ...preference(ranges, type) }))
      .filter(({ quality }) => quality > 0)
    const [best] = taken.toSorted((a, b) => b.quality - a.quality || b.specificity - a.specificity)
    if (best === undefined) return null
    const same = taken.filter(
      ({ quality, specificity }) => quality === best.quality && specificity === best.specificity,
    )
    return best.specificity < NAMED && same.some(({ type }) => type === byDefault)
      ? byDefault
      : best.type
  })
  return (accept = '') => (accept.trim() === '' ? byDefault : choose(accept))
}

function toRange(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const quality = parameters.find((parameter) => parameter.startsWith('q='))
  return { type, quality: quality === undefined ? 1 : Number(quality.slice(2)) || 0 }
}

/** The quality of the most exact range that matches; 0 if no range matches. */
function preference(
  ranges: readonly Range[],
  type: string,
): { readonly specificity: number; readonly quality: number } {
  const exactness = ['*/*', `${type.split('/', 1)[0]}/*`, type]
  return ranges
    .map((range) => ({ specificity: exactness.indexOf(range.type) + 1, quality: range.quality }))
    .filter(({ specificity }) => specificity > 0)
    .reduce((best, one) => (one.specificity > best.specificity ? one : best), {
      specificity: 0,
      quality: 0,
    })
}
