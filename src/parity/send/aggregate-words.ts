// An aggregate in the words of either face, and its groups as GraphQL answers them.
import { aggregationOf } from '../../schema/model/aggregates.ts'
import type { Field, Resource } from '../../schema/model/model.ts'
import type { ParityAggregate } from '../request.ts'

type Values = Readonly<Record<string, unknown>>

/** `{ key { … } count sum { … } }`: every key that is grouped by, and the fields. */
export function groupSelection(
  resource: Resource,
  { groupBy = [], fields }: ParityAggregate,
): string {
  const { keys } = aggregationOf(resource)
  const named = new Set(
    groupBy.filter((name) => keys.has(String(name))).map((name) => `key.${String(name)}`),
  )
  const paths = [...new Set([...named, ...(fields === 'default' ? ['count'] : fields)])]
  const members = [...Map.groupBy(paths, (path) => path.split('.')[0] ?? '')].map(([name, of]) =>
    of.includes(name)
      ? name
      : `${name} { ${of.map((path) => path.slice(name.length + 1)).join(' ')} }`,
  )
  return ` { ${members.join(' ')} }`
}

/** A tree over the values of groups, its operands changed by the field that they are compared with. */
export function mapHaving(
  resource: Resource,
  tree: unknown,
  change: (field: Field, operand: unknown) => unknown,
): unknown {
  const { functions } = aggregationOf(resource)
  return mapped(tree, (name, value) => {
    if (name === 'NOT') return mapHaving(resource, value, change)
    if (Array.isArray(value)) return value.map((one) => mapHaving(resource, one, change))
    const aggregates = new Map<string, unknown>(functions).get(name) as
      | ReadonlyMap<string, { readonly value: Field }>
      | undefined // by any name
    return aggregates === undefined
      ? value
      : mapped(value, (of, comparisons) => {
          const one = aggregates.get(of)
          return one === undefined
            ? comparisons
            : mapped(comparisons, (_operator, operand) => change(one.value, operand))
        })
  })
}

/** Groups with their values changed by the fields that they are of. */
export function mapGroups(
  resource: Resource,
  groups: unknown,
  change: (field: Field, value: unknown) => unknown,
): unknown {
  const { keys, functions } = aggregationOf(resource)
  const byName = new Map<string, ReadonlyMap<string, { readonly value: Field }>>([
    ['key', keys],
    ...functions,
  ])
  return (groups as readonly Values[]).map((group) =>
    mapped(group, (name, values) =>
      mapped(values, (of, value) => {
        const one = byName.get(name)?.get(of)
        return one === undefined ? value : change(one.value, value)
      }),
    ),
  )
}

const mapped = (value: unknown, change: (name: string, member: unknown) => unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(
        Object.entries(value).map(([name, member]) => [name, change(name, member)]),
      )
    : value
