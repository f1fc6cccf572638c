// Faults of filters: unknown names, operands of the wrong type, filters that are too deep.
import { COUNT } from '../../../schema/model/counts.ts'
import type { Field, Relation } from '../../../schema/model/model.ts'
import { type FaultPlace, pick, UNKNOWN_NAME } from './fault.ts'
import { wrongFor } from './wrong-values.ts'

/** Deeper than the gateway allows. */
const TOO_DEEP = 24

export function faultyFilter({ resource, at, which }: FaultPlace): unknown {
  const fields = [...resource.fields.values()]
  const field = pick(fields, at)
  if (field === undefined) return undefined
  const many = [...resource.relations.values()].find((relation) => relation.many)
  const json = fields.find(({ kind, list }) => kind.name === 'json' && !list)
  const { name } = field
  const operator = operatorFor(field)
  const wrong = wrongOperand(field, which)
  const faults: readonly unknown[] = [
    { [UNKNOWN_NAME]: { eq: 1 } },
    { [name]: {} },
    { [name]: { [operator]: null } },
    { [name]: { [operator]: wrong } },
    { [name]: { almost: 1 } },
    { AND: [{ [name]: { [operator]: wrong } }, { [UNKNOWN_NAME]: {} }] },
    { NOT: { OR: [{ [name]: {} }] } },
    aboutRelation(many, {}, {}),
    aboutRelation(
      many,
      { some: { [UNKNOWN_NAME]: { isNull: true } } },
      { OR: [{ [UNKNOWN_NAME]: { eq: 1 } }] },
    ),
    negated({ [name]: { isNull: true } }, TOO_DEEP),
    json === undefined ? {} : { [json.name]: pick(wrongJsonComparisons, at) },
    aboutRelation(many, { [COUNT]: pick(wrongCounts, at) }, {}),
    { [name]: 5 },
  ]
  return pick(faults, which)
}

function operatorFor({ list, kind }: Field): string {
  if (list) return 'has'
  return kind.name === 'json' ? 'isNull' : 'eq'
}

const wrongOperand = ({ kind }: Field, which: number): unknown =>
  kind.name === 'json' ? 'yes' : pick(wrongFor({ kind, list: false }), which)

/** The filter on a to-many relation; the other one where there is no such relation. */
const aboutRelation = (
  relation: Relation | undefined,
  filter: unknown,
  otherwise: unknown,
): unknown => (relation === undefined ? otherwise : { [relation.name]: filter })

export const negated = (filter: unknown, times: number): unknown =>
  times === 0 ? filter : { NOT: negated(filter, times - 1) }

const wrongCounts: readonly unknown[] = [{}, { gte: 'two' }, { gt: null }, { like: '1' }, 3]

const wrongJsonComparisons: readonly unknown[] = [
  { contains: null },
  { hasKey: 5 },
  { path: {} },
  { path: { at: [], eq: 1 } },
  { path: { at: ['a'] } },
  { path: { eq: 1 } },
  { path: { at: ['a'], gt: {} } },
  { path: { at: ['a'], in: [null] } },
  { path: { at: ['a', 5], lt: 1 } },
  { path: { at: ['a'], almost: 1 } },
  { path: { at: Array.from({ length: 33 }, () => 'a'), eq: 1 } },
]
