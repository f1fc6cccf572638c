// The matrix as text: a table for each resource, with a column for each role and notes on what an answer depends on.
import { styleText } from 'node:util'
import type { Cell, Matrix } from './matrix.ts'

/** Where the text goes: how wide, and whether in colours. */
export interface Page {
  readonly width: number
  readonly colors: boolean
}

/** Both faces have the same policies, so a table has one row for them; a row says where an operation is on one face only. */
export function matrixTable(matrix: Matrix, page: Page): string {
  const notes: string[] = []
  const subjects = Map.groupBy(matrix.cells, ({ subject, verb }) => (verb === 'do' ? '' : subject))
  const tables = [...subjects].flatMap(([subject, cells]) =>
    rolesByWidth(matrix.roles, page.width).map((roles) => [
      heading(subject || 'operations', roles),
      ...rowsOf(cells, roles, notes, page),
    ]),
  )
  return [
    ...tables.map((lines) => `${lines.join('\n')}\n`),
    ...notes.map((note, i) => `[${i + 1}] ${note}`),
  ].join('\n')
}

const NAME = 28
const CELL = 12

/** As many roles as fit beside the names; the others have tables of their own. */
function rolesByWidth(roles: readonly string[], width: number): readonly (readonly string[])[] {
  const fitting = Math.max(1, Math.floor((width - NAME) / CELL))
  return Array.from({ length: Math.ceil(roles.length / fitting) }, (_, i) =>
    roles.slice(i * fitting, (i + 1) * fitting),
  )
}

const fit = (text: string, width: number): string =>
  (text.length < width ? text : `${text.slice(0, width - 2)}…`).padEnd(width)

const heading = (subject: string, roles: readonly string[]): string =>
  (fit(subject, NAME) + roles.map((role) => fit(role, CELL)).join('')).trimEnd()

/** Fields have a row where they differ from the resource for one of the roles. */
function rowsOf(
  cells: readonly Cell[],
  roles: readonly string[],
  notes: string[],
  page: Page,
): readonly string[] {
  const rows = Map.groupBy(cells, rowName)
  const key = (of: readonly Cell[]): string =>
    JSON.stringify(of.map(({ role, answer, on }) => [role, answer, on]))
  return [...rows].flatMap(([name, of]) => {
    const [first] = of
    if (first === undefined) return []
    const faces = [...new Set(of.map(({ face }) => face))]
    const shown = of.filter(({ face }) => face === faces[0])
    const whole = cells.filter(
      (cell) => cell.field === null && cell.verb === first.verb && cell.face === faces[0],
    )
    if (first.field !== null && key(shown) === key(whole)) return []
    const only = faces.length === 1 ? ` (${faces[0]} only)` : ''
    const marks = roles.map((role) =>
      mark(
        shown.find((cell) => cell.role === role),
        notes,
        page,
      ),
    )
    return [`${fit(`  ${name}${only}`, NAME)}${marks.join('')}`.trimEnd()]
  })
}

const rowName = ({ verb, field, subject }: Cell): string => {
  if (verb === 'do') return subject
  return field === null ? verb : `${verb} ${field}`
}

const colors = { yes: 'green', no: 'red', depends: 'yellow' } as const

function mark(cell: Cell | undefined, notes: string[], page: Page): string {
  if (cell === undefined) return ' '.repeat(CELL)
  const text = fit(cell.on === undefined ? cell.answer : `some [${noteOf(cell.on, notes)}]`, CELL)
  return page.colors ? styleText(colors[cell.answer], text, { validateStream: false }) : text
}

function noteOf(on: string, notes: string[]): number {
  if (!notes.includes(on)) notes.push(on)
  return notes.indexOf(on) + 1
}
