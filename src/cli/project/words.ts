// From a database's names to TypeScript's and the wire's: camelCase, singular and plural.
import pluralize from 'pluralize'

// Words that the package's rules take for something else.
const irregular: readonly (readonly [string, string])[] = [
  ['axis', 'axes'],
  ['basis', 'bases'],
  ['bias', 'biases'],
  ['canvas', 'canvases'],
  ['iris', 'irises'],
  ['schema', 'schemas'],
  ['virus', 'viruses'],
]
for (const [one, many] of irregular) pluralize.addIrregularRule(one, many)

/** The words of a name, in lower case: of `support_rep_id`, `SupportRepID`, `support rep (id)` alike. Letters lose their accents. */
export const toWords = (name: string): readonly string[] =>
  name
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll('ß', 'ss')
    .replaceAll(/(\p{Ll}|\d)(?=\p{Lu})/gu, '$1 ')
    .replaceAll(/(\p{Lu})(?=\p{Lu}\p{Ll})/gu, '$1 ')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase())

const capitalized = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

/** `supportRepId`; a name that would begin with a digit gets a `_`, one without a letter or digit of ours is `unnamed`. */
export function joinCamel(words: readonly string[]): string {
  const name = words.map((word, i) => (i === 0 ? word : capitalized(word))).join('')
  if (name === '') return 'unnamed'
  return /^\d/.test(name) ? `_${name}` : name
}

export const joinPascal = (words: readonly string[]): string => words.map(capitalized).join('')

/** The name of a file: `playlist-tracks`. */
export const joinKebab = (words: readonly string[]): string =>
  words.length === 0 ? 'unnamed' : words.join('-')

const withLast = (words: readonly string[], change: (word: string) => string): readonly string[] =>
  words.map((word, i) => (i === words.length - 1 ? change(word) : word))

export const toSingular = (words: readonly string[]): readonly string[] =>
  withLast(words, pluralize.singular)
export const toPlural = (words: readonly string[]): readonly string[] =>
  withLast(words, pluralize.plural)

/** Names given so far; a second owner of a name gets it with a number. */
export interface Names {
  has(name: string): boolean
  /** The first of the given names that is free, else the last of them with a number behind it. */
  take(...names: [string, ...string[]]): string
}

export function openNames(taken: Iterable<string> = []): Names {
  const all = new Set(taken)
  return {
    has: (name) => all.has(name),
    take(...names) {
      const last = names.at(-1) ?? names[0]
      let name = names.find((candidate) => !all.has(candidate))
      for (let number = 2; name === undefined; number += 1)
        if (!all.has(`${last}${number}`)) name = `${last}${number}`
      all.add(name)
      return name
    },
  }
}
