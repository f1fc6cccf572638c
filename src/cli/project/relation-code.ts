// relations.ts: Drizzle's relations of all tables in one file.
import { importLine, indent, listCode, object, present, when } from './code.ts'
import type { Plan } from './plan.ts'
import type { PlannedRelation } from './plan-relations.ts'

type Side = PlannedRelation['from']

export function toRelationsFile(
  plan: Plan,
  relations: ReadonlyMap<string, readonly PlannedRelation[]>,
): string {
  const tables = [...plan.tables.values()]
  const imports = tables
    .toSorted((a, b) => (a.tableFile < b.tableFile ? -1 : 1))
    .map(({ tableConstant, tableFile }) => importLine([tableConstant], `./tables/${tableFile}.ts`))
    .join('')
  const keys = tables.map(({ plural, tableConstant }) =>
    plural === tableConstant ? plural : `${plural}: ${tableConstant}`,
  )
  const members = tables.flatMap(({ table, plural }) => {
    const own = relations.get(table.name) ?? []
    const lines = own.map((relation) => `  ${indent(toRelation(relation)).trimStart()},\n`)
    return present(lines.length > 0 && `${plural}: {\n${lines.join('')}},\n`)
  })
  const tail = when(members.length > 0, `, (r) => ({\n${indent(members.join(''))}})`)
  return (
    "// How the tables hang together (Drizzle's relations). The keys here are the plural names that callers see.\n" +
    `import { defineRelations } from 'drizzle-orm'\n${imports}\nconst tables = ${object(keys, 15)}\n\nexport const relations = defineRelations(tables${tail})\n`
  )
}

function toRelation({ name, many, from, to, certain, through }: PlannedRelation): string {
  const ends = [
    ['from', from, through?.from],
    ['to', to, through?.to],
  ] as const
  const items = [
    ...ends.map(([end, side, junction]) => `${end}: ${toColumns(side, junction)}`),
    ...present(certain && 'optional: false'),
  ]
  const head = `${name}: r.${many ? 'many' : 'one'}.${to.table.plural}(`
  return `${head}${object(items, head.length + 6)})`
}

/** `r.tracks.albumId`, several in brackets, each with its column of the junction. */
function toColumns(side: Side, junction: Side | undefined): string {
  const columns = side.columns.map(
    (column, i) =>
      `r.${side.table.plural}.${column}` +
      (junction === undefined
        ? ''
        : `.through(r.${junction.table.plural}.${junction.columns[i] ?? ''})`),
  )
  return columns.length === 1 ? columns.join('') : listCode(columns)
}
