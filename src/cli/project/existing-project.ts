// The files of a project over an existing database.
import type { Catalog } from '../../db/catalog/catalog.ts'
import { findCircles } from './circles.ts'
import { listCode, quote } from './code.ts'
import { isBuiltIn } from './column-code.ts'
import { commonFiles, type ProjectFiles, type ProjectFrame } from './common-files.ts'
import { existingReadme } from './existing-readme.ts'
import { type Plan, planProject } from './plan.ts'
import { planRelations } from './plan-relations.ts'
import { toRelationsFile } from './relation-code.ts'
import { type AccessChoice, declareFile, toGatewayFile, toResourceFile } from './resource-code.ts'
import { toTableFile } from './table-code.ts'
import { toWords } from './words.ts'

export interface ExistingProject {
  readonly files: ProjectFiles
  /** The tables and views that are in it. */
  readonly tables: readonly string[]
  /** What was left out or is unusual, in words. */
  readonly notes: readonly string[]
  /** Columns that everyone may read now and that sound as if nobody should: `person.passwordHash`. */
  readonly secrets: readonly string[]
}

const secretWords = new Set([
  'password',
  'passwd',
  'passphrase',
  'secret',
  'token',
  'hash',
  'salt',
  'apikey',
  'ssn',
  'pin',
  'cvv',
])

const findSecrets = ({ tables }: Plan): readonly string[] =>
  [...tables.values()].flatMap(({ singular, columns }) =>
    [...columns.values()]
      .filter(({ column }) => toWords(column.name).some((word) => secretWords.has(word)))
      .map(({ key }) => `${singular}.${key}`),
  )

/** Writes, as data, the project that serves what the catalog holds. The same database gives the same files. */
export function toExistingProject(
  catalog: Catalog,
  frame: ProjectFrame,
  access: AccessChoice,
): ExistingProject {
  const plan = planProject(catalog, isBuiltIn)
  const circles = findCircles(plan)
  const files: Record<string, string> = {
    ...commonFiles(frame),
    'README.md': existingReadme(frame, plan, access),
    'relations.ts': toRelationsFile(plan, planRelations(plan)),
    'declare.ts': declareFile,
    'gateway.ts': toGatewayFile(frame.title, plan),
    ...toSharedFiles(plan),
  }
  for (const planned of plan.tables.values()) {
    files[`tables/${planned.tableFile}.ts`] = toTableFile(
      plan,
      planned,
      circles.get(planned.table.name) ?? new Set(),
    )
    files[`resources/${planned.resourceFile}.ts`] = toResourceFile(planned, access)
  }
  return {
    files,
    tables: [...plan.tables.keys()],
    notes: plan.notes,
    secrets: access === 'none' ? [] : findSecrets(plan),
  }
}

/** What several tables use: enums, types and schemas. */
function toSharedFiles({ enums, customTypes, schemas }: Plan): ProjectFiles {
  const files: Record<string, string> = {}
  if (schemas.size > 0) {
    const lines = [...schemas].map(
      ([name, constant]) => `export const ${constant} = pgSchema(${quote(name)})\n`,
    )
    files['tables/schemas.ts'] =
      `// Schemas beside \`public\`.\nimport { pgSchema } from 'drizzle-orm/pg-core'\n\n${lines.join('')}`
  }
  if (enums.length > 0) {
    const own = enums
      .map(({ type }) => schemas.get(type.schema))
      .filter((schema) => schema !== undefined)
    const imports = [
      ...(enums.some(({ type }) => !schemas.has(type.schema))
        ? ["import { pgEnum } from 'drizzle-orm/pg-core'\n"]
        : []),
      ...(own.length === 0
        ? []
        : [`import { ${[...new Set(own)].toSorted().join(', ')} } from './schemas.ts'\n`]),
    ]
    const lines = enums.map(({ constant, type }) => {
      const maker = schemas.has(type.schema) ? `${schemas.get(type.schema)}.enum` : 'pgEnum'
      const head = `export const ${constant} = ${maker}(${quote(type.name)}, `
      return `${head}${listCode(type.labels.map(quote), head.length + 1)})\n`
    })
    files['tables/enums.ts'] =
      `// The enums of the tables.\n${imports.join('')}\n${lines.join('\n')}`
  }
  if (customTypes.size > 0) {
    const lines = [...customTypes].map(
      ([type, constant]) =>
        `export const ${constant} = customType<{ data: string }>({ dataType: () => ${quote(type)} })\n`,
    )
    files['tables/types.ts'] =
      `// Types of PostgreSQL that Drizzle has no column for; their values are text.\nimport { customType } from 'drizzle-orm/pg-core'\n\n${lines.join('')}`
  }
  return files
}
