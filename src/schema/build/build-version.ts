// What a row's version is made of: PostgreSQL's own books, or a column that the gateway counts up.
import type { PgColumn } from 'drizzle-orm/pg-core'
import type { Report } from '../declare/model-error.ts'
import type { Field, Version } from '../model/model.ts'

interface VersionContext {
  readonly resource: string
  readonly rules: {
    readonly version?: string | false
    readonly requireVersion?: true
    readonly names?: { readonly version?: string }
  }
  /** Hidden ones included: nobody has to see the column itself. */
  readonly fields: ReadonlyMap<string, Field>
  /** Whether the rows are a table's own, with the books that PostgreSQL keeps of them. */
  readonly isTable: boolean
  readonly isKey: (column: PgColumn) => boolean
  readonly report: Report
  readonly note: (line: string) => void
}

/** Null where rows have no version. */
export function buildVersion(context: VersionContext): Version | null {
  const {
    resource,
    rules: { version: declared, requireVersion = false, names },
    isTable,
    report,
    note,
  } = context
  const [name, required] = [names?.version ?? 'version', requireVersion]
  if (declared === undefined && isTable) return Object.freeze({ name, required, column: null })
  const column = typeof declared === 'string' ? declaredColumn(context, declared) : null
  if (column !== null) return Object.freeze({ name, required, column })
  if (required)
    report(
      `resources.${resource}.requireVersion`,
      'asks for versions that the rows do not have; name a column in `version`.',
    )
  note(
    `${resource} has no versions: ${declared === false ? 'it says so' : 'it is a view'}; a column named in \`version\` would give it some.`,
  )
  return null
}

function declaredColumn(
  { resource, fields, isKey, report }: VersionContext,
  name: string,
): Field | null {
  const field = fields.get(name)
  if (field === undefined || 'sql' in field.source) {
    report(`resources.${resource}.version`, `is ${name}, which is no column of the table.`)
    return null
  }
  const fault = faultOf(field, field.source.column, isKey(field.source.column))
  if (fault !== null) report(`resources.${resource}.version`, `is ${name}, ${fault}`)
  return field
}

/** Kinds that can be counted up for as long as rows are changed. */
const counted: ReadonlySet<string> = new Set(['integer', 'bigint'])
const clocked: ReadonlySet<string> = new Set(['dateTime', 'localDateTime'])

function faultOf({ kind, list }: Field, column: PgColumn, isKey: boolean): string | null {
  if (isKey) return 'which is of the key and never changes.'
  if (list || !(counted.has(kind.name) || clocked.has(kind.name)))
    return 'which cannot be counted up; a version is an integer, a bigint or a timestamp.'
  if (column.generated !== undefined || column.generatedIdentity !== undefined)
    return 'which the database generates; the gateway could not count it up.'
  const { precision } = column as { readonly precision?: number } // of timestamps alone
  if (clocked.has(kind.name) && precision !== undefined && precision < 6)
    return `of ${precision} digits, in which two changes may look alike; leave the precision out.`
  return null
}
