// The cost of root fields: all of a document are charged together, before any of them runs.
import {
  type FieldNode,
  getVariableValues,
  type GraphQLObjectType,
  type GraphQLSchema,
  Kind as Ast,
} from 'graphql'
import type { Estimate } from '../../engine/charge/cost.ts'
import { estimate, estimateRead, UNKNOWN } from '../../engine/charge/estimate.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Operation, Resource } from '../../schema/model/model.ts'
import type { FoundOperation } from '../document/find-operation.ts'
import { decodeNodeId } from '../request/node-id.ts'
import { coercedArguments, type Reading, toSelection } from '../request/selection.ts'
import {
  nodeOperations,
  servedOperations,
  toRequest,
  toStandardInput,
} from '../schema/operations.ts'
import type { VariableValues } from '../execute/coerce.ts'
import { fragmentsOf } from '../execute/compile.ts'
import { readLists, type RootField } from '../execute/compiled.ts'
import { isOwn } from '../execute/is-compilable.ts'
import { grouped } from '../execute/template.ts'

interface Estimating extends Pick<FoundOperation, 'document' | 'operation'> {
  readonly engine: Engine
  readonly schema: GraphQLSchema
  readonly isKnownType: (type: string) => boolean
  /** As the document's types take them. */
  readonly variables: VariableValues
}

/**
 * The estimates of all root fields of an operation that graphql-js executes.
 * @param variables as they came; null where they are wrong, which graphql-js will say
 */
export function estimateOperation(
  asked: Omit<Estimating, 'variables'>,
  variables: VariableValues,
): readonly Estimate[] | null {
  const { schema, operation } = asked
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variables)
  if (coerced === undefined) return null
  const place = placeOf({ ...asked, variables: coerced })
  if (place === null) return null
  const start = {
    kind: Ast.FIELD,
    name: { kind: Ast.NAME, value: '' },
    selectionSet: operation.selectionSet,
  } satisfies FieldNode
  return [...grouped(place.reading, place.root.name, [start]).values()].flatMap((nodes) =>
    estimateField(place, nodes),
  )
}

const known = new WeakMap<Engine['model'], ReadonlyMap<string, Operation>>()

function operationsByName({ model }: Engine): ReadonlyMap<string, Operation> {
  const before = known.get(model)
  if (before !== undefined) return before
  const operations = new Map(servedOperations(model).map((one) => [one.name, one]))
  known.set(model, operations)
  return operations
}

interface RootPlace extends Pick<Estimating, 'engine' | 'isKnownType'> {
  readonly root: GraphQLObjectType
  readonly reading: Reading
  readonly operations: ReadonlyMap<string, Operation>
}

function placeOf({
  engine,
  schema,
  document,
  operation,
  variables,
  isKnownType,
}: Estimating): RootPlace | null {
  const root = schema.getRootType(operation.operation)
  if (root === null || root === undefined) return null
  const { model } = engine
  const fragments = fragmentsOf(document)
  const reading = { model, schema, variables, fragments, argumentsOf: coercedArguments }
  return { engine, isKnownType, root, reading, operations: operationsByName(engine) }
}

/** A field that is wrong costs a point: graphql-js says what is wrong with it. */
function estimateField(
  { engine, isKnownType, root, reading, operations }: RootPlace,
  nodes: readonly [FieldNode, ...FieldNode[]],
): readonly Estimate[] {
  const [node] = nodes
  if (node.name.value === '__typename') return []
  const field = root.getFields()[node.name.value]
  const operation = operations.get(node.name.value)
  if (field === undefined || (operation === undefined && !isOwn(field))) return [UNKNOWN] // hand-written, or of introspection
  try {
    const args = coercedArguments(field, node, reading.variables)
    if (operation !== undefined)
      return [estimate(engine.model, toRequest(operation, args, reading, nodes))]
    return [
      estimateNode({ engine, isKnownType }, args, (resource) =>
        toSelection(reading, resource, nodes),
      ),
    ]
  } catch {
    return [UNKNOWN]
  }
}

function estimateNode(
  { engine: { model }, isKnownType }: Pick<Estimating, 'engine' | 'isKnownType'>,
  args: VariableValues,
  selectionOf: (resource: Resource) => ReturnType<typeof toSelection>,
): Estimate {
  const byType = nodeOperations(model)
  const resources = new Map([...byType].map(([type, { resource }]) => [type, resource]))
  const { resource, key } = decodeNodeId(String(args['nodeId']), resources, isKnownType)
  const operation = byType.get(resource.type)
  if (operation === undefined) return UNKNOWN
  return estimate(model, { operation, input: { key }, selection: selectionOf(resource) })
}

/** The same of a compiled operation: the shapes of its read queries are worked out once. */
export function estimateCompiled(
  asked: Estimating,
  fields: readonly RootField[],
): readonly Estimate[] {
  let place: RootPlace | null | undefined
  const estimates: Estimate[] = []
  for (const field of fields) {
    if (field.type === 'text') continue
    const one = estimateCompiledField(asked, field)
    if (one !== null) {
      estimates.push(one)
      continue
    }
    place ??= placeOf(asked)
    const [node, ...nodes] = field.nodes
    if (place !== null && node !== undefined)
      for (const estimated of estimateField(place, [node, ...nodes])) estimates.push(estimated)
  }
  return estimates
}

/** Null for a field that is not compiled, or whose arguments do not fit. */
function estimateCompiledField(
  { engine: { model }, variables }: Estimating,
  field: RootField,
): Estimate | null {
  switch (field.type) {
    case 'read': {
      const { form, rows, total, lists } = field.reads
      const args = form.operation.standard === 'list' ? field.args(variables) : {}
      const related = readLists(lists, variables)
      if (args === null || related === null) return null
      return estimateRead(model, { form, rows, total, lists: [args, ...related] })
    }
    case 'run': {
      const { operation } = field
      const args = field.args(variables)
      const selection = field.selectionOf(variables)
      if (args === null || selection === null) return null
      const input =
        operation.standard === null ? { input: args['input'] } : toStandardInput(operation, args)
      return estimate(model, { operation, input, selection })
    }
    case 'text':
    case 'node':
    case 'resolved':
      return null
  }
}
