// What the generated pages have in common.

/** Texts of files by path, from the root of the repository. */
export type Generated = Readonly<Record<string, string>>

export const code = (text: string): string => `\`${text}\``

/** Tells a reader of the source where to change a page. */
export const madeFrom = (source: string): string =>
  `<!-- Made by \`npm run generate\` from ${source}; do not edit. -->`

export function toTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`
  return line(head) + `|${'---|'.repeat(head.length)}\n` + rows.map(line).join('')
}
