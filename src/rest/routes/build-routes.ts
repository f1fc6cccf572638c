// Which routes there are: the contents page of REST. Each is answered and described in the file that builds it.
import type { Operation, StandardKind, StandardOperation } from '../../schema/model/model.ts'
import { isWrite } from '../openapi/description.ts'
import type { RestContext } from '../request/incoming.ts'
import { aggregateRoutes } from './aggregate.ts'
import { buildBatchRoute } from './batch.ts'
import { deleteManyRoutes, updateManyRoutes } from './by-filter.ts'
import { deleteRoutes, updateRoutes } from './change.ts'
import { createManyRoutes, createRoutes } from './create.ts'
import { customRoutes } from './custom.ts'
import { getRoutes } from './get.ts'
import { listRoutes } from './lists.ts'
import { relatedRoutes } from './related.ts'
import type { Route } from './route.ts'
import { upsertRoutes } from './upsert.ts'

/** Every route of the model, in the order of its operations; last the batch, which does several writes at once. */
export function buildRoutes(context: RestContext): readonly Route[] {
  const routes = context.model.operations.flatMap((operation) => routesOf(context, operation))
  const writes = routes.filter(isWrite)
  return writes.length === 0 ? routes : [...routes, buildBatchRoute(context, writes)]
}

const routesOf = (context: RestContext, operation: Operation): readonly Route[] => {
  const routes =
    operation.standard === null
      ? customRoutes(context, operation)
      : standardRoutes[operation.standard](context, operation)
  return routes.map((route) => ({ ...route, operation }))
}

type Build = (context: RestContext, operation: StandardOperation) => readonly Route[]

const standardRoutes: Readonly<Record<StandardKind, Build>> = {
  get: (...of) => [...getRoutes(...of), ...relatedRoutes(...of)],
  list: listRoutes,
  aggregate: aggregateRoutes,
  create: createRoutes,
  update: updateRoutes,
  delete: deleteRoutes,
  createMany: createManyRoutes,
  upsert: upsertRoutes,
  updateMany: updateManyRoutes,
  deleteMany: deleteManyRoutes,
}
