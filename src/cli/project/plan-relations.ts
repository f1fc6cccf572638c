// The relations of a project over an existing database, from its foreign keys (the rules are in the README that init writes).
import type { CatalogForeignKey, CatalogTable } from '../../db/catalog/catalog.ts'
import type { Plan, PlannedTable } from './plan.ts'
import { objectMembers } from './reserved.ts'
import { type Names, openNames, joinCamel, joinPascal, toPlural, toWords } from './words.ts'

/** Columns of one side, by their keys in TypeScript. */
interface Side {
  readonly table: PlannedTable
  readonly columns: readonly string[]
}

export interface PlannedRelation {
  readonly name: string
  readonly many: boolean
  readonly from: Side
  readonly to: Side
  /** The row is always there. */
  readonly certain: boolean
  /** Columns of the junction that stand for `from` and for `to`. */
  readonly through: { readonly from: Side; readonly to: Side } | null
}

/** A foreign key between two tables of the project, with the words that name it. */
interface Reference {
  readonly source: PlannedTable
  readonly target: PlannedTable
  readonly foreignKey: CatalogForeignKey
  /** The to-one relation's name. */
  readonly name: string
  /** By what it is told apart from other keys that lead the same way. */
  readonly words: readonly string[]
}

/** Relations by the database's name of the table they stand on, in the order they are written. */
export function planRelations(plan: Plan): ReadonlyMap<string, readonly PlannedRelation[]> {
  const names = new Map(
    [...plan.tables].map(([name, { columns }]) => [
      name,
      openNames([
        ...objectMembers,
        'nodeId',
        'version',
        ...[...columns.values()].map(({ key }) => key),
      ]),
    ]),
  )
  const references = [...plan.tables.values()].flatMap((source) =>
    referencesOf(plan, source, names.get(source.table.name) ?? openNames()),
  )
  const relations = new Map(
    [...plan.tables.keys()].map((name): [string, PlannedRelation[]] => [name, []]),
  )
  const add = (relation: PlannedRelation) =>
    relations.get(relation.from.table.table.name)?.push(relation)
  for (const reference of references) add(toOne(reference))
  for (const reference of references)
    add(toBack(reference, references, names.get(reference.target.table.name) ?? openNames()))
  for (const source of plan.tables.values()) {
    const [one, other, ...more] = isJunction(source.table)
      ? references.filter((reference) => reference.source === source)
      : []
    if (one === undefined || other === undefined || more.length > 0) continue
    add(toThrough(one, other, names.get(one.target.table.name) ?? openNames()))
    add(toThrough(other, one, names.get(other.target.table.name) ?? openNames()))
  }
  return relations
}

/** The foreign keys of a table whose targets are in the project, each once. */
function referencesOf(plan: Plan, source: PlannedTable, names: Names): readonly Reference[] {
  const seen = new Set<string>()
  return source.table.foreignKeys.flatMap((foreignKey) => {
    const target =
      foreignKey.targetSchema === plan.schema ? plan.tables.get(foreignKey.target) : undefined
    const same = JSON.stringify([foreignKey.columns, foreignKey.target, foreignKey.targetColumns])
    if (target === undefined || seen.has(same)) return []
    seen.add(same)
    const { name, words } = nameReference(source, target, foreignKey, names)
    return [{ source, target, foreignKey, name, words }]
  })
}

/** `support_rep_id` is supportRep; a column that is not named as a key, such as `reports_to`, has the target's name behind it. */
function nameReference(
  source: PlannedTable,
  target: PlannedTable,
  foreignKey: CatalogForeignKey,
  names: Names,
): Pick<Reference, 'name' | 'words'> {
  const [column, ...others] = foreignKey.columns
  const words =
    column !== undefined && others.length === 0
      ? withoutKeyWord(toWords(column), target)
      : target.words
  const isColumn = [...source.columns.values()].some(({ key }) => key === joinCamel(words))
  const own =
    isColumn && joinCamel(words) === joinCamel(target.words)
      ? [...words, 'row']
      : [...words, ...target.words]
  const byColumns = [...target.words, 'by', ...foreignKey.columns.flatMap(toWords)]
  const name = names.take(joinCamel(words), joinCamel(own), joinCamel(byColumns))
  return { name, words: name === joinCamel(byColumns) ? byColumns : words }
}

const keyWords = new Set(['id', 'uuid', 'fk', 'code'])

/** The words of a column without what says that it is a key; where nothing else is left, the target's. */
function withoutKeyWord(words: readonly string[], target: PlannedTable): readonly string[] {
  const last = words.at(-1) ?? ''
  const first = words[0] ?? ''
  if (words.length > 1 && keyWords.has(last)) return words.slice(0, -1)
  if (words.length > 1 && (first === 'id' || first === 'fk')) return words.slice(1)
  return keyWords.has(last) ? target.words : words
}

function toOne({ source, target, foreignKey, name }: Reference): PlannedRelation {
  const nullable = source.table.columns.some(
    (column) => foreignKey.columns.includes(column.name) && !column.notNull,
  )
  return {
    name,
    many: false,
    through: null,
    certain: foreignKey.certain && !nullable,
    from: toSide(source, foreignKey.columns),
    to: toSide(target, foreignKey.targetColumns),
  }
}

/** The other way: the source's plural, or its singular where it has at most one row; with `By…` where several keys lead here. */
function toBack(
  reference: Reference,
  references: readonly Reference[],
  names: Names,
): PlannedRelation {
  const { source, target, foreignKey, words } = reference
  const many = !isUnique(source.table, foreignKey.columns)
  const several =
    source === target ||
    references.some(
      (other) => other !== reference && other.source === source && other.target === target,
    )
  const plain = many ? source.plural : source.singular
  const named = `${plain}By${joinPascal(words)}`
  return {
    name: several ? names.take(named) : names.take(plain, named),
    many,
    through: null,
    certain: false,
    from: toSide(target, foreignKey.targetColumns),
    to: toSide(source, foreignKey.columns),
  }
}

/** Through a junction: the far table's plural; where both keys lead to one table, the plural of the far key's name. */
function toThrough(near: Reference, far: Reference, names: Names): PlannedRelation {
  const plain = near.target === far.target ? joinCamel(toPlural(far.words)) : far.target.plural
  return {
    name: names.take(plain, `${plain}Through${joinPascal(near.source.words)}`),
    many: true,
    certain: false,
    from: toSide(near.target, near.foreignKey.targetColumns),
    to: toSide(far.target, far.foreignKey.targetColumns),
    through: {
      from: toSide(near.source, near.foreignKey.columns),
      to: toSide(far.source, far.foreignKey.columns),
    },
  }
}

const toSide = (table: PlannedTable, columns: readonly string[]): Side => ({
  table,
  columns: columns.map((name) => table.columns.get(name)?.key ?? name),
})

function isUnique(table: CatalogTable, columns: readonly string[]): boolean {
  const indexes = table.indexes
    .filter((index) => index.unique && index.condition === null)
    .map(({ parts }) => parts.map(({ column }) => column ?? ''))
  const sets = [
    table.primaryKey?.columns ?? [],
    ...table.uniques.map((unique) => unique.columns),
    ...indexes,
  ]
  return sets.some((set) => set.length > 0 && set.every((name) => columns.includes(name)))
}

/** A table that says nothing but which rows of two tables belong together. */
function isJunction(table: CatalogTable): boolean {
  const own = table.primaryKey?.columns ?? []
  const referring = table.foreignKeys.flatMap((foreignKey) => foreignKey.columns)
  return (
    table.foreignKeys.length === 2 &&
    own.length === table.columns.length &&
    new Set(referring).size === referring.length &&
    referring.length === own.length &&
    own.every((name) => referring.includes(name))
  )
}
