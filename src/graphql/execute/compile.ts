// Compiles operations: a document whose fields are tables, relations and stored expressions is read once, and leaves a read
// query for each of its root fields. graphql-js resolves all others; both give the same JSON.
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  Kind as Ast,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql'
import type { Model, Operation, Resource } from '../../schema/model/model.ts'
import { servedOperations } from '../schema/operations.ts'
import { argumentsOf, type ReadArguments, type VariableValues, variablesOf } from './coerce.ts'
import {
  compileNodeReads,
  compileSelection,
  compileSharedRead,
  type SharedReads,
} from './compile-read.ts'
import type { CompiledOperation, RootAnswer, RootField } from './compiled.ts'
import { isOwn, isRowCompilable } from './is-compilable.ts'
import { grouped, selectedRowParts, type Templating } from './template.ts'

export interface Compiling {
  readonly model: Model
  readonly schema: GraphQLSchema
  /** The most values that the variables of a request may hold. */
  readonly limit: number
}

interface Place {
  readonly templating: Templating
  readonly root: GraphQLObjectType
  readonly operations: ReadonlyMap<string, Operation>
  readonly shared: SharedReads
}

/**
 * Compiles an operation root field by root field.
 * @param conditions values of the variables that @skip and @include ask
 * @returns null where graphql-js resolves every field
 */
export function compile(
  { model, schema, limit }: Compiling,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  conditions: VariableValues,
): CompiledOperation | null {
  const kind = operation.operation
  if (kind === OperationTypeNode.SUBSCRIPTION) return null
  const root = schema.getRootType(kind)
  const coerce = variablesOf({ schema, document, operation }, limit)
  if (root === null || root === undefined || coerce === null) return null
  const reading = {
    model,
    schema,
    fragments: fragmentsOf(document),
    variables: conditions,
    argumentsOf: () => ({}),
  }
  const place: Place = {
    root,
    templating: { reading, schema, model },
    operations: new Map(servedOperations(model).map((one) => [one.name, one])),
    shared: new Map(),
  }
  const start = {
    kind: Ast.FIELD,
    name: { kind: Ast.NAME, value: '' },
    selectionSet: operation.selectionSet,
  } satisfies FieldNode
  const fields = [...grouped(reading, root.name, [start])].map(([key, nodes]): RootField => ({
    key,
    nodes,
    ...(compileRoot(place, nodes) ?? { type: 'resolved' }),
  }))
  return fields.every(({ type }) => type === 'resolved' || type === 'text')
    ? null
    : { kind, coerce, fields }
}

export function fragmentsOf({ definitions }: DocumentNode): Record<string, FragmentDefinitionNode> {
  const fragments: Record<string, FragmentDefinitionNode> = {}
  for (const node of definitions)
    if (node.kind === Ast.FRAGMENT_DEFINITION) fragments[node.name.value] = node
  return fragments
}

/** The document with these root fields alone; their nodes, and so places of errors, stay the same. */
export function restrictTo(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  fields: readonly RootField[],
): DocumentNode {
  const selections = fields.flatMap(({ nodes }) => nodes)
  const restricted = { ...operation, selectionSet: { ...operation.selectionSet, selections } }
  return {
    ...document,
    definitions: document.definitions.map((definition) =>
      definition === operation ? restricted : definition,
    ),
  }
}

/** Null where graphql-js resolves the field. */
function compileRoot(
  { templating, root, operations, shared }: Place,
  nodes: readonly [FieldNode, ...FieldNode[]],
): RootAnswer | null {
  const [node] = nodes
  const name = node.name.value
  if (name === '__typename') return { type: 'text', json: JSON.stringify(root.name) }
  const field = root.getFields()[name]
  if (field === undefined || !isOwn(field)) return null
  const args = argumentsOf(field, node)
  if (args === null) return null
  const operation = operations.get(name)
  if (operation === undefined)
    return { type: 'node', args, readsOf: compileNodeReads(templating, nodes) }
  if (operation.standard === 'get' || operation.standard === 'list') {
    const reads = compileSharedRead(templating, shared, operation, nodes)
    return reads === null ? null : { type: 'read', args, reads }
  }
  return compileRun(templating, operation, args, nodes)
}

function compileRun(
  templating: Templating,
  operation: Operation,
  args: ReadArguments,
  nodes: readonly FieldNode[],
): RootAnswer | null {
  const resource = answeredRows(operation)
  if (resource === null || !isRowCompilable(templating, resource, nodes)) return null
  const selectionOf = compileSelection(templating.reading, resource, nodes)
  if (selectionOf === null) return null
  return {
    type: 'run',
    operation,
    args,
    selectionOf,
    partsOf: (layout) => selectedRowParts(templating, resource, nodes, layout),
  }
}

/** The resource whose rows an operation answers by themselves; null for another output. */
function answeredRows(operation: Operation): Resource | null {
  if (operation.standard === null)
    return operation.output.type === 'value' ? null : operation.output.resource
  return operation.standard === 'aggregate' || operation.standard === 'upsert'
    ? null
    : operation.resource
}
