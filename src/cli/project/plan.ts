// What a project over an existing database will hold: every table with all its names, before a line is written.
import type { Catalog, CatalogColumn, CatalogEnum, CatalogTable } from '../../db/catalog/catalog.ts'
import {
  graphqlTypes,
  objectMembers,
  relationHelpers,
  reservedInResources,
  reservedInTables,
  rootFields,
  typeSuffixes,
} from './reserved.ts'
import { planKeys } from './plan-keys.ts'
import {
  type Names,
  openNames,
  joinCamel,
  joinKebab,
  joinPascal,
  toPlural,
  toSingular,
  toWords,
} from './words.ts'

export interface PlannedColumn {
  /** Its key in TypeScript and on the wire. */
  readonly key: string
  readonly column: CatalogColumn
  /** Part of the key that stands in for a primary one: never null, whatever the catalog says of a view. */
  readonly inKey: boolean
}

export interface PlannedTable {
  readonly table: CatalogTable
  /** Its key in Drizzle's relations, the plural: `invoiceLines`. */
  readonly plural: string
  /** Its resource's key, the singular: `invoiceLine`. */
  readonly singular: string
  /** The words of the singular, for names made of it. */
  readonly words: readonly string[]
  /** The exported constants, which may not be keywords. */
  readonly tableConstant: string
  readonly resourceConstant: string
  /** File names without extension. */
  readonly tableFile: string
  readonly resourceFile: string
  /** By the database's name. */
  readonly columns: ReadonlyMap<string, PlannedColumn>
  /** The columns that stand in for a primary key, by the database's names; null where there is one. */
  readonly readKey: readonly string[] | null
}

export interface PlannedEnum {
  readonly constant: string
  readonly type: CatalogEnum
}

export interface Plan {
  readonly schema: string
  /** The constant of a schema that is not `public`. */
  readonly schemas: ReadonlyMap<string, string>
  /** By the database's name. */
  readonly tables: ReadonlyMap<string, PlannedTable>
  readonly enums: readonly PlannedEnum[]
  /** Constants of types that Drizzle has no column for, by their SQL. */
  readonly customTypes: ReadonlyMap<string, string>
  /** What was left out or is unusual, in words. */
  readonly notes: readonly string[]
}

interface NameBooks {
  readonly constants: Names
  readonly resourceConstants: Names
  readonly keys: Names
  readonly types: Names
  readonly tableFiles: Names
  readonly resourceFiles: Names
}

/** Decides what is served and what everything is called. The same database gives the same plan. */
export function planProject(catalog: Catalog, isBuiltIn: (column: CatalogColumn) => boolean): Plan {
  const notes: string[] = []
  const keys = planKeys(catalog.tables, notes)
  const served = catalog.tables.filter((table) => keys.has(table.oid))
  const books = openBooks()
  const planned = new Map(
    served
      .toSorted(byPlainness)
      .map((table) => [table.name, planTable(table, keys.get(table.oid) ?? null, books)]),
  )
  const tables = new Map([...planned].toSorted(([a], [b]) => (a < b ? -1 : 1)))
  const columns = served.flatMap((table) => table.columns)
  const { constants } = books
  const enums = planEnums(catalog.enums, columns, constants)
  const customTypes = planCustomTypes(columns, isBuiltIn, constants)
  const schemas = planSchemas([catalog.schema, ...enums.map(({ type }) => type.schema)], constants)
  notes.push(...served.flatMap((table) => strayKeys(table, catalog.schema, tables)))
  return { schema: catalog.schema, schemas, tables, enums, customTypes, notes }
}

const openBooks = (): NameBooks => ({
  constants: openNames(reservedInTables),
  resourceConstants: openNames(reservedInResources),
  keys: openNames([...rootFields, ...relationHelpers, ...objectMembers]),
  types: openNames(graphqlTypes),
  tableFiles: openNames(['enums', 'types', 'schemas']),
  resourceFiles: openNames(),
})

/** The enums that columns have. */
function planEnums(
  enums: readonly CatalogEnum[],
  columns: readonly CatalogColumn[],
  constants: Names,
): readonly PlannedEnum[] {
  const isUsed = ({ name, schema }: CatalogEnum): boolean =>
    columns.some((column) => column.isEnum && column.type === name && column.typeSchema === schema)
  return enums.filter(isUsed).map((type) => {
    const name = joinCamel(toWords(type.name))
    return { type, constant: constants.take(name, `${name}Enum`) }
  })
}

/** The types that Drizzle has no column for. */
function planCustomTypes(
  columns: readonly CatalogColumn[],
  isBuiltIn: (column: CatalogColumn) => boolean,
  constants: Names,
): ReadonlyMap<string, string> {
  const foreign = columns.filter((column) => !column.isEnum && !isBuiltIn(column))
  const types = [...new Set(foreign.map((column) => column.sqlType))].toSorted()
  return new Map(
    types.map((type) => {
      const name = joinCamel(toWords(type))
      return [type, constants.take(name, `${name}Type`)]
    }),
  )
}

function planSchemas(names: readonly string[], constants: Names): ReadonlyMap<string, string> {
  const named = [...new Set(names)].filter((name) => name !== 'public').toSorted()
  return new Map(named.map((name) => [name, constants.take(`${joinCamel(toWords(name))}Schema`)]))
}

/** Of two tables that want one name, the plainer has it: `orders` before `order_filter`, `users` before `Users`. */
function byPlainness(a: CatalogTable, b: CatalogTable): number {
  const isMixed = ({ name }: CatalogTable) => Number(name !== name.toLowerCase())
  return (
    toWords(a.name).length - toWords(b.name).length ||
    isMixed(a) - isMixed(b) ||
    (a.name < b.name ? -1 : 1)
  )
}

/** Foreign keys that lead out of the project. */
const strayKeys = (
  table: CatalogTable,
  schema: string,
  tables: ReadonlyMap<string, unknown>,
): readonly string[] =>
  table.foreignKeys
    .filter(({ target, targetSchema }) => targetSchema !== schema || !tables.has(target))
    .map(
      ({ name, target, targetSchema }) =>
        `the foreign key ${name} of ${table.name} is no relation: ${targetSchema}.${target} is not in the project.`,
    )

function planTable(
  table: CatalogTable,
  readKey: readonly string[] | null,
  books: NameBooks,
): PlannedTable {
  const words = freeWords(toSingular(toWords(table.name)), books)
  const singular = books.keys.take(joinCamel(words))
  const manyWords = toPlural(words)
  // "news" is one and many: the list is then called one
  const many =
    joinCamel(manyWords) === singular ? joinCamel([...words, 'list']) : joinCamel(manyWords)
  const plural = books.keys.take(many, joinCamel([...words, 'list']))
  for (const suffix of typeSuffixes) books.types.take(joinPascal(words) + suffix)
  books.keys.take(`${plural}Aggregate`)
  return {
    table,
    words,
    singular,
    plural,
    readKey,
    tableConstant: books.constants.take(plural, `${plural}Table`),
    resourceConstant: books.resourceConstants.take(singular, `${singular}Resource`),
    tableFile: books.tableFiles.take(joinKebab(toWords(plural))),
    resourceFile: books.resourceFiles.take(joinKebab(toWords(singular))),
    columns: planColumns(table, readKey ?? []),
  }
}

/** The table's own words, or `… record` where they are a word of GraphQL, of JavaScript, or another table's. */
function freeWords(words: readonly string[], { keys, types }: NameBooks): readonly string[] {
  const isFree = (candidate: readonly string[]) =>
    !keys.has(joinCamel(candidate)) &&
    !keys.has(joinCamel(toPlural(candidate))) &&
    typeSuffixes.every((suffix) => !types.has(joinPascal(candidate) + suffix))
  if (isFree(words)) return words
  for (let number = 1; ; number += 1) {
    const candidate = [...words, number === 1 ? 'record' : `record${number}`]
    if (isFree(candidate)) return candidate
  }
}

function planColumns(
  table: CatalogTable,
  readKey: readonly string[],
): ReadonlyMap<string, PlannedColumn> {
  const names = openNames(objectMembers)
  const plain = table.columns.map((column) => ({ column, key: joinCamel(toWords(column.name)) }))
  // names that are as they should be come first, so that they stay as they are
  const inOrder = [
    ...plain.filter(({ column, key }) => column.name === key),
    ...plain.filter(({ column, key }) => column.name !== key),
  ]
  const keys = new Map(inOrder.map(({ column, key }) => [column.name, names.take(key)]))
  return new Map(
    table.columns.map((column) => [
      column.name,
      {
        column,
        key: keys.get(column.name) ?? column.name,
        inKey: readKey.includes(column.name),
      },
    ]),
  )
}
