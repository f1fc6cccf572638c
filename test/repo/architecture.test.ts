// Every file and function that docs/architecture.md names exists.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8')

interface Step {
  readonly file: string
  readonly name: string
}

const steps = [...page.matchAll(/\[`([^`]+)`\]\(\.\.\/([^)]+)\) `(\w+)`/g)].map(
  ([, shown = '', file = '', name = '']): Step & { readonly shown: string } => ({
    shown,
    file,
    name,
  }),
)

const defines = ({ file, name }: Step): boolean =>
  existsSync(join(root, file)) &&
  new RegExp(`^(?:export )?(?:async )?(?:function|const) ${name}\\b`, 'm').test(
    readFileSync(join(root, file), 'utf8'),
  )

test('every function that docs/architecture.md names is in its file', () => {
  expect(steps.length).toBeGreaterThan(40)
  expect(steps.filter(({ shown, file }) => shown !== file)).toEqual([])
  expect(steps.filter((step) => !defines(step)).map(({ file, name }) => `${file} ${name}`)).toEqual(
    [],
  )
})

test('a missing name is found', () => {
  expect(defines({ file: 'src/engine/execute.ts', name: 'notThere' })).toBe(false)
})

/** db/plan is one idea, the SQL of a plan; cli/project writes the files of a project, one each. */
const LARGE_FOLDERS = ['src/db/plan', 'src/cli/project']
const MAX_FILES = 15

test('no folder has more than 15 files', () => {
  const files = globSync('src/**/*.ts', { cwd: root })
  const counts = Object.entries(Object.groupBy(files, (file) => dirname(file)))
  const large = counts
    .filter(([folder, { length } = []]) => length > MAX_FILES && !LARGE_FOLDERS.includes(folder))
    .map(([folder]) => folder)
  expect(counts.length).toBeGreaterThan(30)
  expect(large).toEqual([])
})
