// Words about what a declaration says: how a value is shown, and which right name is nearest to a wrong one.
import { closestMatch } from 'leven'

const MAX_SHOWN_LENGTH = 40

/** A value in a message: text and numbers as they are, all else by its kind. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, MAX_SHOWN_LENGTH))
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'symbol') return 'a symbol'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

/** Letters that may differ: two in words of ordinary length, as when two letters are swapped. */
function maxDistance({ length }: string): number {
  if (length <= 3) return 1
  return length <= 8 ? 2 : 3
}

const lettersOf = (name: string): string => name.split('').toSorted().join('')

/** ` Did you mean read?`, to be put behind a sentence; nothing where no name is near. */
export function didYouMean(given: string, names: readonly string[]): string {
  const swapped = names.find((name) => lettersOf(name) === lettersOf(given)) // of two letters, which count as two differences
  const nearest = swapped ?? closestMatch(given, names, { maxDistance: maxDistance(given) })
  return nearest === undefined ? '' : ` Did you mean ${nearest}?`
}
