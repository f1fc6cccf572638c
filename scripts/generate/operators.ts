// docs/reference/operators.md, from the kinds of values and the operators that each takes.
import { getColumns } from 'drizzle-orm'
import {
  bigint, boolean, bytea, date, doublePrecision, inet, integer, interval, json, numeric, pgEnum, pgTable, smallint, text, time, timestamp, uuid, vector, geometry,
} from 'drizzle-orm/pg-core'
import { buildFields } from '../../src/schema/build-fields.ts'
import { type KindName, kinds } from '../../src/schema/kinds.ts'
import type { Field } from '../../src/schema/model.ts'
import { type Operator, operatorsOf } from '../../src/schema/operators.ts'
import { isMeasured } from '../../src/schema/nearest.ts'
import { comparisonName, isSortable } from '../../src/schema/shapes.ts'
import { code, type Generated, madeFrom, toTable } from './markdown.ts'

const sampleEnum = pgEnum('enum', ['a'])

/** A column of each kind, by the kind's name. */
const samples = pgTable('samples', {
  smallint: smallint(), integer: integer(), bigint: bigint({ mode: 'bigint' }), decimal: numeric(), float: doublePrecision(), boolean: boolean(),
  text: text(), uuid: uuid(), date: date(), time: time(), localDateTime: timestamp(), dateTime: timestamp({ withTimezone: true }),
  duration: interval(), enum: sampleEnum(), json: json(), bytes: bytea(), vector: vector({ dimensions: 3 }), geometry: geometry({ type: 'point', srid: 4326 }), other: inet(), list: text().array(),
} satisfies Record<KindName | 'list', unknown>)

const sqlTypes: Readonly<Record<KindName, string>> = {
  smallint: 'smallint', integer: 'integer', bigint: 'bigint', decimal: 'numeric', float: 'real, double precision', boolean: 'boolean',
  text: 'text, varchar, char, citext', uuid: 'uuid', date: 'date', time: 'time', localDateTime: 'timestamp', dateTime: 'timestamptz',
  duration: 'interval', enum: 'an enum', json: 'json, jsonb', bytes: 'bytea', vector: 'vector (pgvector)', geometry: 'geometry, geography (PostGIS)', other: 'any other type that is served',
}

export const operators = async (): Promise<Generated> => {
  const mistakes: string[] = []
  const fields = buildFields({
    resource: 'samples', type: 'Sample', columns: getColumns(samples), rules: { access: {} }, isKey: () => false,
    report: (where, what) => mistakes.push(`${where} ${what}`),
  })
  if (mistakes.length > 0) throw new Error(mistakes.join('\n'))
  const all = [...fields.values()]
  const byName = new Map<string, Operator>(all.flatMap((field) => operatorsOf(field).map((operator) => [operator.name, operator] as const)))
  return { 'docs/reference/operators.md': toPage(all, [...byName.values()]) }
}

const toPage = (fields: readonly Field[], all: readonly Operator[]): string => `# Operators

${madeFrom('src/schema/operators.ts and src/schema/kinds.ts')}

The operators of the filter language are the same on both faces. GraphQL and \`where=\` take them as
\`{ price: { gte: "10" } }\`; REST has the short form \`price[gte]=10\` for columns of the resource itself.
[Querying](../guides/querying.md#filter) shows them at work.

## By kind of value

${toTable(['kind', 'PostgreSQL', 'filter type', 'operators', 'in an order'], fields.map((field) => [
  field.list ? 'a list of any kind' : field.kind.name,
  field.list ? 'T[]' : sqlTypes[field.kind.name],
  field.list ? code('…ListFilter') : field.enum === null ? code(comparisonName(field)) : 'one for each enum',
  operatorsOf(field).map((operator) => code(operator.name)).join(' '),
  isSortable(field) ? 'yes' : isMeasured(field) ? 'by distance' : 'no',
]))}
Kinds that are not served at all: \`tsvector\`, \`halfvec\`, \`sparsevec\`, geometries of other reference systems than 4326, \`point\`, \`line\`, \`bit\`.

## What each means

${toTable(['operator', 'holds where the value …', 'GraphQL and `where=`', 'REST, short'], all.map((operator) => [
  code(operator.name), operator.description, code(`{ f: { ${operator.name}: ${operandText(operator)} } }`), code(`f[${operator.name}]=${shortText(operator)}`),
]))}
- \`f=a\` on REST is short for \`f[eq]=a\`. In a list, a member with a comma stands in quotes: \`f[in]="a,b",c\`.
- \`{ f: { eq: null } }\` and \`{ f: {} }\` are refused: an absent variable must never widen a filter. Use \`isNull\`.
- \`in: []\` and \`OR: []\` match nothing. \`ne\`, \`notIn\` and \`NOT\` are three-valued as in SQL: they do not hold for null.
- Wildcards are for \`like\` and \`ilike\` only; \`contains\`, \`startsWith\` and \`endsWith\` take \`%\` and \`_\` as they are.

## Logic and relations

| member | holds where … |
|---|---|
| \`AND: [ … ]\` | all of these hold; so do several members of one object |
| \`OR: [ … ]\` | one of these holds at least |
| \`NOT: { … }\` | this does not hold |
| a to-one relation: \`category: { … }\` | there is such a row, and the filter holds for it |
| a to-many relation: \`reviews: { some: { … } }\` | the filter holds for one row at least |
| \`reviews: { none: { … } }\` | for no row |
| \`reviews: { every: { … } }\` | for every row; also where there is none |
| \`reviews: { count: { gte: 3 } }\` | the number of rows compares so: \`eq ne in notIn gt gte lt lte\` |

Rows that the caller may not read count nowhere.
`

const operandText = ({ takes }: Operator): string =>
  takes === 'boolean' ? 'true' : takes === 'values' || takes === 'elements' ? '["a", "b"]' : '"a"'

const shortText = ({ takes }: Operator): string => takes === 'boolean' ? 'true' : takes === 'values' || takes === 'elements' ? 'a,b' : 'a'

/** Guards the page against a kind without a sample. */
for (const name of Object.keys(kinds)) if (!(name in samples)) throw new Error(`The page of operators has no sample of the kind ${name}.`)
