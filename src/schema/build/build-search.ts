// The search of a resource from its declaration: columns of text, or a tsvector that the table keeps.
import { type Column, is } from 'drizzle-orm'
import { PgColumn } from 'drizzle-orm/pg-core'
import { z } from 'zod'
import { toPolicyNode } from '../declare/access.ts'
import type { AnyRules } from './build-fields.ts'
import { didYouMean } from '../declare/did-you-mean.ts'
import { isTextVector, kinds } from '../values/kinds.ts'
import type { Report } from '../declare/model-error.ts'
import type { Field, Search, SearchPart } from '../model/model.ts'
import { searchLanguages, type SearchWeight } from '../declare/search.ts'

interface SearchContext {
  readonly resource: string
  readonly rules: AnyRules
  readonly columns: Readonly<Record<string, Column>>
  /** All fields, hidden ones included. */
  readonly fields: ReadonlyMap<string, Field>
  readonly report: Report
}

/** `search` with its types erased. */
interface AnySearch {
  readonly columns: readonly string[]
  readonly language?: string
  readonly weights?: Readonly<Record<string, SearchWeight>>
}

const DEFAULT_LANGUAGE = 'english'

/** Null where the resource declares no search. */
export function buildSearch(context: SearchContext): Search | null {
  const { resource, rules, report } = context
  const declared = rules.search as readonly string[] | AnySearch | undefined // checked by the compiler where it was declared
  if (declared === undefined) return null
  const {
    columns,
    language = DEFAULT_LANGUAGE,
    weights = {},
  }: AnySearch = 'columns' in declared ? declared : { columns: declared }
  const where = `${resource}.search`
  if (columns.length === 0) report(where, 'names no column.')
  if (!(searchLanguages as readonly string[]).includes(language) && !/^\w+\.\w+$/.test(language)) {
    report(
      where,
      `has the language "${language}", which PostgreSQL does not come with; it has ${searchLanguages.join(', ')}. One of your own is named with its schema.`,
    )
  }
  for (const name of Object.keys(weights))
    if (!columns.includes(name))
      report(`${where}.weights.${name}`, `is no column of the search.${didYouMean(name, columns)}`)
  const parts = columns.flatMap((name) => buildPart(context, name, weights[name] ?? null) ?? [])
  return Object.freeze({ parts: Object.freeze(parts), language })
}

function buildPart(
  { resource, rules, columns, fields, report }: SearchContext,
  name: string,
  weight: SearchWeight | null,
): SearchPart | null {
  const where = `${resource}.search`
  const column = columns[name]
  const field = fields.get(name)
  if (column !== undefined && is(column, PgColumn) && isTextVector(column)) {
    if (weight !== null)
      report(`${where}.weights.${name}`, 'weighs a tsvector, which has its weights already.')
    return { field: vectorField(name, column, rules), vector: true, weight: null }
  }
  if (
    field === undefined ||
    !('column' in field.source) ||
    field.kind !== kinds.text ||
    field.list
  ) {
    report(where, `names ${name}, which is no column of text and no tsvector.`)
    return null
  }
  if (!field.served)
    report(where, `names ${name}, which is hidden: nobody may read it, so nobody could search.`)
  return { field, vector: false, weight }
}

/** Read by nobody as a value; its policy says who may search by it. */
function vectorField(name: string, column: PgColumn, rules: AnyRules): Field {
  const read = rules.fields?.[name]?.read
  return Object.freeze({
    name,
    kind: kinds.other,
    list: false,
    nullable: !column.notNull,
    served: false,
    enum: null,
    source: { column },
    read: read === undefined ? null : toPolicyNode(read),
    write: null,
    own: false,
    create: 'never',
    update: 'never',
    input: z.never(),
    wire: z.never(),
  })
}
