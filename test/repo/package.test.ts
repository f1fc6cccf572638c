// The package as it is published: built, without the sources and without the condition that finds them.
import { execFileSync, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

interface Manifest {
  readonly files: readonly string[]
  readonly dependencies: Readonly<Record<string, string>>
  readonly peerDependencies: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>
}

const root = join(import.meta.dirname, '../..')
const manifest: Manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const team = realpathSync(mkdtempSync(join(tmpdir(), 'bifrons-package-')))
const installed = join(team, 'node_modules/bifrons')

/** Runs Node as a team would: in its own folder, with no condition of this repository. */
function node(...args: string[]): string {
  const { NODE_OPTIONS: _, ...env } = process.env
  return execFileSync(process.execPath, args, { cwd: team, env, encoding: 'utf8' })
}

/** Imports of a declaration file that a team would not have; such an import silently becomes `any`. */
function unresolved(file: string): string[] {
  const specifiers = [
    ...readFileSync(file, 'utf8').matchAll(/(?:from |import\()['"]([^'"]+)['"]/g),
  ].map(([, specifier = '']) => specifier)
  const given = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
  return specifiers.filter((specifier) => {
    if (specifier.startsWith('.'))
      return !existsSync(join(dirname(file), specifier.replace(/[.][tj]s$/, '.d.ts')))
    const owner = /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? ''
    if (owner.startsWith('node:')) return false
    const types = existsSync(join(root, 'node_modules/@types', owner)) ? `@types/${owner}` : owner
    return !given.includes(types)
  })
}

beforeAll(() => {
  mkdirSync(installed, { recursive: true })
  const built = spawnSync(
    process.execPath,
    [join(root, 'scripts/build.ts'), join(installed, 'dist')],
    { encoding: 'utf8' },
  )
  if (built.status !== 0) throw new Error(`The build failed:\n${built.stdout}${built.stderr}`)
  for (const path of ['package.json', 'README.md', 'LICENSE', 'bin', 'drizzle', 'assets', 'src']) {
    cpSync(join(root, path), join(installed, path), { recursive: true })
  }
  rmSync(join(installed, 'src/index.ts')) // so that an import of a source fails
  // The packages beside it, as npm would lay them out.
  for (const name of readdirSync(join(root, 'node_modules')).filter(
    (entry) => !entry.startsWith('.'),
  )) {
    symlinkSync(join(root, 'node_modules', name), join(team, 'node_modules', name), 'dir')
  }
})

afterAll(() => rmSync(team, { recursive: true, force: true }))

describe('the published package', () => {
  it.each(Object.keys(manifest.exports))(
    'exports the names of the source for %s',
    async (entry) => {
      const specifier = entry.replace('.', 'bifrons')
      const source: object = await import(specifier)
      const names = node(
        '--input-type=module',
        '-e',
        `console.log(JSON.stringify(Object.keys(await import('${specifier}'))))`,
      )
      expect(JSON.parse(names)).toEqual(Object.keys(source).toSorted())
      expect(JSON.parse(names).length).toBeGreaterThan(0)
    },
  )

  it('has a command that runs', () => {
    expect(node(join(installed, 'bin/bifrons.js'), '--help')).toContain('Usage: bifrons')
  })

  it('serves without fast-check, which only the parity suite loads', () => {
    const link = join(team, 'node_modules/fast-check')
    rmSync(link)
    try {
      const script = `await import('bifrons')
const { checkParity } = await import('bifrons/testing')
await checkParity({ open: () => { throw new Error('opened') } }).catch((error) => console.log(error.message))`
      expect(node('--input-type=module', '-e', script)).toBe(
        'The parity suite needs the package fast-check. Install it: npm install --save-dev fast-check\n',
      )
      expect(node(join(installed, 'bin/bifrons.js'), 'parity', '--help')).toContain('--seed')
    } finally {
      symlinkSync(join(root, 'node_modules/fast-check'), link, 'dir')
    }
  })

  it('has types that resolve without further packages', () => {
    const entries = Object.keys(manifest.exports).map((entry) => entry.replace('.', 'bifrons'))
    writeFileSync(
      join(team, 'types.ts'),
      `type Typed<T> = 0 extends 1 & T ? false : true
${entries
  .map(
    (entry, i) => `import * as entry${i} from '${entry}'
export const typed${i}: { readonly [K in keyof typeof entry${i}]: Typed<(typeof entry${i})[K]> } = Object.create(null)
export const all${i}: true = typed${i}[Object.keys(typed${i})[0] as keyof typeof entry${i}]`,
  )
  .join('\n')}
`,
    )
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const options = [
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--module',
      'nodenext',
      '--target',
      'es2024',
      '--types',
      'node',
    ]
    const { stdout } = spawnSync(process.execPath, [tsc, ...options, '--listFiles', 'types.ts'], {
      cwd: team,
      encoding: 'utf8',
    })
    const lines = stdout.split('\n')
    expect(lines.filter((line) => line.includes(': error '))).toEqual([])
    const declarations = lines.filter((line) => line.startsWith(join(installed, 'dist')))
    expect(declarations).toContain(join(installed, 'dist/index.d.ts'))
    for (const file of declarations) expect(unresolved(file), file).toEqual([])
  })

  it('ships the files that the code reads at run time, and no sources', () => {
    const listed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: installed,
      encoding: 'utf8',
    })
    const [pack]: { files: { path: string }[] }[] = JSON.parse(listed)
    const folders = new Set(pack?.files.map(({ path }) => path.replace(/[/].*/, '')))
    expect([...folders].toSorted()).toEqual([
      'LICENSE',
      'README.md',
      'assets',
      'bin',
      'dist',
      'drizzle',
      'package.json',
    ])
  })
})
