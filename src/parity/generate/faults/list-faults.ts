// Faults of the other arguments of lists: order, search, distinctOn, page.
import { sortableFields } from '../../../schema/inputs/standard-inputs.ts'
import { COUNT } from '../../../schema/model/counts.ts'
import { isMeasured } from '../../../schema/model/nearest.ts'
import type { ParityList, ParityOrder, ParityPage } from '../../request.ts'
import { type FaultPlace, pick, UNKNOWN_NAME } from './fault.ts'

const ascending = (...path: readonly string[]): ParityOrder => ({ path, direction: 'ASC' })

export const faultyOrder = (place: FaultPlace): readonly ParityOrder[] =>
  faultyNearest(place) ?? faultyKeys(place)

function faultyKeys({ resource, which }: FaultPlace): readonly ParityOrder[] {
  const relations = [...resource.relations.values()]
  const nameOf = (named: { readonly name: string } | undefined): string =>
    named?.name ?? UNKNOWN_NAME
  const list = nameOf([...resource.fields.values()].find((field) => field.list))
  const one = nameOf(relations.find((relation) => !relation.many))
  const many = nameOf(relations.find((relation) => relation.many))
  if (which % 6 === 5)
    return Array.from({ length: 9 }, () => ascending(nameOf(resource.primaryKey.fields[0])))
  const paths = [[UNKNOWN_NAME], [list], [one, UNKNOWN_NAME], [many, 'id'], [many, COUNT, 'id']]
  return [{ path: pick(paths, which) ?? [UNKNOWN_NAME], direction: 'DESC' }]
}

const wrongNearest: readonly unknown[] = [
  { to: [1] },
  { to: ['x'] },
  {},
  { to: [], metric: 'L3' },
  { to: [1, 2, 1e300] },
  { more: 1 },
]

/** Null where the resource measures no distance, and every second time. */
function faultyNearest({ resource, which }: FaultPlace): readonly ParityOrder[] | null {
  const measured = [...resource.fields.values()].find(isMeasured)
  if (measured === undefined || which % 2 === 1) return null
  return [{ ...ascending(measured.name), nearest: pick(wrongNearest, which / 2) }]
}

export function faultyDistinct({
  resource,
  at,
  which,
}: FaultPlace): Pick<ParityList, 'orderBy' | 'distinctOn'> {
  const names = sortableFields(resource).map(({ name }) => name)
  const one = pick(names, at) ?? UNKNOWN_NAME
  const other = pick(names, at + 1) ?? UNKNOWN_NAME
  const many = [...resource.relations.values()].find((relation) => relation.many)
  const faults: readonly Pick<ParityList, 'orderBy' | 'distinctOn'>[] = [
    { distinctOn: [UNKNOWN_NAME] },
    { distinctOn: [one, other], orderBy: [ascending(one)] },
    { distinctOn: [one], orderBy: [ascending(other)] },
    {
      distinctOn: [one],
      orderBy: [many === undefined ? ascending(other) : ascending(many.name, COUNT)],
    },
  ]
  return pick(faults, which) ?? {}
}

/** Searches that are too long, or no text of PostgreSQL's. */
export const faultySearch = ({ which }: FaultPlace): string =>
  pick(['x'.repeat(1001), 'NUL \0'], which) ?? ''

export function faultyPage({ resource, which }: FaultPlace): ParityPage {
  const faults: readonly ParityPage[] = [
    { size: resource.page.max + 1 },
    { size: -1 },
    { size: 'ten' },
    { offset: -3 },
    { offset: 'two' },
    { after: { text: 'bm90IG91cnM' } },
    { before: { text: 'x y' } },
    { after: { row: 0, order: 'other' } },
    { after: { row: 0, order: 'own' }, before: { row: 1, order: 'own' } },
    { offset: 1, after: { row: 0, order: 'own' } },
    { offset: 1, before: { row: 0, order: 'own' } },
    { offset: 2, fromEnd: true },
    { size: resource.page.max + 1, after: { text: '' } },
  ]
  return pick(faults, which) ?? {}
}
