// Who may export the rows of a resource, and how many: its own rules, or else those of the gateway.
import { isPolicyWord, type PolicyNode, toPolicyNode } from './access.ts'
import type { Report } from './model-error.ts'

/** Who may export rows that they may read, and the most rows of one export, those of included lists among them. */
export interface Export {
  readonly access: PolicyNode
  readonly rows: number
}

/** More rows than a file is read from. */
const MOST_ROWS = 100_000_000

/** An export shows a whole table at once: the anonymous may do it only where the declaration says so. */
const unlessDeclared: Export = Object.freeze({
  access: Object.freeze({ type: 'signedIn' }),
  rows: 1_000_000,
})

interface GivenExport {
  /** The name of the resource, or `gateway`. */
  readonly where: string
  /** A policy, or an object of `access` and `rows`: check-declaration.ts has looked at its members. */
  readonly given: unknown
  readonly byDefault?: Export
  readonly report: Report
}

export function buildExport({
  where,
  given,
  byDefault = unlessDeclared,
  report,
}: GivenExport): Export {
  const rules = isPolicyWord(given) ? { access: given } : Object(given)
  const access = rules.access === undefined ? byDefault.access : toPolicyNode(rules.access)
  const rows: unknown = rules.rows ?? byDefault.rows
  if (isRows(rows)) return Object.freeze({ access, rows })
  if (typeof rows === 'number')
    report(`${where}.export.rows`, `is a whole number from 1 to ${MOST_ROWS}.`)
  return Object.freeze({ access, rows: byDefault.rows })
}

const isRows = (rows: unknown): rows is number =>
  Number.isInteger(rows) && Number(rows) >= 1 && Number(rows) <= MOST_ROWS
