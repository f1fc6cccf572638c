// Names on the wire, derived from the declaration's own.

export const toPascal = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)

/** `orderItems` and `order_items` are `order-items`. */
export const toKebab = (name: string): string =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase()

/** `order_status` and `order status` are `OrderStatus`. */
export const toTypeName = (name: string): string =>
  name
    .split(/[^A-Za-z0-9]+/)
    .filter((part) => part !== '')
    .map(toPascal)
    .join('')

/** Words that stand in the place of a key on REST, now or later: a row with such a key is reached by a filter. */
export const reservedKeys: ReadonlySet<string> = new Set(['aggregate', 'batch', 'query'])

/** What GraphQL takes as a name. */
export const isGraphqlName = (name: string): boolean =>
  /^[_A-Za-z][_0-9A-Za-z]*$/.test(name) && !name.startsWith('__')

/** The words that stand beside fields and relations in a filter. */
export const isFilterWord = (name: string): boolean => ['AND', 'OR', 'NOT'].includes(name)

/** An enum label as GraphQL takes it: other characters become `_`, and a digit in front gets one before it. */
export function toGraphqlLabel(label: string): string {
  const name = label.replaceAll(/[^_0-9A-Za-z]/g, '_')
  return /^[_A-Za-z]/.test(name) ? name : `_${name}`
}
