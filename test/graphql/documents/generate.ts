// Random documents: any fields of the schema in any order, several times, in fragments and under aliases.
import * as fc from 'fast-check'
import { type Resource, type StandardOperation, targetOf } from '../../../src/schema/model/model.ts'
import { encodeNodeId } from '../../../src/graphql/request/node-id.ts'
import { valueOf } from '../../../src/parity/generate/values.ts'
import { leafOf, listArgumentsOf, type Source } from './generate-arguments.ts'
import {
  ASKED,
  type Asked,
  type Directive,
  type Item,
  type ListArguments,
  type Use,
} from './parts.ts'

const alias = fc.oneof(
  { weight: 5, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 2 }) },
)
const directive: fc.Arbitrary<Directive | null> = fc.oneof(
  { weight: 12, arbitrary: fc.constant(null) },
  {
    weight: 1,
    arbitrary: fc.record({
      name: fc.constantFrom('skip', 'include'),
      condition: leafOf(fc.boolean(), ['yes']),
    }),
  },
)

type Items = fc.Arbitrary<readonly Item[]>

const field = (names: readonly string[]): fc.Arbitrary<Item> =>
  fc.record({
    kind: fc.constant('field'),
    name: fc.constantFrom(...names),
    of: fc.constant(null),
    alias,
    directive,
  })

const nested = (name: string, of: Items): fc.Arbitrary<Item> =>
  fc.record({ kind: fc.constant('field'), name: fc.constant(name), of, alias, directive })

/** The same arguments in one place or in two. */
const called = (name: string, args: fc.Arbitrary<ListArguments>, of: Items): fc.Arbitrary<Item> => {
  const use: fc.Arbitrary<Use> = fc.record({ alias, directive, of, turned: fc.boolean() })
  const uses = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(use) },
    { weight: 1, arbitrary: fc.tuple(use, use) },
  )
  return fc.record({ kind: fc.constant('called'), name: fc.constant(name), args, uses })
}

const fragment = (on: readonly (string | null)[], of: Items): fc.Arbitrary<Item> =>
  fc.record({
    kind: fc.constant('fragment'),
    on: fc.constantFrom(...on),
    named: fc.boolean(),
    directive,
    of,
  })

const several = (
  maxLength: number,
  ...items: readonly { readonly weight: number; readonly arbitrary: fc.Arbitrary<Item> }[]
): Items =>
  fc.array(fc.oneof(...items.filter(({ weight }) => weight > 0)), { minLength: 1, maxLength })

const rows = new Map<string, Items>()

/** A random selection of a row. A relation uses two levels of the depth, a fragment one. */
function rowItems(source: Source, resource: Resource, depth: number): Items {
  const key = `${resource.key} ${depth}`
  const made = rows.get(key) ?? makeRowItems(source, resource, depth)
  rows.set(key, made)
  return made
}

function makeRowItems(source: Source, resource: Resource, depth: number): Items {
  const plain = field([...resource.fields.keys()])
  const relations =
    depth < 2
      ? []
      : [...resource.relations.values()].map((relation) => {
          const target = targetOf(source.model, relation)
          const of = rowItems(source, target, depth - 2)
          return relation.many
            ? called(relation.name, listArgumentsOf(source, target), connectionItems(target, of))
            : nested(relation.name, of)
        })
  const isNode = resource.nodeId === 'nodeId'
  const own = [
    { weight: 21, arbitrary: plain },
    {
      weight: 3,
      arbitrary: field([
        '__typename',
        resource.nodeId,
        ...(resource.version === null ? [] : [resource.version.name]),
      ]),
    },
  ]
  const asNode = fragment(
    ['Node'],
    several(2, { weight: 1, arbitrary: field(['nodeId', '__typename']) }),
  )
  return several(
    5,
    ...own,
    {
      weight: relations.length === 0 ? 0 : 15,
      arbitrary: relations.length === 0 ? plain : fc.oneof(...relations),
    },
    {
      weight: depth === 0 ? 0 : 6,
      arbitrary:
        depth === 0
          ? plain
          : fragment([resource.type, null], rowItems(source, resource, depth - 1)),
    },
    { weight: isNode ? 1 : 0, arbitrary: asNode },
  )
}

function connectionItems(resource: Resource, of: Items): Items {
  const edges = nested(
    'edges',
    several(
      3,
      { weight: 3, arbitrary: nested('node', of) },
      { weight: 2, arbitrary: field(['cursor', '__typename']) },
    ),
  )
  const pageInfo = nested(
    'pageInfo',
    several(4, {
      weight: 1,
      arbitrary: field([
        'hasNextPage',
        'hasPreviousPage',
        'startCursor',
        'endCursor',
        '__typename',
      ]),
    }),
  )
  const own = [
    { weight: 5, arbitrary: nested('nodes', of) },
    { weight: 3, arbitrary: edges },
    { weight: 2, arbitrary: pageInfo },
    { weight: 2, arbitrary: field(['totalCount', 'totalCount', '__typename']) },
  ]
  return several(3, ...own, {
    weight: 1,
    arbitrary: fragment([`${resource.type}Connection`, null], several(2, ...own)),
  })
}

const keyed = (
  source: Source,
  { by, resource, name }: StandardOperation,
  of: Items,
): fc.Arbitrary<Item> => {
  const values = Object.fromEntries(
    (by?.fields ?? []).map((one) => [
      one.name,
      leafOf(valueOf(source.samples, resource, one), [5, 'no key']),
    ]),
  )
  return called(name, fc.record({ values: fc.record(values), whole: fc.constant(false) }), of)
}

/** The same of several rows, under an alias each: these may share a statement. */
function twins(
  source: Source,
  { by, resource, name }: StandardOperation,
  of: Items,
): fc.Arbitrary<Item> {
  const key = fc.record(
    Object.fromEntries(
      (by?.fields ?? []).map((one) => [
        one.name,
        leafOf(valueOf(source.samples, resource, one), [5, 'no key']),
      ]),
    ),
  )
  const one = fc.record({
    key,
    alias,
    directive,
    of: fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: of }),
  })
  return fc
    .tuple(of, fc.array(one, { minLength: 2, maxLength: 5 }), fc.boolean())
    .map(([shared, all, named]) => ({
      kind: 'fragment',
      on: null,
      named,
      directive: null,
      of: all.map(({ key: values, of: own, ...place }): Item => ({
        kind: 'called',
        name,
        args: { values, whole: false },
        uses: [{ ...place, turned: false, of: own ?? shared }],
      })),
    }))
}

function nodeItem(source: Source, gets: readonly StandardOperation[]): fc.Arbitrary<Item> {
  const ids = gets.flatMap(({ resource }) =>
    (source.samples.get(resource.key) ?? []).slice(0, 6).map((row) =>
      encodeNodeId(
        resource.type,
        resource.primaryKey.fields.map(({ name }) => row[name]),
      ),
    ),
  )
  const absentOnes = [encodeNodeId('Piece', ['999999']), encodeNodeId('Wish', [1]), 'WyJQaWVjZSJd']
  const nodeId = leafOf(
    fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...ids) },
      { weight: 1, arbitrary: fc.constantFrom(...absentOnes) },
    ),
    ['x', 5, {}],
  )
  const of = several(
    4,
    { weight: 1, arbitrary: field(['__typename', 'nodeId']) },
    {
      weight: 5,
      arbitrary: fc.oneof(
        ...gets.map(({ resource }) => fragment([resource.type], rowItems(source, resource, 3))),
      ),
    },
    {
      weight: 1,
      arbitrary: fragment(
        ['Node', null],
        several(2, { weight: 1, arbitrary: field(['__typename', 'nodeId']) }),
      ),
    },
  )
  return called('node', fc.record({ values: fc.record({ nodeId }), whole: fc.constant(false) }), of)
}

/** Documents over a model. `special` are root fields without required arguments, selected seldom. */
export function documentsOf(
  source: Source,
  callers: number,
  special: fc.Arbitrary<Item>,
): fc.Arbitrary<Asked> {
  const standard = source.model.operations.filter((operation) => operation.standard !== null)
  const gets = standard.filter(({ standard: kind }) => kind === 'get')
  const byList = standard
    .filter(({ standard: kind }) => kind === 'list')
    .map((operation) =>
      called(
        operation.name,
        listArgumentsOf(source, operation.resource),
        connectionItems(operation.resource, rowItems(source, operation.resource, 4)),
      ),
    )
  const root = [
    { weight: 20, arbitrary: fc.oneof(...byList) },
    {
      weight: 10,
      arbitrary: fc.oneof(
        ...gets.map((operation) =>
          keyed(source, operation, rowItems(source, operation.resource, 4)),
        ),
      ),
    },
    {
      weight: 4,
      arbitrary: fc.oneof(
        ...gets.map((operation) =>
          twins(source, operation, rowItems(source, operation.resource, 2)),
        ),
      ),
    },
    {
      weight: 8,
      arbitrary: nodeItem(
        source,
        gets.filter(
          ({ by, resource }) => by === resource.primaryKey && resource.nodeId === 'nodeId',
        ),
      ),
    },
    { weight: 1, arbitrary: field(['__typename']) },
    { weight: 1, arbitrary: special },
  ]
  const items = several(2, ...root, {
    weight: 2,
    arbitrary: fragment(['Query', null], several(2, ...root)),
  })
  const caller = fc.nat(callers - 1)
  return fc.record({ items, callers: fc.array(caller, { minLength: ASKED, maxLength: ASKED }) })
}
