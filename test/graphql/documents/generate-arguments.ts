// Random arguments of lists: filters over fields and relations, orders, pages, with leaves that change from request to request.
import * as fc from 'fast-check'
import { type Field, type Model, type Resource, targetOf } from '../../../src/schema/model/model.ts'
import { type Operator, operatorsOf } from '../../../src/schema/model/operators.ts'
import { wrongFor } from '../../../src/parity/generate/faults/wrong-values.ts'
import { randomOperand } from '../../../src/parity/generate/lists/operands.ts'
import type { Samples } from '../../../src/parity/generate/values.ts'
import { absent, ASKED, type Leaf, type ListArguments } from './parts.ts'

/** An order with the cursors of the first rows in it. */
export interface KnownOrder {
  readonly orderBy: readonly unknown[]
  readonly cursors: readonly string[]
}

export interface Source {
  readonly model: Model
  readonly samples: Samples
  /** By resource key; the usual order is the first. */
  readonly orders: ReadonlyMap<string, readonly KnownOrder[]>
}

const by = fc.oneof(
  { weight: 4, arbitrary: fc.constant('literal' as const) },
  { weight: 4, arbitrary: fc.constant('variable' as const) },
  { weight: 1, arbitrary: fc.constant('required' as const) },
  { weight: 1, arbitrary: fc.constant('default' as const) },
)

const ONE_IN = 50

/** A leaf with such values; now and then a request has a wrong value, null, or no value. */
export function leafOf(
  value: fc.Arbitrary<unknown>,
  wrong: readonly unknown[],
): fc.Arbitrary<Leaf> {
  const fault = fc.oneof(
    { weight: ONE_IN - 1, arbitrary: fc.constant(null) },
    {
      weight: 1,
      arbitrary: fc.record({
        at: fc.nat(ASKED - 1),
        value: fc.constantFrom<unknown>(absent, absent, null, ...wrong),
      }),
    },
  )
  return fc
    .record({ by, values: fc.array(value, { minLength: ASKED, maxLength: ASKED }), fault })
    .map(({ by: how, values, fault: spoiled }): Leaf => {
      const variants: readonly unknown[] = how === 'default' ? values.with(1, absent) : values
      // a literal of the wrong type is a fault of the document: one of them is enough to see
      if (spoiled === null || (how === 'literal' && spoiled.value === absent))
        return { by: how, variants }
      return { by: how, variants: variants.with(how === 'literal' ? 0 : spoiled.at, spoiled.value) }
    })
}

type Tree = Readonly<Record<string, unknown>>
type Member = readonly [name: string, value: unknown]

const asObject = (members: readonly Member[]): Tree => Object.fromEntries(members)

const filters = new Map<string, fc.Arbitrary<Tree>>()

function filterOf(source: Source, resource: Resource, depth: number): fc.Arbitrary<Tree> {
  const key = `${resource.key} ${depth}`
  const made = filters.get(key) ?? makeFilter(source, resource, depth)
  filters.set(key, made)
  return made
}

function makeFilter(source: Source, resource: Resource, depth: number): fc.Arbitrary<Tree> {
  const comparison = fc.oneof(
    ...[...resource.fields.values()].map((field) =>
      comparisonsOf(source, resource, field).map((value): Member => [field.name, value]),
    ),
  )
  if (depth === 0) return fc.array(comparison, { minLength: 1, maxLength: 2 }).map(asObject)
  const below = filterOf(source, resource, depth - 1)
  const related = [...resource.relations.values()].map((relation): fc.Arbitrary<Member> => {
    const tree = filterOf(source, targetOf(source.model, relation), depth - 1)
    const value = relation.many
      ? fc
          .tuple(fc.constantFrom('some', 'none', 'every'), tree)
          .map(([word, inner]) => ({ [word]: inner }))
      : tree
    return value.map((inner): Member => [relation.name, inner])
  })
  const logic = fc.oneof(
    below.map((tree): Member => ['NOT', tree]),
    fc
      .tuple(fc.constantFrom('AND', 'OR'), fc.array(below, { maxLength: 2 }))
      .map(([word, trees]): Member => [word, trees]),
  )
  const member = fc.oneof(
    { weight: 5, arbitrary: comparison },
    { weight: 1, arbitrary: logic },
    { weight: 2, arbitrary: related.length === 0 ? comparison : fc.oneof(...related) },
  )
  return fc.array(member, { minLength: 1, maxLength: 3 }).map(asObject)
}

function comparisonsOf({ samples }: Source, resource: Resource, field: Field): fc.Arbitrary<Tree> {
  const one = fc.oneof(
    ...operatorsOf(field).map((operator) =>
      leafOf(randomOperand(samples, resource, field, operator), wrongOperands(field, operator)).map(
        (leaf): Member => [operator.name, leaf],
      ),
    ),
  )
  return fc.array(one, { minLength: 1, maxLength: 2 }).map(asObject)
}

const wrongOperands = (field: Field, { takes }: Operator): readonly unknown[] =>
  takes === 'boolean'
    ? ['yes']
    : takes === 'key' || takes === 'path'
      ? [5, {}, []]
      : wrongFor(field)

const lists = new Map<string, fc.Arbitrary<ListArguments>>()

/** The arguments of a list of a resource. */
export function listArgumentsOf(source: Source, resource: Resource): fc.Arbitrary<ListArguments> {
  const made = lists.get(resource.key) ?? makeArguments(source, resource)
  lists.set(resource.key, made)
  return made
}

function makeArguments(source: Source, resource: Resource): fc.Arbitrary<ListArguments> {
  const { max } = resource.page
  const size = leafOf(
    fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: 0, max: Math.min(max, 5) }) },
      { weight: 1, arbitrary: fc.constant(max) },
    ),
    [max + 1, -1, 'ten', 1.5],
  )
  const paged = fc
    .constantFrom(...(source.orders.get(resource.key) ?? []))
    .chain(({ orderBy, cursors }) => {
      const cursor = leafOf(fc.constantFrom(...(cursors.length === 0 ? ['x'] : cursors)), [
        'x',
        'bm90IG91cnM',
        5,
        'WyJ4Il0',
      ])
      const option = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined })
      const page = fc.oneof(
        { weight: 4, arbitrary: fc.record({ first: option(size) }) },
        { weight: 2, arbitrary: fc.record({ first: option(size), after: cursor }) },
        { weight: 1, arbitrary: fc.record({ last: size, before: option(cursor) }) },
        {
          weight: 1,
          arbitrary: fc.record({ first: option(size), offset: leafOf(fc.nat(6), [-1, 'two']) }),
        },
        {
          weight: 1,
          arbitrary: fc.record({
            first: size,
            before: option(cursor),
            offset: option(leafOf(fc.nat(6), [])),
          }),
        },
      )
      return page.map((of): Tree => ({ ...(orderBy.length === 0 ? {} : { orderBy }), ...of }))
    })
  return fc
    .record({
      where: fc.option(filterOf(source, resource, 1), { nil: undefined, freq: 2 }),
      paged,
      whole: fc.boolean(),
    })
    .map(({ where, paged: page, whole }) => ({
      whole,
      values: Object.fromEntries(
        Object.entries({ where, ...page }).filter(([, value]) => value !== undefined),
      ),
    }))
}
