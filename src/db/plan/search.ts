// Full-text search in SQL: the text of a row as a tsvector, whether it matches, and how well.
import { type Column, type SQL, sql } from 'drizzle-orm'
import type { Search, SearchPart } from '../../schema/model/model.ts'

type Columns = Readonly<Record<string, Column>>

/** The very expression that an index has to be of: see the guide on search. */
function documentOf({ parts, language }: Search, columns: Columns): SQL {
  const several = parts.length > 1 // one that is null must not take the others along
  return sql.join(
    parts.map((part) => partOf(part, { language, several }, columns)),
    sql` || `,
  )
}

function partOf(
  { field, vector, weight }: SearchPart,
  { language, several }: { readonly language: string; readonly several: boolean },
  columns: Columns,
): SQL {
  const text =
    several && field.nullable
      ? sql`coalesce(${columns[field.name]}, '')`
      : sql`${columns[field.name]}`
  if (vector) return text
  const words = sql`to_tsvector(${literal(language)}, ${text})`
  return weight === null ? words : sql`setweight(${words}, ${literal(weight)})`
}

/** Part of the statement, so that an index can serve it; the model has checked what it is made of. */
const literal = (word: string): SQL => sql.raw(`'${word}'`)

/** What callers write is read as search engines read it: quotes for phrases, `or`, a minus for what must not be there; nothing is an error. */
const queryOf = ({ language }: Search, text: SQL): SQL =>
  sql`websearch_to_tsquery(${literal(language)}, ${text})`

export const matchesSql = (search: Search, text: SQL, columns: Columns): SQL =>
  sql`(${documentOf(search, columns)}) @@ ${queryOf(search, text)}`

/** How well a row matches: by how often the words occur, how near to each other, and their weights. */
export const rankSql = (search: Search, text: SQL, columns: Columns): SQL =>
  sql`ts_rank_cd(${documentOf(search, columns)}, ${queryOf(search, text)})`
