// Output types: one object type per resource with its fields and relations, its connection, and Relay's Node.
import type { TypeParam } from '@pothos/core'
import { defined } from '../../defined.ts'
import type { PolicyNode } from '../../schema/declare/access.ts'
import {
  type Field,
  type Model,
  type Operation,
  type Relation,
  type Resource,
  targetOf,
} from '../../schema/model/model.ts'
import type { GatewayBuilder, Types } from './builder.ts'
import { type ConnectionRef, openConnections } from './connections.ts'
import { described } from './descriptions.ts'
import type { Enums } from './enums.ts'
import { own, typeOf } from './hand-written.ts'
import type { Inputs } from './inputs/inputs.ts'
import { toScalarName } from './scalars.ts'
import {
  nodeIdOf,
  readField,
  readMany,
  readOne,
  readVersion,
  resourceOfSource,
  type RowSource,
} from './row-source.ts'

export type RowRef = PothosSchemaTypes.ObjectRef<Types, RowSource>
type NodeRef = PothosSchemaTypes.InterfaceRef<Types, RowSource>

/** Output types by resource key. */
export interface Outputs {
  readonly rows: ReadonlyMap<string, RowRef>
  readonly connections: ReadonlyMap<string, ConnectionRef>
  readonly node: NodeRef
}

interface Defining {
  readonly builder: GatewayBuilder
  readonly model: Model
  readonly enums: Enums
  readonly inputs: Inputs
  readonly rows: Map<string, RowRef>
  readonly connections: Map<string, ConnectionRef>
  readonly node: NodeRef
}

interface DefiningOutputs extends Pick<Defining, 'builder' | 'model' | 'enums' | 'inputs'> {
  /** Whether resources have types that no operation names. */
  readonly keepsTypes: boolean
}

export function defineOutputs(parts: DefiningOutputs): Outputs {
  const { builder, model, enums, inputs, keepsTypes } = parts
  const node = builder.interfaceRef<RowSource>('Node')
  const defining: Defining = {
    builder,
    model,
    enums,
    inputs,
    node,
    rows: new Map(),
    connections: new Map(),
  }
  const defineConnection = openConnections(builder)
  node.implement({
    description: 'A row with a global id, by which `node` finds it again.',
    resolveType: (source) => resourceOfSource(source).type,
    fields: (t) => ({ nodeId: nodeIdField(t) }),
  })
  const served = keepsTypes ? [...model.resources.values()] : servedResources(model)
  for (const resource of served) defining.rows.set(resource.key, defineRow(defining, resource))
  for (const resource of served) {
    if (resource.access.read.type !== 'nobody')
      defining.connections.set(
        resource.key,
        defineConnection(resource, known(defining.rows, resource)),
      )
  }
  return defining
}

/** Resources that an operation names; the others have no type. */
function servedResources(model: Model): readonly Resource[] {
  const served = new Set(model.operations.map(resourceOf))
  return [...model.resources.values()].filter((resource) => served.has(resource))
}

function resourceOf(operation: Operation): Resource | null {
  if (operation.standard !== null) return operation.resource
  return operation.output.type === 'value' ? null : operation.output.resource
}

function defineRow(defining: Defining, resource: Resource): RowRef {
  const { builder, node } = defining
  const byKey = Object.fromEntries(
    resource.primaryKey.fields.map((field) => [field.name, true as const]),
  )
  const isNode = resource.nodeId === 'nodeId' && resource.access.read.type !== 'nobody'
  const options = {
    name: resource.type,
    ...defined({ description: resource.description }),
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
      ...(isNode ? {} : { [resource.nodeId]: nodeIdField(t) }),
    }),
  }
  // Its sources are the engine's rows, where Pothos' types expect Drizzle's.
  return builder.drizzleObject(resource.tableKey, options as never) as unknown as RowRef
}

type RowFields = PothosSchemaTypes.ObjectFieldBuilder<Types, RowSource>

const nodeIdField = (t: Pick<RowFields, 'id'>) =>
  t.id({ nullable: false, description: 'The global id.', extensions: own, resolve: nodeIdOf })

function versionField({ version }: Resource, t: RowFields) {
  if (version === null) return {}
  const field = t.string({
    nullable: false,
    description:
      'Another text after every change of the row; `ifVersion` takes it, and REST has it in the `ETag`.',
    extensions: own,
    resolve: readVersion,
  })
  return { [version.name]: field }
}

function ownField({ enums }: Defining, t: RowFields, field: Field) {
  return t.field({
    type: typeOfField(enums, t, field),
    nullable: field.nullable || field.read !== null || field.kind.name === 'float',
    ...described(field),
    extensions: own,
    resolve: (source) => readField(source, field) as never, // the field's kind made its type
  })
}

function typeOfField(enums: Enums, t: RowFields, field: Field): TypeParam<Types> {
  const labels = field.enum === null ? undefined : enums.get(field.enum.name)
  const element = labels ?? toScalarName(field.kind.name)
  if (field.list) return t.listRef(element, { nullable: true })
  return field.kind.name === 'vector' ? t.listRef(element) : element
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
    args: inputs.ofList(t.arg, target),
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
