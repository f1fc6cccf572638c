// Links between pages have a target: an existing file, and a heading in it.
import { existsSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { pages, readPage, root } from './pages.ts'

/** Text without blocks and spans of code, where brackets mean something else. */
const prose = (page: string): string =>
  readPage(page)
    .replaceAll(/^```[\s\S]*?^```$/gm, '')
    .replaceAll(/`[^`\n]*`/g, '``')

const headings = (page: string): ReadonlySet<string> =>
  new Set(
    [
      ...readPage(page)
        .replaceAll(/^```[\s\S]*?^```$/gm, '')
        .matchAll(/^#+ (.+)$/gm),
    ].map(([, title = '']) => toAnchor(title)),
  )

/** As GitHub makes them. */
const toAnchor = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-')

const linksOf = (page: string): readonly string[] =>
  [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^(https?|mailto):/.test(target))

function faultOf(page: string, target: string): string | null {
  const [path = '', anchor] = target.split('#')
  const file = path === '' ? join(root, page) : resolve(root, dirname(page), path)
  if (!existsSync(file)) return `${target}: there is no such file`
  if (anchor === undefined) return null
  if (statSync(file).isDirectory() || !file.endsWith('.md'))
    return `${target}: only pages have headings`
  return headings(relative(root, file)).has(anchor) ? null : `${target}: there is no such heading`
}

test.each(pages)('every link of %s has a target', (page) => {
  expect(
    linksOf(page)
      .map((target) => faultOf(page, target))
      .filter((fault) => fault !== null),
  ).toEqual([])
})

test('every page can be reached from README.md', () => {
  const reached = new Set<string>(['README.md'])
  for (const page of reached) {
    for (const target of linksOf(page)) {
      const file = relative(root, resolve(root, dirname(page), target.split('#')[0] ?? ''))
      if (pages.includes(file)) reached.add(file)
      const index = pages.filter((other) => dirname(other) === file) // a link to a folder shows its content
      for (const other of index) reached.add(other)
    }
  }
  expect(pages.filter((page) => !reached.has(page))).toEqual([])
})
