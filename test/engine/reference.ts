// A reference implementation of the filter language over plain rows in memory, with SQL's three values (null is unknown).
import { type Group, type Label, type Part, rows, type Thing } from './things.ts'

type Truth = boolean | null
type Tree = Readonly<Record<string, unknown>>
type Resource = 'thing' | 'group' | 'part' | 'label'
type Row = Thing | Group | Part | Label

const not = (truth: Truth): Truth => (truth === null ? null : !truth)
const all = (truths: readonly Truth[]): Truth =>
  truths.includes(false) ? false : truths.includes(null) ? null : true
const some = (truths: readonly Truth[]): Truth => not(all(truths.map(not)))

const links = rows.thingLabels.filter(
  (link, i, list) =>
    list.findIndex((other) => other.thing === link.thing && other.label === link.label) === i,
)
const byKey = <R>(list: readonly R[], holds: (row: R) => boolean): readonly R[] =>
  list.filter(holds)

/** Rows of a relation, in the order of their key. */
function relatedRows(
  name: string,
  row: Row,
): { readonly resource: Resource; readonly rows: readonly Row[] } | null {
  const thing = row as Thing // `evaluate` distinguishes the names below by the resource
  switch (name) {
    case 'group':
      return { resource: 'group', rows: byKey(rows.groups, (group) => group.id === thing.groupId) }
    case 'parts':
      return { resource: 'part', rows: byKey(rows.parts, (part) => part.thingId === thing.id) }
    case 'labels':
      return {
        resource: 'label',
        rows: byKey(rows.labels, (label) =>
          links.some((link) => link.thing === thing.id && link.label === label.id),
        ),
      }
    case 'namesake':
      return {
        resource: 'label',
        rows: byKey(rows.labels, (label) => label.word !== null && label.word === thing.word).slice(
          0,
          1,
        ),
      }
    case 'thing':
      return {
        resource: 'thing',
        rows: byKey(rows.things, (other) => other.id === (row as Part).thingId),
      }
    default:
      return null
  }
}

/** Things of a group or a label: the one name that two resources have. */
function thingsOf(resource: Resource, id: number): readonly Thing[] {
  if (resource === 'group') return rows.things.filter((thing) => thing.groupId === id)
  return rows.things.filter((thing) =>
    links.some((link) => link.label === id && link.thing === thing.id),
  )
}

export function evaluate(resource: Resource, row: Row, filter: Tree): Truth {
  return all(
    Object.entries(filter).map(([name, value]): Truth => {
      if (name === 'AND')
        return all((value as readonly Tree[]).map((part) => evaluate(resource, row, part)))
      if (name === 'OR')
        return some((value as readonly Tree[]).map((part) => evaluate(resource, row, part)))
      if (name === 'NOT') return not(evaluate(resource, row, value as Tree))
      const related =
        name === 'things'
          ? { resource: 'thing' as const, rows: thingsOf(resource, (row as Group).id) }
          : relatedRows(name, row)
      return related === null
        ? compare(name, columnOf(row, name), value as Tree)
        : quantify(related, name, value as Tree)
    }),
  )
}

const columnOf = (row: Row, name: string): unknown =>
  name === 'double'
    ? (row as Thing).n === null
      ? null
      : Number((row as Thing).n) * 2
    : (row as unknown as Tree)[name]

/** Whether there are matching related rows; never unknown. */
function quantify(
  related: { readonly resource: Resource; readonly rows: readonly Row[] },
  name: string,
  value: Tree,
): Truth {
  const holding = (filter: Tree) =>
    related.rows.filter((row) => evaluate(related.resource, row, filter) === true).length
  if (name === 'group' || name === 'namesake' || name === 'thing') return holding(value) > 0
  return Object.entries(value).every(([quantifier, filter]) => {
    if (quantifier === 'count')
      return compare('count', related.rows.length, filter as Tree) === true
    const count = holding(filter as Tree)
    return quantifier === 'some'
      ? count > 0
      : quantifier === 'none'
        ? count === 0
        : count === related.rows.length
  })
}

const moments = [
  '0044-03-15 12:00:00+00:00 BC',
  '2026-01-01T00:00:00+00:00',
  '2026-01-01T00:00:00.000001+00:00',
  'infinity',
]
const grades = ['low', 'middle', 'high']

/** A value as something that `<` and `===` order as PostgreSQL does. */
function rank(name: string, value: unknown): number | string {
  if (name === 'price') return value === 'NaN' ? Number.POSITIVE_INFINITY : Number(value)
  if (name === 'at') return moments.indexOf(String(value))
  if (name === 'grade') return grades.indexOf(String(value))
  return typeof value === 'string' ? Buffer.from(value).toString('latin1') : Number(value) // bytes, as the C collation compares
}

const listText = (list: unknown): string => JSON.stringify(list)

function compare(name: string, value: unknown, comparisons: Tree): Truth {
  return all(
    Object.entries(comparisons).map(([operator, operand]) => {
      if (operator === 'isNull') return (value === null) === operand
      if (operator === 'in' || operator === 'notIn') {
        const among = some(
          (operand as readonly unknown[]).map((one) =>
            value === null ? null : rank(name, value) === rank(name, one),
          ),
        )
        return operator === 'in' ? among : not(among)
      }
      if (value === null) return null
      return Array.isArray(value)
        ? compareList(value, operator, operand)
        : compareOne(name, value, operator, operand)
    }),
  )
}

// oxlint-disable-next-line complexity -- one arm for each operator
function compareOne(name: string, value: unknown, operator: string, operand: unknown): Truth {
  const [left, right] = [rank(name, value), rank(name, operand)]
  const [text, other] = [String(value), String(operand)]
  switch (operator) {
    case 'eq':
      return left === right
    case 'ne':
      return left !== right
    case 'gt':
      return left > right
    case 'gte':
      return left >= right
    case 'lt':
      return left < right
    case 'lte':
      return left <= right
    case 'like':
      return like(text, other)
    case 'ilike':
      return like(text.toLowerCase(), other.toLowerCase())
    case 'contains':
      return text.includes(other)
    case 'startsWith':
      return text.startsWith(other)
    case 'endsWith':
      return text.endsWith(other)
    case 'iContains':
      return text.toLowerCase().includes(other.toLowerCase())
    case 'iStartsWith':
      return text.toLowerCase().startsWith(other.toLowerCase())
    case 'iEndsWith':
      return text.toLowerCase().endsWith(other.toLowerCase())
    default:
      throw new Error(`The reference implementation lacks the operator ${operator}.`)
  }
}

function compareList(list: readonly unknown[], operator: string, operand: unknown): Truth {
  switch (operator) {
    case 'eq':
      return listText(list) === listText(operand)
    case 'ne':
      return listText(list) !== listText(operand)
    case 'has':
      return some(list.map((element) => (element === null ? null : element === operand)))
    case 'hasEvery':
      return (operand as readonly unknown[]).every((one) => list.includes(one))
    case 'hasSome':
      return (operand as readonly unknown[]).some((one) => list.includes(one))
    case 'isEmpty':
      return (list.length === 0) === operand
    default:
      throw new Error(`The reference implementation lacks the operator ${operator} of lists.`)
  }
}

/** SQL's LIKE: `%` any text, `_` one character, a backslash before either means itself. */
function like(text: string, pattern: string): boolean {
  const source = pattern.replaceAll(
    /\\(.)|[%_]|[.*+?^${}()|[\]\\]/gsu,
    (part, escaped: string | undefined) =>
      escaped !== undefined
        ? literally(escaped)
        : part === '%'
          ? '[\\s\\S]*'
          : part === '_'
            ? '[\\s\\S]'
            : literally(part),
  )
  return new RegExp(`^${source}$`, 'u').test(text)
}

const literally = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
