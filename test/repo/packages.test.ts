// The lock file: no version below a known-bad one, one copy of certain packages, no address of a registry.
import { globSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

interface Lock {
  readonly packages: Readonly<
    Record<
      string,
      {
        readonly version?: string
        readonly optionalDependencies?: Readonly<Record<string, string>>
      }
    >
  >
}

const root = join(import.meta.dirname, '../..')
const lockText = readFileSync(join(root, 'package-lock.json'), 'utf8')
const lock: Lock = JSON.parse(lockText)

/** Every installed version of a package, wherever in the tree it stands. */
const versionsOf = (name: string) =>
  Object.entries(lock.packages)
    .filter(([path]) => path.endsWith(`node_modules/${name}`))
    .map(([, { version = '' }]) => version)

/** Semantic-version order; a pre-release stands below its release. */
function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => {
    const [core = '', pre] = version.split('-', 2)
    return [
      ...core.split('.').map(Number),
      pre === undefined ? 1 : 0,
      ...(pre?.split('.').map((part) => Number(part) || 0) ?? []),
    ]
  })
  for (let i = 0; i < Math.max(left?.length ?? 0, right?.length ?? 0); i++) {
    const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

// Below these stand published advisories, or behaviour this project relies on is missing.
const floors = [
  ['fastify', '5.12.2'],
  ['mercurius', '16.10.1'],
  ['graphql', '16.8.1'],
  ['drizzle-orm', '1.0.0-rc.5'],
  ['@fastify/static', '9.1.1'],
  ['fast-uri', '3.1.7'],
] as const

describe('package-lock.json', () => {
  it('orders versions as npm does', () => {
    const sorted = ['1.0.0-rc.4', '1.0.0-rc.5', '1.0.0', '1.0.10', '1.2.0', '10.0.0']
    expect(sorted.toReversed().toSorted(compare)).toEqual(sorted)
    expect(compare('1.0.0-rc.5', '1.0.0-rc.5')).toBe(0)
  })

  it.each(floors)('keeps every copy of %s at %s or later', (name, floor) => {
    const versions = versionsOf(name)
    expect(versions).not.toEqual([])
    for (const version of versions)
      expect(compare(version, floor), `${name} ${version}`).toBeGreaterThanOrEqual(0)
  })

  it('stays on graphql 16, which mercurius 16 needs, and on zod 4', () => {
    expect(lock.packages['node_modules/graphql']?.version).toMatch(/^16\./)
    expect(lock.packages['node_modules/zod']?.version).toMatch(/^4\./)
  })

  it.each(['graphql', 'drizzle-orm', 'fastify'])('has one copy of %s at run time', (name) => {
    const copies = Object.entries(lock.packages).filter(
      ([path, entry]) =>
        path.endsWith(`node_modules/${name}`) &&
        !('dev' in entry && path !== `node_modules/${name}`),
    )
    expect(copies.map(([path]) => path)).toEqual([`node_modules/${name}`])
  })

  it('has an entry for the packages of every platform, without which npm ci refuses it', () => {
    const wanted = Object.values(lock.packages).flatMap(({ optionalDependencies = {} }) =>
      Object.keys(optionalDependencies),
    )
    expect(wanted.length).toBeGreaterThan(50)
    expect(wanted.filter((name) => versionsOf(name).length === 0)).toEqual([])
  })

  it('names no registry', () => {
    expect(lockText).not.toContain('"resolved"')
  })
})

describe('the repository', () => {
  it('names no package registry', () => {
    const hosts =
      /registry[.](?:npmjs[.]org|yarnpkg[.]com)|npm[.]pkg[.]github[.]com|deb[.]debian[.]org/
    // Files that .gitignore names; git itself may be absent where the sources were unpacked.
    const left = ['node_modules', '.git', '.bifrons', '.env', 'dist', 'assets', 'coverage']
    const files = readdirSync(root, { withFileTypes: true })
      .filter(({ name }) => !left.includes(name))
      .flatMap((entry) =>
        entry.isDirectory()
          ? globSync('**/*', {
              cwd: join(root, entry.name),
              exclude: ['**/node_modules/**'],
              withFileTypes: true,
            })
          : [entry],
      )
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
    expect(files).toContain(join(root, 'package-lock.json'))
    expect(files).toContain(join(root, 'src/errors.ts'))
    const naming = files.filter((file) => hosts.test(readFileSync(file, 'latin1')))
    expect(naming).toEqual([])
  })
})
