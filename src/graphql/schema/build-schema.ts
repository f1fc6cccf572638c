// The GraphQL schema of a model, and its document.
import { GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql'
import { describeInputs } from '../../schema/inputs/input-types.ts'
import type { Model } from '../../schema/model/model.ts'
import { type AnyExtension, type DrizzleParts, openBuilder } from './builder.ts'
import { withAggregates } from './aggregates/aggregates.ts'
import { defineEnums } from './enums.ts'
import { openInputs } from './inputs/inputs.ts'
import { defineOperations, type Run } from './operations.ts'
import { defineOutputs } from './outputs.ts'
import { openReadBack } from './read-back.ts'
import { defineScalars } from './scalars.ts'
import { openValueTypes } from './value-types.ts'

export interface SchemaParts {
  readonly model: Model
  readonly drizzle: DrizzleParts
  readonly run: Run
  readonly extension: AnyExtension | undefined
  /** The whole model, where that of one caller has hand-written fields: they may be on types that it does not name, or answer them. */
  readonly whole?: Model | undefined
}

export function buildGraphqlSchema({
  model,
  drizzle,
  run,
  extension,
  whole,
}: SchemaParts): GraphQLSchema {
  const builder = openBuilder(drizzle, openReadBack(model, run))
  defineScalars(builder)
  const enums = defineEnums(builder, model)
  const types = describeInputs(model)
  const inputs = openInputs(builder, types, enums)
  const outputs = defineOutputs({ builder, model, enums, inputs, keepsTypes: whole !== undefined })
  defineOperations({ builder, whole, model, inputs, outputs, values: openValueTypes(builder), run })
  extension?.(builder as never) // typed over the very relations that the model was built from
  const schema = withoutEmptyMutation(builder.toSchema({ sortSchema: false }))
  return withAggregates(schema, { model, types, run })
}

/** A caller may do no mutation of ours, and there is no hand-written one. */
function withoutEmptyMutation(schema: GraphQLSchema): GraphQLSchema {
  const mutation = schema.getMutationType()
  if (!mutation || Object.keys(mutation.getFields()).length > 0) return schema
  const { types, ...config } = schema.toConfig()
  return new GraphQLSchema({
    ...config,
    mutation: undefined,
    types: types.filter((type) => type !== mutation),
  })
}

/** The schema in the schema definition language, in the order of names, so that it changes where the schema does. */
export const printGraphqlSchema = (schema: GraphQLSchema): string =>
  `${printSchema(lexicographicSortSchema(schema))}\n`

/** The document of a model, without a database: `bifrons print graphql`. */
export function printGraphql({
  model,
  extension,
}: Pick<SchemaParts, 'model'> & Partial<Pick<SchemaParts, 'extension'>>): string {
  const drizzle: DrizzleParts = {
    client: {},
    getTableConfig: () => ({ columns: [], primaryKeys: [] }),
    relations: model.vocabulary.relations,
  }
  const run: Run = () =>
    Promise.reject(new Error('A schema that was built to be printed runs nothing.'))
  return printGraphqlSchema(buildGraphqlSchema({ model, drizzle, run, extension }))
}
