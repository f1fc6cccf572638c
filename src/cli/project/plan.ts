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
  toCamel,
  toKebab,
  toPascal,
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
  const books: NameBooks = {
    constants: openNames(reservedInTables),
    resourceConstants: openNames(reservedInResources),
    keys: openNames([...rootFields, ...relationHelpers, ...objectMembers]),
    types: openNames(graphqlTypes),
    tableFiles: openNames(['enums', 'types', 'schemas']),
    resourceFiles: openNames(),
  }
  const planned = new Map(
    served
      .toSorted(byPlainness)
      .map((table) => [table.name, planTable(table, keys.get(table.oid) ?? null, books)]),
  )
  const tables = new Map([...planned].toSorted(([a], [b]) => (a < b ? -1 : 1)))
  const columns = served.flatMap((table) => table.columns)
  const usedEnums = catalog.enums.filter((type) =>
    columns.some(
      (column) => column.isEnum && column.type === type.name && column.typeSchema === type.schema,
    ),
  )
  const enums = usedEnums.map((type) => ({
    type,
    constant: books.constants.take(
      toCamel(toWords(type.name)),
      `${toCamel(toWords(type.name))}Enum`,
    ),
  }))
  const foreign = [
    ...new Set(
      columns
        .filter((column) => !column.isEnum && !isBuiltIn(column))
        .map((column) => column.sqlType),
    ),
  ].toSorted()
  const customTypes = new Map(
    foreign.map((type) => [
      type,
      books.constants.take(toCamel(toWords(type)), `${toCamel(toWords(type))}Type`),
    ]),
  )
  const schemaNames = [...new Set([catalog.schema, ...usedEnums.map((type) => type.schema)])]
    .filter((name) => name !== 'public')
    .toSorted()
  const schemas = new Map(
    schemaNames.map((name) => [name, books.constants.take(`${toCamel(toWords(name))}Schema`)]),
  )
  notes.push(...served.flatMap((table) => strayKeys(table, catalog.schema, tables)))
  return { schema: catalog.schema, schemas, tables, enums, customTypes, notes }
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
  const singular = books.keys.take(toCamel(words))
  const manyWords = toPlural(words)
  // "news" is one and many: the list is then called one
  const many = toCamel(manyWords) === singular ? toCamel([...words, 'list']) : toCamel(manyWords)
  const plural = books.keys.take(many, toCamel([...words, 'list']))
  for (const suffix of typeSuffixes) books.types.take(toPascal(words) + suffix)
  books.keys.take(`${plural}Aggregate`)
  return {
    table,
    words,
    singular,
    plural,
    readKey,
    tableConstant: books.constants.take(plural, `${plural}Table`),
    resourceConstant: books.resourceConstants.take(singular, `${singular}Resource`),
    tableFile: books.tableFiles.take(toKebab(toWords(plural))),
    resourceFile: books.resourceFiles.take(toKebab(toWords(singular))),
    columns: planColumns(table, readKey ?? []),
  }
}

/** The table's own words, or `… record` where they are a word of GraphQL, of JavaScript, or another table's. */
function freeWords(words: readonly string[], { keys, types }: NameBooks): readonly string[] {
  const isFree = (candidate: readonly string[]) =>
    !keys.has(toCamel(candidate)) &&
    !keys.has(toCamel(toPlural(candidate))) &&
    typeSuffixes.every((suffix) => !types.has(toPascal(candidate) + suffix))
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
  const plain = table.columns.map((column) => ({ column, key: toCamel(toWords(column.name)) }))
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
