// The files that every new project has: what it is made of, how it is compiled, where its database is.
import { version } from '../../server/version.ts'
import { nodeRange, versionOf } from '../package.ts'
import { toEnvExample } from './env-example.ts'

/** Contents by path, relative to the project's folder. */
export type ProjectFiles = Readonly<Record<string, string>>

export interface ProjectFrame {
  /** For package.json: `store-api`. */
  readonly name: string
  /** For people: `Store api`. */
  readonly title: string
  /** What .env says; absent: the embedded database, and no .env. */
  readonly databaseUrl?: string
}

/** `store-api` of a folder's name; what is no name of a package becomes one. */
export function toPackageName(folder: string): string {
  const name = folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replaceAll(/^[._-]+|[._-]+$/g, '')
  return name === '' ? 'gateway' : name
}

export const toTitle = (name: string): string =>
  name.charAt(0).toUpperCase() + name.slice(1).replaceAll(/[-_.]+/g, ' ')

export function commonFiles(frame: ProjectFrame): ProjectFiles {
  return {
    'package.json': toJson(packageJson(frame.name)),
    'tsconfig.json': toJson(tsconfig),
    '.gitignore': 'node_modules/\n.bifrons/\n.env\n',
    '.env.example': toEnvExample(),
    ...(frame.databaseUrl === undefined
      ? {}
      : {
          '.env': `# This machine's settings; not in git. Every setting there is stands in .env.example.\nDATABASE_URL=${toEnvValue(frame.databaseUrl)}\n`,
        }),
    'drizzle.config.ts': `// For drizzle-kit: \`npm run db:generate\` compares tables/ with drizzle/ and writes the next migration.
import { defineConfig } from 'drizzle-kit'

export default defineConfig({ dialect: 'postgresql', schema: './tables', out: './drizzle' })
`,
  }
}

const toJson = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

/** A value as a line of .env may hold it. */
const toEnvValue = (text: string): string =>
  /^[\w.:/@?&=%+,~-]+$/.test(text) ? text : text.includes("'") ? JSON.stringify(text) : `'${text}'`

function packageJson(name: string): object {
  const exact = (...names: string[]) =>
    Object.fromEntries(names.map((one) => [one, versionOf(one)]))
  return {
    name,
    version: '0.1.0',
    private: true,
    type: 'module',
    engines: { node: nodeRange },
    scripts: {
      dev: 'bifrons dev',
      start: 'bifrons start',
      check: 'tsc --noEmit && bifrons check',
      'db:generate': 'drizzle-kit generate',
      migrate: 'bifrons migrate',
    },
    dependencies: { bifrons: version, ...exact('drizzle-orm', 'zod') },
    devDependencies: exact('@types/node', 'drizzle-kit', 'typescript'),
  }
}

const tsconfig = {
  compilerOptions: {
    target: 'es2024',
    lib: ['es2024'],
    module: 'nodenext',
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
    erasableSyntaxOnly: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    noEmit: true,
  },
}
