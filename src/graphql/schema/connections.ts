// Connections: a page of rows with its edges, its place in the list, and the count of the whole.
import type { EnumRef } from '@pothos/core'
import type { Row } from '../../engine/result.ts'
import type { Resource } from '../../schema/model/model.ts'
import {
  type ConnectionMember,
  type EdgeMember,
  pageInfoMembers,
} from '../request/connection-members.ts'
import type { GatewayBuilder, Types } from './builder.ts'
import { own } from './hand-written.ts'
import { type ConnectionSource, type RowLevel, type RowSource, toSource } from './row-source.ts'

type RowRef = PothosSchemaTypes.ObjectRef<Types, RowSource>
export type ConnectionRef = PothosSchemaTypes.ObjectRef<Types, ConnectionSource>

interface Defining {
  readonly builder: GatewayBuilder
  readonly pageInfo: ConnectionRef
  readonly countMode: EnumRef<Types, 'EXACT' | 'ESTIMATED'>
}

/** @returns what defines the connection of a resource's rows */
export function openConnections(
  builder: GatewayBuilder,
): (resource: Resource, row: RowRef) => ConnectionRef {
  const defining: Defining = {
    builder,
    pageInfo: definePageInfo(builder),
    countMode: defineCountMode(builder),
  }
  return (resource, row) => defineConnection(defining, resource, row)
}

const defineCountMode = (builder: GatewayBuilder) =>
  builder.enumType('CountMode', {
    description: 'How the rows of a list are counted.',
    values: {
      EXACT: { value: 'EXACT', description: 'All of them.' },
      ESTIMATED: {
        value: 'ESTIMATED',
        description:
          'Up to 10,000; from there on what the planner of the database expects, which is cheap and may be wrong.',
      },
    } as const,
  })

function definePageInfo(builder: GatewayBuilder) {
  return builder.objectRef<ConnectionSource>('PageInfo').implement({
    description: 'Where a page lies in its list.',
    fields: (t) => {
      const { hasNextPage, hasPreviousPage, startCursor, endCursor } = pageInfoMembers
      return {
        hasNextPage: t.boolean({ nullable: false, resolve: ({ page }) => hasNextPage(page) }),
        hasPreviousPage: t.boolean({
          nullable: false,
          resolve: ({ page }) => hasPreviousPage(page),
        }),
        startCursor: t.string({ resolve: ({ page }) => startCursor(page) }),
        endCursor: t.string({ resolve: ({ page }) => endCursor(page) }),
      } satisfies Record<keyof typeof pageInfoMembers, unknown>
    },
  })
}

interface EdgeSource {
  readonly page: ConnectionSource['page']
  readonly level: RowLevel
  readonly row: Row
}

function defineConnection(
  { builder, pageInfo, countMode }: Defining,
  resource: Resource,
  row: RowRef,
): ConnectionRef {
  const edge = builder.objectRef<EdgeSource>(`${resource.type}Edge`).implement({
    description: `One of a page's ${resource.plural}, with its place.`,
    fields: (t) =>
      ({
        cursor: t.string({
          nullable: false,
          resolve: (source) => source.page.cursorOf(source.row),
        }),
        node: t.field({
          type: row,
          nullable: false,
          extensions: own,
          resolve: (source) => toSource(source.level, source.row) as never,
        }), // RowRef's shape
      }) satisfies Record<EdgeMember, unknown>,
  })
  return builder.objectRef<ConnectionSource>(`${resource.type}Connection`).implement({
    description: `A page of ${resource.plural}.`,
    fields: (t) =>
      ({
        edges: t.field({
          type: t.listRef(edge),
          nullable: false,
          resolve: ({ page, level }) => page.rows().map((one) => ({ page, level, row: one })),
        }),
        nodes: t.field({
          type: t.listRef(row),
          nullable: false,
          extensions: own,
          resolve: ({ page, level }) => page.rows().map((one) => toSource(level, one)) as never,
        }), // as above
        pageInfo: t.field({ type: pageInfo, nullable: false, resolve: (source) => source }),
        totalCount: t.int({
          nullable: false,
          description: 'How many there are on all pages.',
          args: { mode: t.arg({ type: countMode, required: true, defaultValue: 'EXACT' }) },
          resolve: ({ page }) => page.total ?? 0,
        }),
      }) satisfies Record<ConnectionMember, unknown>,
  })
}
