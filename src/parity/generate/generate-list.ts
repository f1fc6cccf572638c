// Random arguments of lists: filters over fields and relations, orders, pages.
import * as fc from 'fast-check'
import { COUNT } from '../../schema/model/counts.ts'
import type { Total } from '../../engine/request.ts'
import {
  type Field,
  isSortable,
  type Model,
  type Resource,
  targetOf,
} from '../../schema/model/model.ts'
import { type Operator, operatorsOf } from '../../schema/model/operators.ts'
import { isMeasured, vectorMetrics } from '../../schema/model/nearest.ts'
import { orderDirections } from '../../schema/inputs/standard-inputs.ts'
import type { ParityList, ParityOrder, ParityPage } from '../request.ts'
import { jsonOperandOf } from './generate-json.ts'
import { elementOf, sampled, type Samples, valueOf } from './values.ts'

export interface Source {
  readonly model: Model
  readonly samples: Samples
}

type Member = readonly [name: string, value: unknown]

const asObject = (members: readonly Member[]): object => Object.fromEntries(members)

/** A filter in the filter language; `depth` counts logic and relations below. */
export function whereOf(source: Source, resource: Resource, depth: number): fc.Arbitrary<object> {
  const fields = [...resource.fields.values()]
  const relations = [...resource.relations.values()]
  const comparison = fc
    .constantFrom(...fields)
    .chain((field) =>
      comparisonOf(source, resource, field).map((value): Member => [field.name, value]),
    )
  if (depth === 0) return fc.array(comparison, { minLength: 1, maxLength: 2 }).map(asObject)
  const below = (): fc.Arbitrary<object> => whereOf(source, resource, depth - 1)
  const logic: fc.Arbitrary<Member> = fc
    .constantFrom('AND', 'OR', 'NOT')
    .chain((word) =>
      word === 'NOT'
        ? below().map((tree): Member => [word, tree])
        : fc.array(below(), { maxLength: 2 }).map((trees): Member => [word, trees]),
    )
  const related =
    relations.length === 0
      ? comparison
      : fc.constantFrom(...relations).chain((relation): fc.Arbitrary<Member> => {
          const tree = whereOf(source, targetOf(source.model, relation), depth - 1)
          if (!relation.many) return tree.map((value): Member => [relation.name, value])
          const quantified = fc
            .tuple(fc.constantFrom('some', 'none', 'every'), tree)
            .map(([quantifier, value]): Member => [relation.name, { [quantifier]: value }])
          return fc.oneof(
            { weight: 3, arbitrary: quantified },
            {
              weight: 1,
              arbitrary: counts.map((count): Member => [relation.name, { [COUNT]: count }]),
            },
          )
        })
  const member = fc.oneof(
    { weight: 5, arbitrary: comparison },
    { weight: 1, arbitrary: logic },
    { weight: 2, arbitrary: related },
  )
  return fc.array(member, { minLength: 1, maxLength: 3 }).map(asObject)
}

const aCount = fc.integer({ min: 0, max: 4 })
const counts = fc.oneof(
  fc
    .tuple(fc.constantFrom('eq', 'ne', 'gt', 'gte', 'lt', 'lte'), aCount)
    .map(([operator, count]): object => ({ [operator]: count })),
  fc
    .tuple(fc.constantFrom('in', 'notIn'), fc.array(aCount, { maxLength: 3 }))
    .map(([operator, list]): object => ({ [operator]: list })),
)

export function comparisonOf(
  source: Source,
  resource: Resource,
  field: Field,
): fc.Arbitrary<object> {
  const one = fc
    .constantFrom(...operatorsOf(field))
    .chain((operator) =>
      operandOf(source, resource, field, operator).map((value): Member => [operator.name, value]),
    )
  return fc
    .oneof(
      { weight: 5, arbitrary: one.map((member) => [member]) },
      { weight: 1, arbitrary: fc.tuple(one, one) },
    )
    .map(asObject)
}

function operandOf(
  { samples }: Source,
  resource: Resource,
  field: Field,
  operator: Operator,
): fc.Arbitrary<unknown> {
  if (field.kind.name === 'json' && operator.takes !== 'boolean')
    return jsonOperandOf(samples, resource, field, operator)
  const value = valueOf(samples, resource, field)
  switch (operator.takes) {
    case 'boolean':
      return fc.boolean()
    case 'values':
      return fc.array(value, { maxLength: 4 })
    case 'element':
      return elementOf(samples, resource, field)
    case 'elements':
      return fc.array(elementOf(samples, resource, field), { maxLength: 3 })
    case 'distance':
      return fc
        .record({
          to: value,
          bound: fc.constantFrom('lt', 'lte'),
          metres: fc.constantFrom(0, 1000, 2e5, 1e7),
        })
        .map(({ to, bound, metres }) => ({ to, [bound]: metres }))
    case 'value':
      return /like|contains|starts|ends/i.test(operator.name)
        ? value.chain((text) => patternsOf(operator.name, String(text)))
        : value
    default:
      throw new Error(`Only JSON has the operator ${operator.name}.`)
  }
}

/** Parts of a text that occurs, with and without the signs that a pattern has a meaning for. */
function patternsOf(operator: string, text: string): fc.Arbitrary<string> {
  const part = text.slice(0, 3)
  const parts = operator.endsWith('like')
    ? [`${part}%`, `%${text.slice(-3)}`, `_${text.slice(1)}`, text, `${part}\\%`]
    : [part, text.slice(-3), text.slice(2, 5), `${part}%`, part.toUpperCase()]
  return fc
    .constantFrom(...parts.map((candidate) => candidate.toWellFormed().replaceAll('\uFFFD', '')))
    .filter((candidate) => !/(?<!\\)(\\\\)*\\$/.test(candidate))
}

function orderKeyOf(source: Source, resource: Resource, depth: number): fc.Arbitrary<ParityOrder> {
  const fields = [...resource.fields.values()].filter(isSortable)
  const relations = [...resource.relations.values()]
  const [toOne, toMany] = [
    depth === 0 ? [] : relations.filter((relation) => !relation.many),
    relations.filter((relation) => relation.many),
  ]
  const own = fc.record({
    path: fc.constantFrom(...fields).map((field) => [field.name]),
    direction: fc.constantFrom(...orderDirections),
  })
  const counted =
    toMany.length === 0
      ? own
      : fc.record({
          path: fc.constantFrom(...toMany).map((relation) => [relation.name, COUNT]),
          direction: fc.constantFrom(...orderDirections),
        })
  if (toOne.length === 0)
    return fc.oneof({ weight: 3, arbitrary: own }, { weight: 1, arbitrary: counted })
  const through = fc
    .constantFrom(...toOne)
    .chain((relation) =>
      orderKeyOf(source, targetOf(source.model, relation), depth - 1).map(
        ({ path, direction }) => ({ path: [relation.name, ...path], direction }),
      ),
    )
  return fc.oneof(
    { weight: 3, arbitrary: own },
    { weight: 1, arbitrary: through },
    { weight: 1, arbitrary: counted },
  )
}

/** Near to a vector that occurs, or another. */
function nearestOf(
  source: Source,
  resource: Resource,
  depth: number,
): fc.Arbitrary<ParityOrder> | null {
  const own = [...resource.fields.values()].filter(isMeasured).map((field) =>
    fc.record({
      path: fc.constant([field.name]),
      direction: fc.constant('ASC' as const),
      nearest: fc
        .tuple(
          valueOf(source.samples, resource, field),
          fc.constantFrom(undefined, ...(field.kind.name === 'vector' ? vectorMetrics : [])),
        )
        .map(([to, metric]) => ({ to, ...(metric === undefined ? {} : { metric }) })),
    }),
  )
  const through =
    depth === 0
      ? []
      : [...resource.relations.values()]
          .filter((relation) => !relation.many)
          .flatMap((relation) => {
            const below = nearestOf(source, targetOf(source.model, relation), depth - 1)
            return below === null
              ? []
              : [below.map((key) => ({ ...key, path: [relation.name, ...key.path] }))]
          })
  const all = [...own, ...through]
  return all.length === 0 ? null : fc.oneof(...all)
}

const cursor = fc.record({ row: fc.nat(30), order: fc.constant('own' as const) })

function pageOf(resource: Resource): fc.Arbitrary<ParityPage> {
  const size = fc.option(
    fc.oneof(
      fc.integer({ min: 0, max: 7 }),
      fc.constantFrom(resource.page.max, resource.page.default),
    ),
    { nil: undefined },
  )
  const place: fc.Arbitrary<ParityPage> = fc.oneof(
    { weight: 6, arbitrary: fc.constant<ParityPage>({}) },
    { weight: 2, arbitrary: cursor.map((after): ParityPage => ({ after })) },
    { weight: 2, arbitrary: cursor.map((before): ParityPage => ({ before })) },
    { weight: 1, arbitrary: fc.constant<ParityPage>({ fromEnd: true }) },
    { weight: 1, arbitrary: fc.nat(40).map((offset): ParityPage => ({ offset })) },
  )
  return fc
    .tuple(size, place)
    .map(([given, at]) => (given === undefined ? at : { size: given, ...at }))
}

/** Words of a text that occurs, as they are written to be searched for; text without words, and signs that a search has a meaning for. */
function searchOf({ samples }: Source, resource: Resource): fc.Arbitrary<string | undefined> {
  const parts = resource.search?.parts.filter(({ vector }) => !vector) ?? []
  if (resource.search === null) return fc.constant(undefined)
  const words = [
    ...parts
      .flatMap(({ field }) => sampled(samples, resource, field))
      .flatMap((text) => String(text).split(/\s+/)),
    'a',
    'the',
  ]
  const word = fc.constantFrom(...new Set(words))
  const form = fc.constantFrom<(one: string, other: string) => string>(
    (one) => one,
    (one) => one.toUpperCase(),
    (one, other) => `${one} or ${other}`,
    (one, other) => `${one} -${other}`,
    (one, other) => `"${one} ${other}"`,
    (one) => `-${one}`,
    () => '',
    (one) => `${one}:* & '!`,
  )
  return fc.option(
    fc
      .tuple(form, word, word)
      .map(([write, one, other]) => write(one, other).toWellFormed().replaceAll('\uFFFD', '')),
    { nil: undefined, freq: 2 },
  )
}

export function listOf(
  source: Source,
  resource: Resource,
  depth: number,
): fc.Arbitrary<ParityList> {
  const sortable = [...resource.fields.values()].some(isSortable)
  const near = nearestOf(source, resource, 1)
  return fc
    .record({
      near: near === null ? fc.constant([]) : fc.array(near, { maxLength: 1 }),
      where: fc.option(whereOf(source, resource, depth), { nil: undefined }),
      orderBy: fc.option(
        fc.array(
          sortable
            ? orderKeyOf(source, resource, 1)
            : fc.constant({ path: [], direction: 'ASC' as const }),
          { minLength: sortable ? 1 : 0, maxLength: sortable ? 3 : 0 },
        ),
        { nil: undefined },
      ),
      search: searchOf(source, resource),
      page: pageOf(resource),
      total: fc.constantFrom<Total>(false, true, 'estimated'),
      grouped: fc.nat(5),
    })
    .map(({ near: nearest, orderBy: others = [], ...rest }) => ({
      ...rest,
      orderBy: [...nearest, ...others],
    }))
    .map(({ where, orderBy, search, grouped, ...rest }) => ({
      ...(search === undefined ? {} : { search }),
      ...(where === undefined ? {} : { where }),
      ...(orderBy.length === 0 ? {} : { orderBy }),
      ...(grouped > 1 ? {} : distinctOf(orderBy, grouped)),
      ...rest,
    }))
}

/** Distinct on the first of the order's own fields, or on all that it begins with. */
function distinctOf(
  orderBy: readonly ParityOrder[],
  grouped: number,
): Pick<ParityList, 'distinctOn'> {
  const leading = orderBy
    .slice(
      0,
      orderBy.findIndex(({ path, nearest }) => path.length !== 1 || nearest !== undefined) >>> 0,
    )
    .map(({ path: [name = ''] }) => name)
  const named = [...new Set(leading)]
  const distinctOn = named.length === leading.length ? named.toReversed() : named.slice(0, 1)
  return named.length === 0 ? {} : { distinctOn: grouped === 0 ? named.slice(0, 1) : distinctOn }
}
