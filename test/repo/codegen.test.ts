// `npm run codegen -- --check` on a copy finds changed and missing types. `npm run check` shows that the committed ones pass.
import { execFile } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { scalarTypes } from '../../src/graphql/schema/scalars.ts'

const root = join(import.meta.dirname, '../..')
const schemaText = readFileSync(join(root, 'app/schema.graphql'), 'utf8')

describe('npm run codegen -- --check', { timeout: 120_000 }, () => {
  let copy = ''
  beforeEach(() => {
    copy = mkdtempSync(join(tmpdir(), 'bifrons-codegen-'))
    mkdirSync(join(copy, 'app'))
    for (const path of ['codegen.ts', 'package.json', 'app/schema.graphql', 'test/client'])
      cpSync(join(root, path), join(copy, path), { recursive: true })
    for (const path of ['src', 'node_modules'])
      symlinkSync(join(root, path), join(copy, path), 'dir')
  })
  afterEach(() => rmSync(copy, { recursive: true }))

  const { NODE_ENV: _, ...env } = process.env // `test` keeps the generator from printing
  const check = (): Promise<{ code: number; out: string }> =>
    new Promise((resolve) => {
      execFile(
        'npm',
        ['run', 'codegen', '--', '--check'],
        { cwd: copy, env },
        (error, out, complaints) => {
          resolve({ code: typeof error?.code === 'number' ? error.code : 0, out: out + complaints })
        },
      )
    })

  test('finds a type that has changed with the schema, and writes no file', async () => {
    const file = 'test/client/generated/graphql.ts'
    writeFileSync(
      join(copy, 'app/schema.graphql'),
      schemaText.replace('enum ProductStatus {', 'enum ProductStatus {\n  sold'),
    )
    const { code, out } = await check()
    expect(code).toBe(1)
    expect(out).toContain(file)
    expect(readFileSync(join(copy, file), 'utf8')).toBe(readFileSync(join(root, file), 'utf8'))
  })

  test('finds a scalar without a type', async () => {
    appendFileSync(
      join(copy, 'app/schema.graphql'),
      '\nscalar Money\nextend type Product { worth: Money }\n',
    )
    const { code, out } = await check()
    expect(code).toBe(1)
    expect(out).toContain('Unknown scalar type Money')
  })
})

test('every scalar of the schema has a TypeScript type, in the configuration and in the guide', () => {
  const guide = readFileSync(join(root, 'docs/guides/typed-clients.md'), 'utf8')
  const names = [...schemaText.matchAll(/^scalar (\w+)/gm)].map(([, name = '']) => name)
  expect(names.length).toBeGreaterThan(5)
  expect(Object.keys(scalarTypes()).toSorted()).toEqual(names.toSorted())
  expect(
    Object.entries(scalarTypes()).filter(
      ([name, type]) => !guide.includes(` ${name}: '${type}',\n`),
    ),
    'not in the guide',
  ).toEqual([])
  expect(scalarTypes()).toMatchObject({
    BigInt: 'string',
    Decimal: 'string',
    DateTime: 'string',
    JSON: 'unknown',
  })
})
