// Notes on a resource: what is declared and cannot be served, which `bifrons check` lists.
import type { Column } from 'drizzle-orm'
import { reservedKeys } from '../declare/names.ts'
import { hiddenParts } from '../model/aggregates.ts'
import type { Field } from '../model/model.ts'

type Note = (line: string) => void

interface Noted {
  readonly resource: string
  readonly columns: Readonly<Record<string, Column>>
  /** All fields, hidden ones included. */
  readonly fields: ReadonlyMap<string, Field>
  /** The fields of the primary key that are served. */
  readonly key: readonly (Field | undefined)[]
  readonly isRead: boolean
  readonly isCreated: boolean
  readonly note: Note
}

export function noteUnserved(noted: Noted): void {
  noteReserved(noted)
  if (noted.isRead) noteHiddenParts(noted)
  if (noted.isCreated) noteUnfillable(noted)
}

/** A key of free text may be a word that REST needs for itself. */
function noteReserved({ resource, key, note }: Noted): void {
  if (key.length !== 1 || key[0]?.kind.name !== 'text') return
  note(
    `${resource} has text for a key: on REST, a row whose ${key[0].name} is ${[...reservedKeys].join(', ')} is reached by a filter only.`,
  )
}

/** A field has its name; what would be a part of a date of that name cannot be grouped by. */
function noteHiddenParts({ resource, fields, note }: Noted): void {
  const served = new Map([...fields].filter(([, field]) => field.served))
  for (const name of hiddenParts(served))
    note(`${resource}.${name} is a field; an aggregate has no part of a date by that name.`)
}

/** A column that no caller may give, and that the database does not fill: creating works only where a trigger does. */
function noteUnfillable({ resource, columns, fields, note }: Noted): void {
  for (const [name, column] of Object.entries(columns)) {
    const field = fields.get(name)
    const filled =
      !column.notNull || column.hasDefault || column.generated !== undefined || field?.own === true
    if (!filled && field?.served !== true)
      note(
        `${resource} can be created only if a trigger fills ${name}: it is required and not served.`,
      )
  }
}
