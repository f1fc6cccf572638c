// `npm run check` on a tree with one planted fault per rule: each must be found, and a tree without faults must pass.
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const made: string[] = []

/** A project of its own with this repository's rules, packages and the given files. */
function plant(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'bifrons-check-'))
  made.push(folder)
  for (const rules of [
    'tsconfig.json',
    '.oxlintrc.json',
    '.oxfmtrc.json',
    '.dependency-cruiser.mjs',
  ])
    cpSync(join(root, rules), join(folder, rules))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir')
  writeFileSync(join(folder, '.gitignore'), 'node_modules\n') // the linter follows a link that git does not ignore
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), `${text}\n`)
  }
  return folder
}

function check(folder: string): Promise<{ code: number; out: string }> {
  return new Promise((resolve) => {
    const script = join(root, 'scripts/check.ts')
    execFile(process.execPath, [script], { cwd: folder }, (error, out, complaints) => {
      const text = (out + complaints).replaceAll(/\S*node_modules\//g, 'PKG/') // packages are reached through a link
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out: text })
    })
  })
}

const manifest = JSON.stringify({
  name: 'bifrons',
  type: 'module',
  exports: { '.': { source: './src/index.ts' } },
  dependencies: { 'drizzle-orm': '*', pg: '*' },
})
const knip = JSON.stringify({ entry: ['app/gateway.ts'], project: ['{src,app}/**/*.ts'] })

/** The smallest tree in which every folder is used and no rule is broken. */
const sound = {
  'package.json': manifest,
  'knip.json': knip,
  'src/errors.ts': 'export const problem = 1',
  'src/schema/model/model.ts': `import { getColumns } from 'drizzle-orm'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import { getTableConfig } from 'drizzle-orm/pg-core'
export type Connection = NodePgDatabase
import { problem } from '../../errors.ts'
export const model: unknown[] = [problem, getColumns, getTableConfig]`,
  'src/db/database.ts': `import pg from 'pg'
import { model, type Connection } from '../schema/model/model.ts'
export const pool: { readonly all: unknown[]; readonly one?: Connection } = { all: [pg, model] }`,
  'src/engine/execute.ts': `import { pool } from '../db/database.ts'
export const execute = pool`,
  'src/rest/plugin.ts': `import { execute } from '../engine/execute.ts'
export const plugin = execute`,
  'src/index.ts': `export { plugin } from './rest/plugin.ts'`,
  'app/gateway.ts': `import { plugin } from 'bifrons'
export const gateway = plugin`,
}

const faulty = {
  ...sound,
  'knip.json': JSON.stringify({
    entry: ['app/gateway.ts', 'src/faults.ts'],
    project: ['{src,app}/**/*.ts'],
  }),
  'src/faults.ts': `import './schema/upward.ts'
import './bounded-map.ts'
import './accept.ts'
import './schema/storage.ts'
import './rest/table.ts'
import './engine/circle.ts'
import './engine/outward.ts'
import './engine/lost.ts'
import './server/style.ts'
import './engine/parse/backward.ts'
import './engine/unranked.ts'`,
  'src/bounded-map.ts': `import { problem } from './errors.ts'
void problem`,
  'src/accept.ts': `import { model } from './schema/model/model.ts'
void model`,
  'src/schema/upward.ts': `import { execute } from '../engine/execute.ts'
console.log(execute)`,
  'src/engine/parse/backward.ts': `import { allowed } from '../authorize/policy.ts'
void allowed`,
  'src/engine/authorize/policy.ts': `export const allowed = true`,
  'src/engine/unranked.ts': `import { problem } from '../errors.ts'
void problem`,
  'src/server/layout.ts': `export const crowded = {a:1}`,
  'src/schema/storage.ts': `import pg from 'pg'
import { drizzle } from 'drizzle-orm/node-postgres'
export const opened = drizzle({ client: new pg.Client() })
export const forgotten = opened`,
  'src/rest/table.ts': `import { sql } from 'drizzle-orm'
import { pool } from '../db/database.ts'
import { graphql } from 'graphql'
void [sql, pool, graphql]`,
  'src/engine/circle.ts': `import { back } from './round.ts'
export const circle: unknown = [back]`,
  'src/engine/round.ts': `import { circle } from './circle.ts'
export const back: unknown = [circle]`,
  'src/engine/outward.ts': `import { gateway } from '../../app/gateway.ts'
void gateway`,
  'src/engine/lost.ts': `import { nothing } from './not-there.ts'
void nothing`,
  'src/server/style.ts': `export function style(a: any, b: string[], c: number, d: number, e: number) {
  Promise.reject(new Error('forgotten'))
  return [a, b[0]!, c, d, e, process.env['HOME']]
}
export const maybe: { readonly x?: number } = { x: undefined }
export enum Colour { red }
export default style`,
  'app/private.ts': `import { execute } from '../src/engine/execute.ts'
void execute`,
}

afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true })
})

describe('npm run check', () => {
  it('passes a tree that keeps the rules', async () => {
    const { code, out } = await check(plant(sound))
    expect(out).toMatch(/^ok +types/m)
    expect(out).toMatch(/^ok +format/m)
    expect(out).toMatch(/^ok +lint/m)
    expect(out).toMatch(/^ok +imports/m)
    expect(out).toMatch(/^ok +dead/m)
    expect(code).toBe(0)
  })

  it('finds every planted fault', async () => {
    const { code, out } = await check(plant(faulty))
    expect(code).toBe(1)
    for (const found of [
      'schema-imports-only-leftward: src/schema/upward.ts -> src/engine/execute.ts',
      'engine/parse/-imports-only-earlier-rooms: src/engine/parse/backward.ts -> src/engine/authorize/policy.ts',
      'engine-has-no-unranked-room: src/engine/unranked.ts -> src/errors.ts',
      'src/server/layout.ts',
      'leaf-bounded-map: src/bounded-map.ts -> src/errors.ts',
      'leaf-readers: src/accept.ts -> src/schema/model/model.ts',
      'storage-only-in-db: src/schema/storage.ts -> PKG/pg/',
      'schema-reads-tables-only: src/schema/storage.ts -> PKG/drizzle-orm/node-postgres',
      'drizzle-only-in-db-and-schema: src/rest/table.ts -> PKG/drizzle-orm/',
      'faces-never-touch-storage: src/rest/table.ts -> src/db/database.ts',
      'graphql-only-in-graphql: src/rest/table.ts -> PKG/graphql/',
      'no-circular: src/engine/circle.ts -> src/engine/round.ts',
      'src-never-imports-outside: src/engine/outward.ts -> app/gateway.ts',
      'app-uses-public-api-only: app/private.ts -> src/engine/execute.ts',
      'no-unresolvable: src/engine/lost.ts -> ./not-there.ts',
      'no-explicit-any',
      'no-floating-promises',
      'no-non-null-assertion',
      'no-default-export',
      'no-process-env',
      'no-console',
      'max-params',
      'exactOptionalPropertyTypes',
      'erasableSyntaxOnly',
      'not-there.ts',
      'storage.ts: opened, forgotten',
      'app/private.ts',
    ])
      expect(out).toContain(found)
  })

  it('fails when a tool reads no file', async () => {
    const folder = plant(sound)
    writeFileSync(
      join(folder, '.dependency-cruiser.mjs'),
      'export default { forbidden: [], options: { exclude: { path: "^src/(db|engine)" } } }',
    )
    const { code, out } = await check(folder)
    expect(out).toMatch(/^FAILED imports +saw \d of 7 files/m)
    expect(code).toBe(1)
  })
})
