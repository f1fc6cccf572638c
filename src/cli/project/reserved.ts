// Names that are taken before the first table gets its own.
import { aggregateSuffixes } from '../../schema/model/aggregates.ts'
import { derivedSuffixes, ownTypes } from '../../schema/build/check-names.ts'

/** What no constant of a module may be called. */
const keywords =
  `abstract any arguments as async await boolean break case catch class const continue debugger declare default delete do else enum
  eval export extends false finally for from function get if implements import in instanceof interface is let module namespace never new null
  number object of package private protected public require return set static string super switch symbol this throw true try type typeof
  undefined unique unknown using var void while with yield`.split(/\s+/)

/** What the files of tables/ and relations.ts import, or name otherwise. */
const drizzleWords =
  `AnyPgColumn bigint bigserial boolean bytea char check cidr customType date doublePrecision foreignKey index inet integer interval
  json jsonb macaddr macaddr8 numeric pgEnum pgMaterializedView pgSchema pgTable pgView primaryKey real schema serial smallint smallserial sql
  table text time timestamp unique uniqueIndex uuid varchar`.split(/\s+/)

export const reservedInTables: ReadonlySet<string> = new Set([
  ...keywords,
  ...drizzleWords,
  'defineRelations',
  'relations',
  'tables',
])
export const reservedInResources: ReadonlySet<string> = new Set([
  ...keywords,
  'access',
  'declare',
  'gateway',
  'operation',
  'relations',
  'resource',
])

/** Keys of plain objects that JavaScript answers by itself. */
export const objectMembers: ReadonlySet<string> = new Set(
  Object.getOwnPropertyNames(Object.prototype),
)

/** Keys of a table that Drizzle's helpers of `defineRelations` have already. */
export const relationHelpers: readonly string[] = ['one', 'many']

export const graphqlTypes: ReadonlySet<string> = new Set(ownTypes)

/** Root fields that are there before any resource. */
export const rootFields: readonly string[] = ['node', 'nodes', 'query', 'mutation', 'subscription']

/** What is derived from a resource's type. */
export const typeSuffixes: readonly string[] = [...derivedSuffixes, ...aggregateSuffixes]
