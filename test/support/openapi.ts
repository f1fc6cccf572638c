// The OpenAPI document of a model that no server serves.
import { openBudget } from '../../src/cache-budget.ts'
import { buildOpenapi, type OpenapiOptions } from '../../src/rest/openapi/document.ts'
import { buildRoutes } from '../../src/rest/routes/build-routes.ts'
import type { Model } from '../../src/schema/model/model.ts'

const prefix = '/api'

export function openapiOf(
  model: Model,
  options: Omit<OpenapiOptions, 'prefix'> = {},
): ReturnType<typeof JSON.parse> {
  const routes = buildRoutes({ model, budget: openBudget(0), prefix })
  return buildOpenapi(model, routes, { ...options, prefix })
}
