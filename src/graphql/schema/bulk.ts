// What writes beyond those of one row answer: lists of rows, and an upsert's payload.
import type { TypeParam } from '@pothos/core'
import type { FieldNode } from 'graphql'
import type { Selection } from '../../engine/request.ts'
import type { Resource, StandardOperation } from '../../schema/model/model.ts'
import type { GatewayBuilder, Types } from './builder.ts'
import { own } from './hand-written.ts'
import type { Outputs, RowRef } from './outputs.ts'
import { fieldsUnder, type Reading, toSelection } from '../request/selection.ts'
import type { RowSource } from './row-source.ts'

function needed<T>(type: T | undefined, what: string): T {
  if (type === undefined) throw new Error(`The input type of a ${what} was not defined.`)
  return type
}

export const answersRows = ({ standard }: StandardOperation): boolean =>
  standard === 'createMany' || standard === 'updateMany' || standard === 'deleteMany'

/** An upsert as its payload's resolvers get it. */
export interface UpsertSource {
  readonly created: boolean
  readonly row: RowSource | null
}

const payloadName = ({ type }: Resource): string => `${type}Upsert`

/** `ProductUpsert`, once for each resource that has upserts. */
export function definePayloads(
  builder: GatewayBuilder,
  { rows }: Outputs,
  operations: readonly StandardOperation[],
): ReadonlyMap<string, TypeParam<Types>> {
  const resources = new Set(
    operations.filter(({ standard }) => standard === 'upsert').map(({ resource }) => resource),
  )
  return new Map(
    [...resources].map((resource) => [
      resource.key,
      definePayload(builder, resource, needed(rows.get(resource.key), resource.type)),
    ]),
  )
}

const definePayload = (
  builder: GatewayBuilder,
  resource: Resource,
  row: RowRef,
): TypeParam<Types> =>
  builder.objectRef<UpsertSource>(payloadName(resource)).implement({
    description: `What became of a ${resource.type}.`,
    fields: (t) => ({
      created: t.exposeBoolean('created', {
        nullable: false,
        description: 'Whether it was not there before.',
      }),
      [resource.key]: t.field({
        type: row,
        nullable: true,
        extensions: own,
        description: 'The row as it is now; null where you may not read it.',
        resolve: (source) => source.row as never,
      }), // RowRef's shape
    }),
  })

/** What is asked of the row inside of a payload. */
export function payloadSelection(
  reading: Reading,
  resource: Resource,
  nodes: readonly FieldNode[],
): Selection {
  const inside = fieldsUnder(reading, payloadName(resource), nodes).filter(
    (node) => node.name.value === resource.key,
  )
  return toSelection(reading, resource, inside)
}
