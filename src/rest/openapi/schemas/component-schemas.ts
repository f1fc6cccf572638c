// Every schema that the OpenAPI document may refer to, by name: rows and pages from the model, inputs from their types.
import { defaultLimits, type Limits } from '../../../engine/parse/limits.ts'
import { detailsName } from '../../../schema/declare/declared-errors.ts'
import { describeInputs } from '../../../schema/inputs/input-types.ts'
import type { CustomOperation, Model } from '../../../schema/model/model.ts'
import { buildFixedSchemas } from './fixed-schemas.ts'
import { type NamedSchemas, toJsonSchemas } from './from-zod.ts'
import { filterSchemas, havingSchema, zodInputs } from './input-schemas.ts'
import { listRequestSchema } from '../list-request.ts'
import { enumSchema, groupSchema, pageInfo, pageSchema, rowSchema } from './row-schemas.ts'
import { inputName, type JsonSchema, outputName, refTo } from '../schemas.ts'

/** @param limits `together`: how many writes a batch has at most */
export function buildSchemas(
  model: Model,
  { together }: Pick<Limits, 'together'> = defaultLimits,
): Readonly<Record<string, JsonSchema>> {
  const types = describeInputs(model)
  const resources = [...model.resources.values()]
  const enums = new Map(
    resources
      .flatMap((resource) => [...resource.fields.values()])
      .flatMap((field) => field.enum ?? [])
      .map((type) => [type.name, type]),
  )
  const own = resources.flatMap((resource): (readonly [string, JsonSchema])[] => [
    [resource.type, rowSchema(model, resource)],
    [`${resource.type}Page`, pageSchema(resource)],
    ...filterSchemas(types, resource),
    [`${resource.type}ListRequest`, listRequestSchema(resource, refTo)],
    [`${resource.type}Aggregate`, groupSchema(resource)],
    havingSchema(types, resource),
  ])
  const names = new Map(
    [...enums.values()].map((type) => [
      JSON.stringify(type.values.map(({ label }) => label)),
      type.name,
    ]),
  )
  return {
    ...toJsonSchemas([...zodInputs(types, model), ...customInputs(model)], 'input', names),
    ...toJsonSchemas(customOutputs(model), 'output', names),
    ...Object.fromEntries(own),
    ...Object.fromEntries([...enums.values()].map((type) => [type.name, enumSchema(type)])),
    PageInfo: pageInfo,
    ...buildFixedSchemas(together),
  }
}

const customOperations = (model: Model): readonly CustomOperation[] =>
  model.operations.filter((operation) => operation.standard === null)

const customInputs = (model: Model): NamedSchemas =>
  customOperations(model).flatMap((operation) =>
    operation.input === null ? [] : [[inputName(operation), operation.input] as const],
  )

/** What custom operations answer, and the details of their errors. */
function customOutputs(model: Model): NamedSchemas {
  const operations = customOperations(model)
  const answers = operations.flatMap((operation) =>
    operation.output.type === 'value'
      ? [[outputName(operation), operation.output.schema] as const]
      : [],
  )
  const details = operations
    .flatMap(({ errors }) => errors)
    .flatMap((error) =>
      error.details === null ? [] : [[detailsName(error.code), error.details] as const],
    )
  return [...answers, ...new Map(details)]
}
