// Hand-written fields on our types: each gets the columns it is typed with, and rows it returns are read back by the engine.
import SchemaBuilder, {
  BasePlugin,
  completeValue,
  type PothosOutputFieldConfig,
  type SchemaTypes,
} from '@pothos/core'
import type { GraphQLFieldResolver, GraphQLResolveInfo } from 'graphql'
import type { Resource } from '../../schema/model/model.ts'
import { isSource } from './row-source.ts'

/** Reads a row that code returned by its key, as the client asked for it and under the read policy. */
export type ReadBack = (
  resource: Resource,
  row: object,
  context: object,
  info: GraphQLResolveInfo,
) => Promise<unknown>

declare global {
  // Pothos takes plugins through a global namespace of its own.
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      bifrons: HandWrittenPlugin<Types>
    }
    export interface SchemaBuilderOptions<Types extends SchemaTypes> {
      readBack?: ReadBack
    }
  }
}

export const handWrittenPlugin = 'bifrons'

/** Marks our own fields among those of a team's extension. */
export const own = Object.freeze({ bifronsOwn: true })

/** Marks the type of a resource. */
export const typeOf = (resource: Resource) => ({ bifronsResource: resource })

type Extensions = Readonly<Record<string, unknown>> | null | undefined

const isOwn = ({ extensions }: { readonly extensions?: Extensions }): boolean =>
  extensions?.['bifronsOwn'] === true

class HandWrittenPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  /**
   * Pothos types a field's row with all columns of its table, whatever the field selects besides, where the engine's row
   * has those that the client asked for: so all of them are selected. And no row of the engine has what Drizzle loads.
   */
  override onOutputFieldConfig(
    field: PothosOutputFieldConfig<Types>,
  ): PothosOutputFieldConfig<Types> {
    const resource = this.resourceOf(field.parentType)
    if (field.kind !== 'DrizzleObject' || resource === undefined || isOwn(field)) return field
    const given: unknown = field.extensions?.['pothosDrizzleSelect']
    return {
      ...field,
      extensions: {
        ...field.extensions,
        pothosDrizzleSelect: withColumns(given, allColumns(resource)),
        pothosDrizzleLoaded: (row: unknown) => !isSource(row),
      },
    }
  }

  override wrapResolve(
    resolve: GraphQLFieldResolver<unknown, Types['Context'], object>,
    field: PothosOutputFieldConfig<Types>,
  ): typeof resolve {
    const element = field.type.kind === 'List' ? field.type.type : field.type
    const resource = element.kind === 'Object' ? this.resourceOf(element.ref) : undefined
    const readBack = this.builder.options.readBack
    if (resource === undefined || readBack === undefined || isOwn(field)) return resolve
    return async (parent, args, context, info) => {
      const one = (row: unknown): unknown => {
        if (typeof row !== 'object' || row === null || isSource(row)) return row
        return readBack(resource, row, context, info)
      }
      const answer: unknown = await resolve(parent, args, context, info)
      return Array.isArray(answer) ? answer.map(one) : one(answer)
    }
  }

  private resourceOf(
    ref: Parameters<typeof this.buildCache.getTypeConfig>[0],
  ): Resource | undefined {
    const extensions: Extensions = this.buildCache.getTypeConfig(ref).extensions
    return extensions?.['bifronsResource'] as Resource | undefined // typeOf set it
  }
}

/** What a field selects, with these columns too: a value, or a function that answers one. */
function withColumns(given: unknown, columns: Readonly<Record<string, true>>): unknown {
  if (typeof given !== 'function') return { ...(given as object | undefined), columns } // Pothos knows these two forms
  return (...args: unknown[]): unknown =>
    completeValue(given(...args) as object | null, (selected) => ({ ...selected, columns }))
}

const allColumns = ({ table }: Resource): Readonly<Record<string, true>> =>
  Object.fromEntries(
    Object.entries(table)
      .filter(
        ([, column]) => typeof column === 'object' && column !== null && 'columnType' in column,
      )
      .map(([name]) => [name, true as const]),
  )

SchemaBuilder.registerPlugin(handWrittenPlugin, HandWrittenPlugin)
