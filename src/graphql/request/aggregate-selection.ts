// What a selection set asks of the groups of an aggregate.
import type { FieldNode } from 'graphql'
import type { Selection } from '../../engine/request.ts'
import { fieldFunctions, typeSuffixOf } from '../../schema/model/aggregates.ts'
import type { Resource } from '../../schema/model/model.ts'
import { fieldsUnder, type Reading } from './selection.ts'

/** The types of a group's members that have members of their own. */
const suffixes: ReadonlyMap<string, string> = new Map([
  ['key', 'GroupKey'],
  ...fieldFunctions.map((name) => [name, typeSuffixOf[name].output] as const),
])

/** The type of a group of a resource's rows. */
export const groupType = ({ type }: Resource): string => `${type}Aggregate`

/** What these nodes ask of a group, as paths. */
export function toAggregateSelection(
  reading: Reading,
  resource: Resource,
  nodes: readonly FieldNode[],
): Selection {
  const paths = fieldsUnder(reading, groupType(resource), nodes).flatMap(
    (node): readonly string[] => {
      const name = node.name.value
      const suffix = suffixes.get(name)
      if (suffix === undefined) return name === 'count' ? [name] : []
      return fieldsUnder(reading, resource.type + suffix, [node]).flatMap((member) =>
        member.name.value === '__typename' ? [] : [`${name}.${member.name.value}`],
      )
    },
  )
  return { fields: [...new Set(paths)], relations: [] }
}
