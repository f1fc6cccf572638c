// Hand-written fields on our types: each gets the columns it is typed with, and rows it returns are read back by the engine.
import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core'
import { isSource } from './source.ts'
import type { Resource } from '../schema/model.ts'

declare global {
  // Pothos takes plugins through its own global namespace.
  // oxlint-disable-next-line typescript/no-namespace
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      bifrons: HandWrittenPlugin<Types>
    }
  }
}

export const handWrittenPlugin = 'bifrons'

/** The resource whose type this is; its definition carries it (outputs.ts). */
export const resourceOfType = (extensions: Readonly<Record<string, unknown>> | null | undefined): Resource | undefined =>
  extensions?.['bifronsResource'] as Resource | undefined // set there alone

class HandWrittenPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  /**
   * A field without `select` is typed with all columns of its row, where the engine's row has those that the client
   * asked for: so it selects all of them. And what Drizzle has loaded lies in no row of the engine, whatever was planned.
   */
  override onOutputFieldConfig(field: PothosOutputFieldConfig<Types>): PothosOutputFieldConfig<Types> {
    const resource = resourceOfType(this.buildCache.getTypeConfig(field.parentType).extensions)
    if (field.kind !== 'DrizzleObject' || resource === undefined || field.extensions?.['bifronsOwn'] === true) return field
    const select = field.extensions?.['pothosDrizzleSelect'] ?? { columns: allColumns(resource) }
    return {
      ...field,
      extensions: { ...field.extensions, pothosDrizzleSelect: select, pothosDrizzleLoaded: (row: unknown) => !isSource(row) },
    }
  }
}

const allColumns = ({ table }: Resource): Readonly<Record<string, true>> => Object.fromEntries(Object.entries(table)
  .filter(([, column]) => typeof column === 'object' && column !== null && 'columnType' in column)
  .map(([name]) => [name, true as const]))

SchemaBuilder.registerPlugin(handWrittenPlugin, HandWrittenPlugin)
