// docs/reference/operators.md, from the kinds of values and the operators that each takes.
import { jsonOperators } from '../../src/schema/model/json-operators.ts'
import type { KindName } from '../../src/schema/values/kinds.ts'
import { type Field, isSortable } from '../../src/schema/model/model.ts'
import { type Operator, operatorsOf } from '../../src/schema/model/operators.ts'
import { isMeasured } from '../../src/schema/model/nearest.ts'
import { comparisonName } from '../../src/schema/inputs/standard-inputs.ts'
import { code, type Generated, madeFrom, toTable } from './markdown.ts'
import { type Written, writeList } from './operator-sql.ts'
import { model, operandOf } from './samples.ts'

const sqlTypes: Readonly<Record<KindName, string>> = {
  smallint: 'smallint',
  integer: 'integer',
  bigint: 'bigint',
  decimal: 'numeric',
  float: 'real, double precision',
  boolean: 'boolean',
  text: 'text, varchar, char, citext',
  uuid: 'uuid',
  date: 'date',
  time: 'time',
  localDateTime: 'timestamp',
  dateTime: 'timestamptz',
  duration: 'interval',
  enum: 'an enum',
  json: 'json, jsonb',
  bytes: 'bytea',
  vector: 'vector (pgvector)',
  geometry: 'geometry, geography (PostGIS)',
  other: 'any other type that is served',
}

export const operators = async (): Promise<Generated> => {
  const fields = [...model.resources.values()].flatMap((resource) => [...resource.fields.values()])
  const byName = new Map<string, Operator>(
    fields.flatMap((field) =>
      operatorsOf(field).map(
        (operator) => [`${operator.name} ${operator.description}`, operator] as const,
      ),
    ),
  )
  return { 'docs/reference/operators.md': toPage(fields, [...byName.values()]) }
}

interface Row extends Written {
  readonly operator: string
  readonly kinds: string[]
}

/** Each operator with the kinds that it is the same SQL for. */
function toRows(fields: readonly Field[]): readonly Row[] {
  const rows = new Map<string, Row>()
  const inWords = (text: string, field: Field): string =>
    text.replaceAll(new RegExp(`\\b${field.name}\\b(?=:|\\[| |\\)|,|$)`, 'g'), 'f')
  for (const field of fields) {
    for (const operator of operatorsOf(field)) {
      const written = writeList({
        where: { [field.name]: { [operator.name]: operandOf(field, operator) } },
      })
      const sql = written.sql.replaceAll(new RegExp(`(?<![:\\w])${field.name}\\b`, 'g'), 'f')
      const key = `${operator.name} ${sql}`
      const row = rows.get(key) ?? {
        operator: operator.name,
        kinds: [],
        graphql: inWords(written.graphql, field),
        rest: inWords(written.rest, field),
        sql,
      }
      rows.set(key, row)
      row.kinds.push(field.list ? 'lists' : field.kind.name)
    }
  }
  return [...rows.values()].toSorted(
    (a, b) => order(a.operator, fields) - order(b.operator, fields),
  )
}

/** As the operators are told of above. */
const order = (name: string, fields: readonly Field[]): number =>
  [
    ...new Set(
      fields.flatMap((field) => operatorsOf(field).map((operator) => operator.name as string)),
    ),
  ].indexOf(name)

const along: readonly (readonly [string, Parameters<typeof writeList>[0]])[] = [
  ['a to-one relation', { where: { one: { text: { eq: 'a' } } } }],
  ['some', { where: { many: { some: { text: { eq: 'a' } } } } }],
  ['none', { where: { many: { none: { text: { eq: 'a' } } } } }],
  ['every', { where: { many: { every: { text: { eq: 'a' } } } } }],
  ['count', { where: { many: { count: { gte: 3, lt: 9 } } } }],
  ['AND', { where: { AND: [{ text: { eq: 'a' } }, { float: { gt: 0.5 } }] } }],
  ['OR', { where: { OR: [{ text: { eq: 'a' } }, { float: { gt: 0.5 } }] } }],
  ['NOT', { where: { NOT: { text: { eq: 'a' } } } }],
]

const orders: readonly (readonly [string, Parameters<typeof writeList>[0]])[] = [
  ['an own field', { orderBy: [{ path: ['text'], direction: 'DESC' }] }],
  ['the place of nulls', { orderBy: [{ path: ['text'], direction: 'DESC_NULLS_LAST' }] }],
  ['along a to-one relation', { orderBy: [{ path: ['one', 'text'], direction: 'ASC' }] }],
  ['the count of a to-many', { orderBy: [{ path: ['many', 'count'], direction: 'DESC' }] }],
  ['distinct', { orderBy: [{ path: ['text'], direction: 'ASC' }], distinctOn: ['text'] }],
]

const writtenTable = (
  rows: readonly (readonly [string, Parameters<typeof writeList>[0]])[],
): string =>
  toTable(
    ['', 'GraphQL', 'REST', 'SQL'],
    rows.map(([what, list]) => {
      const { graphql, rest, sql } = writeList(list)
      return [what, code(graphql), code(rest), code(sql)]
    }),
  )

const toPage = (fields: readonly Field[], all: readonly Operator[]): string =>
  [INTRODUCTION, kindsSection(fields), meaningsSection(all), LOGIC, sqlSection(fields)].join('\n\n')

const INTRODUCTION = `# Operators

${madeFrom('src/schema/model/operators.ts and src/schema/values/kinds.ts')}

The operators of the filter language are the same on both faces. GraphQL and \`where=\` take them as
\`{ price: { gte: "10" } }\`; REST has the short form \`price[gte]=10\` for columns of the resource itself.
[Querying](../guides/querying.md#filter) has examples.`

const kindsSection = (fields: readonly Field[]): string => `## By kind of value

${toTable(
  ['kind', 'PostgreSQL', 'filter type', 'operators', 'in an order'],
  fields.map((field) => [
    field.list ? 'a list of any kind' : field.kind.name,
    field.list ? 'T[]' : sqlTypes[field.kind.name],
    field.list
      ? code('…ListFilter')
      : field.enum === null
        ? code(comparisonName(field))
        : 'one for each enum',
    operatorsOf(field)
      .map((operator) => code(operator.name))
      .join(' '),
    isSortable(field) ? 'yes' : isMeasured(field) ? 'by distance' : 'no',
  ]),
)}
Kinds that are not served at all: \`tsvector\`, \`halfvec\`, \`sparsevec\`, geometries of other reference systems than 4326, \`point\`, \`line\`, \`bit\`.`

const meaningsSection = (all: readonly Operator[]): string => `## What each means

${toTable(
  ['operator', 'holds where the value …', 'GraphQL and `where=`', 'REST, short'],
  all.map((operator) => [
    code(operator.name),
    operator.description,
    code(`{ f: { ${operator.name}: ${operandText(operator)} } }`),
    code(`f[${operator.name}]=${shortText(operator)}`),
  ]),
)}
- \`f=a\` on REST is short for \`f[eq]=a\`. In a list, a member with a comma stands in quotes: \`f[in]="a,b",c\`.
- \`{ f: { eq: null } }\` and \`{ f: {} }\` are refused: an absent variable must never widen a filter. Use \`isNull\`.
- \`in: []\` and \`OR: []\` match nothing. \`ne\`, \`notIn\` and \`NOT\` are three-valued as in SQL: they do not hold for null.
- \`%\` and \`_\` are wildcards in \`like\` and \`ilike\` only; \`contains\`, \`startsWith\` and \`endsWith\` compare them as plain characters.`

const LOGIC = `## Logic and relations

| member | holds where … |
|---|---|
| \`AND: [ … ]\` | all of these hold; so do several members of one object |
| \`OR: [ … ]\` | at least one of these holds |
| \`NOT: { … }\` | this does not hold |
| a to-one relation: \`category: { … }\` | the related row exists, and the filter holds for it |
| a to-many relation: \`reviews: { some: { … } }\` | the filter holds for at least one related row |
| \`reviews: { none: { … } }\` | the filter holds for no related row |
| \`reviews: { every: { … } }\` | the filter holds for every related row, or there are no related rows |
| \`reviews: { count: { gte: 3 } }\` | the comparison holds for the number of related rows: \`eq ne in notIn gt gte lt lte\` |

All of them see only rows that the caller may read.`

const sqlSection = (fields: readonly Field[]): string => `## In SQL

The SQL of a column \`f\` and each operator, written by the code that plans requests. Every value is a parameter. The caller's policies are further conditions beside the filter. Smallint and real
columns are compared in a wider type, so that a number which the column cannot hold matches no row. The parameter of \`contains\`, \`startsWith\` and
\`endsWith\` of text is the caller's text with \`%\` around it and its own \`%\` and \`_\` escaped.

${toTable(
  ['operator', 'kinds', 'GraphQL', 'REST', 'SQL'],
  toRows(fields).map(({ operator, kinds: of, graphql, rest, sql }) => [
    code(operator),
    of.join(' '),
    code(graphql),
    code(rest),
    code(sql),
  ]),
)}
Along relations, \`one\` is the row whose \`integer\` is this row's \`smallint\`, and \`many\` are the rows whose \`smallint\` is this row's \`integer\`:

${writtenTable(along)}
## Order in SQL

${writtenTable(orders)}`

function operandText(operator: Operator): string {
  const { name, takes } = operator
  switch (takes) {
    case 'boolean':
      return 'true'
    case 'values':
    case 'elements':
      return '["a", "b"]'
    case 'distance':
      return '{ to: GeoJSON, lte: 500 }'
    case 'path':
      return '{ at: ["a", "b"], gte: 1 }'
    default:
      if (isSpatial(name)) return 'GeoJSON'
      return isDocument(operator) ? '{ a: 1 }' : '"a"'
  }
}

const isSpatial = (name: string): boolean => name === 'within' || name === 'intersects'

/** What a JSON document contains, as a text does. */
const isDocument = (operator: Operator): boolean =>
  jsonOperators.includes(operator) && operator.name === 'contains'

function shortText(operator: Operator): string {
  const { name, takes } = operator
  if (takes === 'path') return '{"at":["a","b"],"gte":1}'
  if (takes === 'distance') return '{"to":GeoJSON,"lte":500}'
  if (isSpatial(name)) return 'GeoJSON'
  if (isDocument(operator)) return '{"a":1}'
  return takes === 'boolean' ? 'true' : takes === 'values' || takes === 'elements' ? 'a,b' : 'a'
}
