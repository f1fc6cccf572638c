// The pages of the documentation and the blocks of code in them.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '../..')

/** A fenced block: ```` ```ts file=app/declare.ts ````; what stands behind the language is not shown by readers of Markdown. */
export interface Fence {
  readonly page: string
  /** The line of the page that the block begins at, for messages. */
  readonly line: number
  readonly language: string
  readonly attributes: Readonly<Record<string, string>>
  readonly text: string
}

/** Every page that people read, by its path from the root. */
export const pages: readonly string[] = globSync(['*.md', 'docs/**/*.md', 'app/*.md'], {
  cwd: root,
}).toSorted()

export const readPage = (page: string): string => readFileSync(join(root, page), 'utf8')

export const placeOf = ({ page, line }: Fence): string => `${page}:${line}`

export function fencesOf(page: string): readonly Fence[] {
  const fences: Fence[] = []
  let open: { readonly line: number; readonly info: string; readonly lines: string[] } | null = null
  for (const [index, line] of readPage(page).split('\n').entries()) {
    const info = /^```(.*)$/.exec(line)?.[1]
    if (open === null && info !== undefined) open = { line: index + 1, info, lines: [] }
    else if (open !== null && info === '') {
      fences.push(toFence(page, open))
      open = null
    } else open?.lines.push(line)
  }
  if (open !== null) throw new Error(`${page}:${open.line} opens a block that does not close.`)
  return fences
}

function toFence(
  page: string,
  {
    line,
    info,
    lines,
  }: { readonly line: number; readonly info: string; readonly lines: readonly string[] },
): Fence {
  const [language = '', ...attributes] = info.trim().split(/\s+/)
  const pairs = attributes.map((attribute) => [
    attribute.split('=', 1)[0] ?? '',
    attribute.slice(attribute.indexOf('=') + 1),
  ])
  return {
    page,
    line,
    language,
    attributes: Object.fromEntries(pairs),
    text: `${lines.join('\n')}\n`,
  }
}

export const allFences: readonly Fence[] = pages.flatMap(fencesOf)
