// TypeScript in the documentation compiles against the real package: in a copy of the store.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { addSnippets, addStore, makeClone } from './clone.ts'
import { allFences, type Fence, placeOf, root } from './pages.ts'

const code = allFences.filter(({ language }) =>
  ['ts', 'tsx', 'js', 'typescript'].includes(language),
)

test('every block of TypeScript names its file', () => {
  expect(code.length).toBeGreaterThan(10)
  expect(code.filter(({ attributes: { file } }) => file === undefined).map(placeOf)).toEqual([])
})

test('every block of TypeScript compiles', { timeout: 120_000 }, () => {
  const clone = makeClone()
  onTestFinished(() => clone.remove())
  const snippets = new Map<string, string>()
  const add = (project: string, fences: readonly Fence[]): void => {
    for (const [fence, path] of addSnippets(project, fences))
      if (path.endsWith('.ts')) snippets.set(relative(clone.folder, path), placeOf(fence))
  }
  const shared = addStore(clone) // each copy of the store takes seconds: only a page that changes files of it has its own
  for (const [page, fences] of Map.groupBy(allFences, (fence) => fence.page)) {
    add(
      fences.some(({ language }) => language === 'diff')
        ? addStore(clone, `pages/${page.replaceAll(/\W/g, '-')}`)
        : shared,
      fences,
    )
  }
  // A snippet shows a part of a file: an import that only another snippet uses is not a mistake.
  const compilerOptions = { noUnusedLocals: false, noUnusedParameters: false }
  writeFileSync(
    join(clone.folder, 'tsconfig.docs.json'),
    JSON.stringify({
      extends: './tsconfig.json',
      compilerOptions,
      include: ['app', 'pages', 'test'],
    }),
  )
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const { stdout } = spawnSync(
    process.execPath,
    [tsc, '-p', 'tsconfig.docs.json', '--pretty', 'false', '--listFiles'],
    { cwd: clone.folder, encoding: 'utf8' },
  )
  const lines = stdout.split('\n')
  const seen = new Set(
    lines.filter((line) => line.startsWith('/')).map((line) => relative(clone.folder, line)),
  )
  expect(
    [...snippets.keys()].filter((path) => !seen.has(path)),
    'not compiled',
  ).toEqual([])
  const faults = lines.filter((line) => /error TS\d+|^ {2}/.test(line))
  expect(
    faults.map((line) => line.replace(/^[^(]+/, (path) => snippets.get(path) ?? path)),
  ).toEqual([])
})
