// What a handler tells the audit of a row that it has written through `tx`.

/** The rest of the entry is known: the caller, the face, the request and the operation. */
export interface AuditEntry {
  /** What was done to the row, such as `update`. */
  readonly verb: string
  /** The key in the gateway's `resources`, or any other name of what was written. */
  readonly resource: string
  /** The primary key, by the names of its fields. */
  readonly key: Readonly<Record<string, string | number | bigint>>
  /** The names of the fields that were written, never their values; none unless given. */
  readonly changed?: readonly string[]
}
