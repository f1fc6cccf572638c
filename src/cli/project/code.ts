// Pieces of TypeScript as this project writes it: no semicolons, single quotes, two spaces, lines of at most 120.

const WIDTH = 120

/** A string literal. */
export function quote(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")
  return `'${escaped.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}'`
}

/** SQL as it stands, in Drizzle's template. */
export const sqlTemplate = (text: string): string =>
  `sql\`${text.replaceAll(/[\\`]|\$(?=\{)/g, '\\$&')}\``

export const indent = (text: string, by = 2): string => text.replaceAll(/^(?=.)/gm, ' '.repeat(by))

/** `{ a, b }` on one line where it fits behind what stands before it, else an item a line. */
function wrapped(
  items: readonly string[],
  brackets: readonly [string, string],
  before = 0,
): string {
  const [open, close] = brackets
  const space = open.endsWith('{') ? ' ' : ''
  const line =
    items.length === 0 ? `${open}${close}` : `${open}${space}${items.join(', ')}${space}${close}`
  if (before + line.length <= WIDTH && !line.includes('\n')) return line
  return `${open}\n${packed(items)
    .map((item) => `${indent(item)},\n`)
    .join('')}${close}`
}

/** Plain names share lines; anything longer has one of its own. */
function packed(items: readonly string[]): readonly string[] {
  if (!items.every((item) => /^(type )?[\w.]+(: [\w.]+)?$/.test(item))) return items
  const lines: string[] = []
  for (const item of items) {
    const last = lines.at(-1)
    if (last === undefined || last.length + item.length + 5 > WIDTH) lines.push(item)
    else lines[lines.length - 1] = `${last}, ${item}`
  }
  return lines
}

export const object = (items: readonly string[], before = 0): string =>
  wrapped(items, ['{', '}'], before)
export const listCode = (items: readonly string[], before = 0): string =>
  wrapped(items, ['[', ']'], before)

/** `import { a, type B } from 'c'`; nothing when nothing is imported. */
export function importLine(names: Iterable<string>, from: string): string {
  const sorted = [...new Set(names)].toSorted((a, b) =>
    a.replace('type ', '').localeCompare(b.replace('type ', ''), 'en'),
  )
  if (sorted.length === 0) return ''
  return `${wrapped(sorted, ['import {', '}'], ` from ${quote(from)}`.length)} from ${quote(from)}\n`
}

/** A comment's text on one line. */
export const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()

/** Code that stands only where something holds. */
export const when = (holds: boolean, code: string): string => (holds ? code : '')

/** The lines or members that are there: `present(isNamed && name, …)`. */
export const present = (...parts: readonly (string | false)[]): readonly string[] =>
  parts.filter((part) => part !== false)
