// Order and keyset pages in SQL: any expression may be a key, nulls have their place, cursors stay exact.
import { type SQL, sql } from 'drizzle-orm'
import { type Building, manySource, oneSource } from './conditions.ts'
import { type Aliased, aliasOf, expressionOf } from './expressions.ts'
import { allHold, oneHolds } from './logic.ts'
import { parameter } from './parameters.ts'
import type { OrderKey, PageRequest, Step } from './read-request.ts'
import { cellParameter } from './values.ts'

/** The expression of a key: an own field, or a scalar subquery along to-one relations; `form` as it is sorted, or as it is read. */
export function orderExpression(
  building: Building,
  key: OrderKey,
  table: Aliased,
  form = expressionOf,
): SQL {
  const joined = building.joined.get(key)
  if (joined !== undefined) return joined
  const [step, ...path] = key.path
  if (step === undefined)
    return key.counted === null ? form(key.field, table) : countSql(building, key.counted, table)
  const inner = aliasOf(step.target, building.nextAlias())
  const source = oneSource(building, step, table, inner)
  const value = orderExpression(building, { ...key, path }, inner, form)
  return sql`(select ${value} from ${source.from} where ${source.on})`
}

function countSql(building: Building, step: Step, table: Aliased): SQL {
  const inner = aliasOf(step.target, building.nextAlias())
  const source = manySource(building, step, table, inner)
  return sql`(select count(*) from ${source.from} where ${source.on})`
}

/**
 * Counts that the rows are sorted by, as joins: they stand in the select list, in the order and in what lies behind a
 * cursor, and this way each is worked out once for a row. Without the fence they would be put back into each of the three.
 */
export function joinCounts(building: Building, page: PageRequest, table: Aliased): readonly SQL[] {
  return page.order
    .filter((key) => key.counted !== null)
    .map((key) => {
      const name = sql.identifier(building.nextAlias())
      const join = sql`cross join lateral (select ${orderExpression(building, key, table)} as n offset 0) as ${name}`
      building.joined.set(key, sql`${name}.n`)
      return join
    })
}

/** `order by …`, turned round for a page that is read backwards. */
export function orderBySql(
  building: Building,
  page: Pick<PageRequest, 'order' | 'backward'>,
  table: Aliased,
): SQL {
  const keys = page.order.map((key) =>
    keyOrder(key, orderExpression(building, key, table), page.backward),
  )
  return sql`order by ${sql.join(keys, sql`, `)}`
}

/** An expression with the direction of its key. */
export function keyOrder(key: OrderKey, expression: SQL, backward: boolean): SQL {
  const descending = key.descending !== backward
  const nullsFirst = key.nullsFirst !== backward
  const sorted = descending ? sql`${expression} desc` : sql`${expression} asc`
  if (nullsFirst === descending || !mayBeNull(key)) return sorted // as PostgreSQL places nulls by itself
  return nullsFirst ? sql`${sorted} nulls first` : sql`${sorted} nulls last`
}

const mayBeNull = (key: OrderKey): boolean =>
  key.path.length > 0 || (key.counted === null && (key.field.nullable || 'sql' in key.field.source))

/** Rows behind the cursor: lexicographic, key by key, equal so far and then beyond. */
export function behindCursor(
  building: Building,
  asked: PageRequest,
  table: Aliased,
): SQL | undefined {
  const page = asked.distinct === 0 ? asked : groupsOf(asked)
  const { start } = page
  if (start === null) return undefined
  const whole = rowComparison(building, page, table)
  if (whole !== null) return whole
  const steps = page.order.map((key, i) => {
    const equal = page.order
      .slice(0, i)
      .map((earlier, j) => equals(building, earlier, start[j] ?? null, table))
    return allHold([
      ...equal,
      beyond(orderExpression(building, key, table), key, start[i] ?? null, page.backward),
    ])
  })
  return oneHolds(steps)
}

/** Of distinct rows there is one in a group: what lies behind a cursor is a matter of groups, whichever row they begin with by now. */
const groupsOf = (page: PageRequest): PageRequest => ({
  ...page,
  order: page.order.slice(0, page.distinct),
  start: page.start?.slice(0, page.distinct) ?? null,
})

/** One comparison of rows where every key is an own column, never null, and all run one way: the form an index serves. */
function rowComparison(building: Building, page: PageRequest, table: Aliased): SQL | null {
  const [first] = page.order
  const uniform =
    first !== undefined &&
    page.order.every((key) => !mayBeNull(key) && key.descending === first.descending)
  if (!uniform || page.start === null || page.start.includes(null)) return null
  const keys = page.order.map((key) => orderExpression(building, key, table))
  const values = page.start.map((slot, i) => cursorValue(page.order[i], slot))
  const operator = first.descending === page.backward ? sql`>` : sql`<`
  return sql`(${sql.join(keys, sql`, `)}) ${operator} (${sql.join(values, sql`, `)})`
}

function equals(building: Building, key: OrderKey, slot: number | null, table: Aliased): SQL {
  const expression = orderExpression(building, key, table)
  return slot === null ? sql`${expression} is null` : sql`${expression} = ${cursorValue(key, slot)}`
}

function beyond(expression: SQL, key: OrderKey, slot: number | null, backward: boolean): SQL {
  const nullsAhead = key.nullsFirst === backward // nulls come after other values in the direction of reading
  if (slot === null) return nullsAhead ? sql`false` : sql`${expression} is not null`
  const operator = key.descending === backward ? sql`>` : sql`<`
  const compared = sql`${expression} ${operator} ${cursorValue(key, slot)}`
  return nullsAhead && mayBeNull(key) ? sql`(${compared} or ${expression} is null)` : compared
}

/** Cursors hold the text of cells, which stands for the very same value. */
function cursorValue(key: OrderKey | undefined, slot: number | null): SQL {
  if (slot === null || key === undefined)
    throw new Error('A cursor has a value for every key of its order.')
  return parameter(slot, cellParameter(key.field))
}
