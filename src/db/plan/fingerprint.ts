// Fingerprints of plans: everything of a request but its values, so that two requests of one fingerprint share a statement.
import {
  type Condition,
  type Level,
  type ManyRequest,
  type OrderKey,
  type PageRequest,
  type ReadRequest,
  type CountedTotal,
  TRUE,
} from './read-request.ts'

/** A read's, without its limits and ids: the values and the layout bring those. */
export function readFingerprint(request: ReadRequest): string {
  return `${request.rows ? 'r' : ''}${totalFingerprint(request.total)}${levelFingerprint(request.level)}${request.page === null ? '' : pageFingerprint(request.page)}`
}

export function levelFingerprint(level: Level): string {
  const fields = level.fields.map(({ field, visible }) =>
    visible === TRUE ? field.name : `${field.name}?${conditionFingerprint(visible)}`,
  )
  const toOne = level.toOne.map(
    (one) =>
      `${one.relation.name}:${conditionFingerprint(one.through)}${levelFingerprint(one.level)}`,
  )
  const toMany = level.toMany.map(relationFingerprint)
  return `{${level.resource.key};${conditionFingerprint(level.where)};${fields.join()};${toOne.join()};${toMany.join()};${level.denied.join()}${level.version === true ? ';v' : ''}}`
}

const totalFingerprint = (total: CountedTotal): string =>
  typeof total === 'string' ? total.charAt(0) : total ? 't' : ''

export const relationFingerprint = (many: ManyRequest): string =>
  `${many.relation.name}:${conditionFingerprint(many.through)}${many.rows ? 'r' : ''}${totalFingerprint(many.total)}${levelFingerprint(many.level)}${pageFingerprint(many.page)}`

export const orderFingerprint = (order: readonly OrderKey[]): string =>
  order
    .map((key) => {
      const path = [...key.path, ...(key.counted === null ? [] : [key.counted])].map(
        (step) =>
          step.relation.name +
          conditionFingerprint(step.visible) +
          conditionFingerprint(step.through),
      )
      return `${path.join('.')}.${key.counted === null ? '' : '#'}${key.field.name}${key.descending ? '-' : '+'}${key.nullsFirst ? 'f' : 'l'}`
    })
    .join()

function pageFingerprint(page: PageRequest): string {
  return `[${orderFingerprint(page.order)};${page.distinct};${page.limitSlot};${page.offsetSlot ?? ''};${page.backward ? 'b' : ''};${page.start?.map((slot) => slot ?? 'n').join() ?? ''};${page.continued ? 'c' : ''}]`
}

export function conditionFingerprint(condition: Condition): string {
  switch (condition.type) {
    case 'constant':
      return condition.value ? '1' : '0'
    case 'and':
    case 'or':
      return `${condition.type}(${condition.of.map(conditionFingerprint).join()})`
    case 'not':
      return `not(${conditionFingerprint(condition.of)})`
    case 'compare':
      return `${condition.field.name} ${condition.operator} ${condition.slot}${condition.at === undefined ? '' : ` at ${condition.at}`}`
    case 'search':
      return `search ${condition.slot}` // of the level's resource, which has one search
    case 'version':
      return `version ${condition.slot}`
    case 'related':
      return `${condition.relation.name} ${condition.quantifier}(${conditionFingerprint(condition.visible)},${conditionFingerprint(condition.of)},${conditionFingerprint(condition.through)})`
    case 'counted':
      return `${condition.relation.name} counted(${conditionFingerprint(condition.visible)},${conditionFingerprint(condition.of)},${conditionFingerprint(condition.through)})`
  }
}
