// Orders to ask lists in, a few for each resource, with the cursors that they give out.
import * as fc from 'fast-check'
import type { Caller } from '../../../src/schema/declare/caller.ts'
import type { Model, Resource } from '../../../src/schema/model/model.ts'
import { randomList } from '../../../src/parity/generate/lists/lists.ts'
import type { KnownOrder } from './generate-arguments.ts'
import type { TwoWays } from './two-ways.ts'

const ORDERS = 6

/** For each listed resource, for a caller who may read everything. */
export async function readOrders(
  ways: TwoWays,
  model: Model,
  caller: Caller,
): Promise<ReadonlyMap<string, readonly KnownOrder[]>> {
  const listed = model.operations.flatMap((operation) =>
    operation.standard === 'list' ? [operation.resource] : [],
  )
  const orders = new Map<string, readonly KnownOrder[]>()
  for (const resource of listed) {
    const known: KnownOrder[] = []
    for (const orderBy of randomOrders(model, resource)) {
      const query = `query($by: [${resource.type}Order!]) { list: ${resource.plural}(orderBy: $by, first: 5) { edges { cursor } } }`
      const data = (await ways.data({ caller, query, variables: { by: orderBy } })) as {
        readonly list: { readonly edges: readonly { readonly cursor: string }[] } | null
      } // with the selection of the query
      known.push({ orderBy, cursors: data.list?.edges.map(({ cursor }) => cursor) ?? [] })
    }
    orders.set(resource.key, known)
  }
  return orders
}

function randomOrders(model: Model, resource: Resource): readonly (readonly unknown[])[] {
  const lists = fc.sample(randomList({ model, samples: new Map() }, resource, 0), {
    numRuns: 30,
    seed: 7,
  })
  const orders = lists.flatMap(({ orderBy }) =>
    orderBy === undefined
      ? []
      : [
          orderBy.map(({ path, direction }) =>
            path.reduceRight<unknown>((of, name) => ({ [name]: of }), direction),
          ),
        ],
  )
  return [[], ...orders.slice(0, ORDERS - 1)]
}
