// Output types: one object type per resource with its fields and relations, its connection, and Relay's Node.
import type { EnumRef, TypeParam } from '@pothos/core'
import type { Row } from '../../engine/result.ts'
import type { PolicyNode } from '../../schema/declare/access.ts'
import {
  type Field,
  type Model,
  type Relation,
  type Resource,
  targetOf,
} from '../../schema/model/model.ts'
import type { GatewayBuilder } from './builder.ts'
import { described } from './descriptions.ts'
import { own, typeOf } from './hand-written.ts'
import { type Enums, type Inputs, listArguments, type Types } from './inputs.ts'
import { toScalarName } from './scalars.ts'
import {
  type ConnectionSource,
  type Level,
  nodeIdOf,
  readField,
  readMany,
  readOne,
  readVersion,
  resourceOfSource,
  type RowSource,
  toSource,
} from './row-source.ts'

export type RowRef = PothosSchemaTypes.ObjectRef<Types, RowSource>
export type ConnectionRef = PothosSchemaTypes.ObjectRef<Types, ConnectionSource>
type NodeRef = PothosSchemaTypes.InterfaceRef<Types, RowSource>

/** Output types by resource key. */
export interface Outputs {
  readonly rows: ReadonlyMap<string, RowRef>
  readonly connections: ReadonlyMap<string, ConnectionRef>
  readonly node: NodeRef
}

export function defineEnums(builder: GatewayBuilder, model: Model): Enums {
  const enums = new Map<string, EnumRef<Types, string>>()
  for (const { fields } of model.resources.values()) {
    for (const { enum: type } of fields.values()) {
      if (type === null || enums.has(type.name)) continue
      enums.set(
        type.name,
        builder.enumType(type.name, {
          values: Object.fromEntries(
            type.values.map(({ label, graphql }) => [graphql, { value: label }]),
          ),
        }),
      )
    }
  }
  return enums
}

interface Defining {
  readonly builder: GatewayBuilder
  readonly model: Model
  readonly enums: Enums
  readonly inputs: Inputs
  readonly rows: Map<string, RowRef>
  readonly connections: Map<string, ConnectionRef>
  readonly node: NodeRef
  readonly countMode: EnumRef<Types, 'EXACT' | 'ESTIMATED'>
}

export function defineOutputs(
  builder: GatewayBuilder,
  model: Model,
  enums: Enums,
  inputs: Inputs,
): Outputs {
  const node = builder.interfaceRef<RowSource>('Node')
  const defining: Defining = {
    builder,
    model,
    enums,
    inputs,
    node,
    countMode: defineCountMode(builder),
    rows: new Map(),
    connections: new Map(),
  }
  const pageInfo = definePageInfo(builder)
  node.implement({
    description: 'A row with a global id, by which `node` finds it again.',
    resolveType: (source) => resourceOfSource(source).type,
    fields: (t) => ({
      nodeId: t.id({
        nullable: false,
        description: 'The global id.',
        extensions: own,
        resolve: nodeIdOf,
      }),
    }),
  })
  const served = servedResources(model)
  for (const resource of served) defining.rows.set(resource.key, defineRow(defining, resource))
  for (const resource of served) {
    if (resource.access.read.type !== 'nobody')
      defining.connections.set(resource.key, defineConnection(defining, resource, pageInfo))
  }
  return defining
}

/** Resources that an operation names; the others have no type. */
const servedResources = (model: Model): readonly Resource[] =>
  [...model.resources.values()].filter((resource) =>
    model.operations.some((operation) =>
      operation.standard === null
        ? operation.output.type !== 'value' && operation.output.resource === resource
        : operation.resource === resource,
    ),
  )

function defineRow(defining: Defining, resource: Resource): RowRef {
  const { builder, node } = defining
  const byKey = Object.fromEntries(
    resource.primaryKey.fields.map((field) => [field.name, true as const]),
  )
  const isNode = resource.nodeId === 'nodeId' && resource.access.read.type !== 'nobody'
  const options = {
    name: resource.type,
    ...(resource.description === undefined ? {} : { description: resource.description }),
    // Rows that hand-written fields return are read back by their key, so that is all that Drizzle has to fetch.
    select: { columns: byKey },
    ...(isNode ? { interfaces: [node] } : {}),
    extensions: typeOf(resource),
    fields: (t: RowFields) => ({
      ...Object.fromEntries(
        [...resource.fields.values()].map((field) => [field.name, ownField(defining, t, field)]),
      ),
      ...Object.fromEntries(
        [...resource.relations.values()].map((relation) => [
          relation.name,
          relationField(defining, t, relation),
        ]),
      ),
      ...versionField(resource, t),
      ...(isNode
        ? {}
        : {
            [resource.nodeId]: t.id({
              nullable: false,
              description: 'The global id.',
              extensions: own,
              resolve: nodeIdOf,
            }),
          }),
    }),
  }
  // Its sources are the engine's rows, where Pothos' types expect Drizzle's.
  return builder.drizzleObject(resource.tableKey, options as never) as unknown as RowRef
}

type RowFields = PothosSchemaTypes.ObjectFieldBuilder<Types, RowSource>

const versionField = ({ version }: Resource, t: RowFields) =>
  version === null
    ? {}
    : {
        [version.name]: t.string({
          nullable: false,
          description:
            'Another text after every change of the row; `ifVersion` takes it, and REST has it in the `ETag`.',
          extensions: own,
          resolve: readVersion,
        }),
      }

function ownField({ enums }: Defining, t: RowFields, field: Field) {
  const element: TypeParam<Types> =
    field.enum === null ? toScalarName(field.kind.name) : (enums.get(field.enum.name) ?? 'String')
  return t.field({
    type: field.list
      ? t.listRef(element, { nullable: true })
      : field.kind.name === 'vector'
        ? t.listRef(element)
        : element,
    nullable: field.nullable || field.read !== null || field.kind.name === 'float',
    ...described(field),
    extensions: own,
    resolve: (source) => readField(source, field) as never, // the field's kind made its type
  })
}

function relationField(
  { model, inputs, rows, connections }: Defining,
  t: RowFields,
  relation: Relation,
) {
  const target = targetOf(model, relation)
  if (!relation.many) {
    return t.field({
      type: known(rows, target),
      nullable: relation.nullable,
      ...described(relation),
      extensions: own,
      resolve: (source) => readOne(source, relation) as never, // null only where the type says so
    })
  }
  return t.field({
    type: known(connections, target),
    nullable:
      mayRefuse(target.access.read) ||
      mayRefuse(junctionOf(model, relation)?.access.read ?? { type: 'everyone' }),
    ...described(relation),
    extensions: own,
    args: listArguments(t.arg, inputs, target),
    resolve: (source, _args, _context, info) =>
      readMany(source, relation, info.fieldNodes[0]) as never, // as above
  })
}

/** A junction that is a resource of its own is passed under its own policy. */
const junctionOf = (model: Model, { through }: Relation): Resource | undefined =>
  through?.resource === null || through === null ? undefined : model.resources.get(through.resource)

const known = <T>(refs: ReadonlyMap<string, T>, resource: Resource): T => {
  const ref = refs.get(resource.key)
  if (ref === undefined) throw new Error(`The type ${resource.type} was not defined.`)
  return ref
}

/** Whether some caller is told no whatever the row; to others a policy only leaves rows out. */
function mayRefuse(policy: PolicyNode): boolean {
  switch (policy.type) {
    case 'everyone':
    case 'filter':
      return false
    case 'any':
      return policy.of.every(mayRefuse)
    case 'all':
      return policy.of.some(mayRefuse)
    default:
      return true
  }
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
    fields: (t) => ({
      hasNextPage: t.boolean({ nullable: false, resolve: ({ page }) => page.hasNext }),
      hasPreviousPage: t.boolean({ nullable: false, resolve: ({ page }) => page.hasPrevious }),
      startCursor: t.string({ resolve: ({ page }) => page.start }),
      endCursor: t.string({ resolve: ({ page }) => page.end }),
    }),
  })
}

interface EdgeSource {
  readonly page: ConnectionSource['page']
  readonly level: Level
  readonly row: Row
}

function defineConnection(
  { builder, rows, countMode }: Defining,
  resource: Resource,
  pageInfo: ConnectionRef,
): ConnectionRef {
  const row = known(rows, resource)
  const edge = builder.objectRef<EdgeSource>(`${resource.type}Edge`).implement({
    description: `One of a page's ${resource.plural}, with its place.`,
    fields: (t) => ({
      cursor: t.string({ nullable: false, resolve: (source) => source.page.cursorOf(source.row) }),
      node: t.field({
        type: row,
        nullable: false,
        extensions: own,
        resolve: (source) => toSource(source.level, source.row) as never,
      }), // RowRef's shape
    }),
  })
  return builder.objectRef<ConnectionSource>(`${resource.type}Connection`).implement({
    description: `A page of ${resource.plural}.`,
    fields: (t) => ({
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
    }),
  })
}
