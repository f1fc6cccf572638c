// The generated files are up to date, and the command that compares them finds a stale one.
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { errorTable } from '../../src/errors.ts'

const root = join(import.meta.dirname, '../..')

function generate(folder: string): Promise<{ code: number; out: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--conditions=source', join(folder, 'scripts/generate.ts'), '--check'],
      { cwd: folder },
      (error, out, complaints) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, out: out + complaints })
      },
    )
  })
}

test('every generated file is up to date', async () => {
  expect(await generate(root)).toEqual({
    code: 0,
    out: expect.stringContaining('up to date') as string,
  })
})

test('a stale file is named', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bifrons-generate-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const name of ['package.json', 'src', 'app', 'scripts', 'docs/reference'])
    cpSync(join(root, name), join(folder, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir')
  symlinkSync(join(root, 'assets'), join(folder, 'assets'), 'dir')
  const page = join(folder, 'docs/reference/errors.md')
  writeFileSync(page, readFileSync(page, 'utf8').replace('NOT_FOUND', 'NOT_THERE'))
  const { code, out } = await generate(folder)
  expect(out).toContain(
    'docs/reference/errors.md is not what the code says: run "npm run generate".\n',
  )
  expect(code).toBe(1)
})

test('the page of errors and the table have the same codes', () => {
  const page = readFileSync(join(root, 'docs/reference/errors.md'), 'utf8')
  const rows = [...page.matchAll(/^\| `([A-Z_]+)` \| (\d{3}) \|/gm)].map(
    ([, code = '', status = '']) => [code, Number(status)],
  )
  expect(Object.fromEntries(rows)).toEqual(
    Object.fromEntries(Object.entries(errorTable).map(([code, { status }]) => [code, status])),
  )
})

test('the pages name the right number of operators', () => {
  const page = readFileSync(join(root, 'docs/reference/operators.md'), 'utf8')
  const { size: count } = new Set(
    [...page.matchAll(/^\| `(\w+)` \| .* \| `\{ f: /gm)].map(([, name]) => name),
  ) // contains is one, of text and of JSON
  for (const name of ['README.md', 'CHANGELOG.md']) {
    expect(readFileSync(join(root, name), 'utf8').match(/\d+ operators/g), name).toEqual([
      `${count} operators`,
    ])
  }
})
