// resources/: what the world may see and do of each table, to begin with.
import { importLine, indent, listCode, object, oneLine, present, quote } from './code.ts'
import type { Plan, PlannedTable } from './plan.ts'

/** What the user of `init` opens: nothing, reading for everyone, or reading and writing for everyone. */
export type AccessChoice = 'none' | 'read' | 'all'

const verbs: Readonly<Record<AccessChoice, readonly string[]>> = {
  none: [],
  read: ['read'],
  all: ['read', 'create', 'update', 'delete'],
}

export function toResourceFile(planned: PlannedTable, access: AccessChoice): string {
  const { table, plural, resourceConstant, readKey } = planned
  const open = verbs[access].filter((verb) => readKey === null || verb === 'read')
  const rules = [
    ...present(table.comment !== null && `description: ${quote(oneLine(table.comment))},`),
    open.length === 0
      ? 'access: {}, // closed: who may read, create, update and delete is for you to say'
      : `access: ${object(open.map((verb) => `${verb}: access.everyone`))},`,
    ...present(
      readKey !== null &&
        `key: ${listCode(readKey.map((name) => quote(planned.columns.get(name)?.key ?? name)))},`,
    ),
    ...toFields(planned),
    ...present(
      (table.kind === 'partitionedTable' || table.kind === 'foreignTable') &&
        'version: false, // PostgreSQL tells none of its rows; a column that counts up could be named here',
    ),
    ...toNames(planned),
  ]
  return (
    `// ${toTitle(planned)}\n${importLine(present(open.length > 0 && 'access', 'resource'), '../declare.ts')}\n` +
    `export const ${resourceConstant} = resource(${quote(plural)}, {\n${rules.map((rule) => `${indent(rule)}\n`).join('')}})\n`
  )
}

const toTitle = ({ table, plural }: PlannedTable): string =>
  table.comment === null ? `What callers may see and do of ${plural}.` : oneLine(table.comment)

/** The database's own comments on columns are what callers read of them. */
function toFields({ columns }: PlannedTable): readonly string[] {
  const described = [...columns.values()].flatMap(({ key, column }) =>
    present(
      column.comment !== null && `  ${key}: { description: ${quote(oneLine(column.comment))} },\n`,
    ),
  )
  return present(described.length > 0 && `fields: {\n${described.join('')}},`)
}

/** Whether rows have versions without a column of their own. */
const hasRowBooks = ({ table }: PlannedTable): boolean => table.kind === 'table'

/** What the gateway adds to a row gives way to the columns. */
function toNames(planned: PlannedTable): readonly string[] {
  const has = (name: string): boolean =>
    [...planned.columns.values()].some(({ key }) => key === name)
  const names = present(
    has('nodeId') && "nodeId: 'globalId'",
    has('version') && hasRowBooks(planned) && "version: 'rowVersion'",
  )
  return present(names.length > 0 && `names: { ${names.join(', ')} },`)
}

/** declare.ts, for a project whose callers have no claims yet. */
export const declareFile = `// The words of the declaration, tied to these tables: the compiler checks every name said with them.
import { declare } from 'bifrons'
import { z } from 'zod'
import { relations } from './relations.ts'

/** What a token may say of its caller beside \`sub\` and \`roles\`; policies and operations may use it. */
const caller = z.object({})

export const { resource, operation, access } = declare({ relations, caller })
`

export function toGatewayFile(name: string, plan: Plan): string {
  const tables = [...plan.tables.values()].toSorted((a, b) =>
    a.resourceFile < b.resourceFile ? -1 : 1,
  )
  const imports = tables
    .map(({ resourceConstant, resourceFile }) =>
      importLine([resourceConstant], `./resources/${resourceFile}.ts`),
    )
    .join('')
  const members = tables.map(({ singular, resourceConstant }) =>
    singular === resourceConstant ? singular : `${singular}: ${resourceConstant}`,
  )
  return `// The gateway: everything declared in this folder, in one place. \`npm run dev\` serves it.
import { gateway } from 'bifrons'
import { relations } from './relations.ts'
${imports}
export default gateway({
  name: ${quote(name)},
  relations,
  resources: ${object(members, 14).replaceAll('\n', '\n  ')},
})
`
}
