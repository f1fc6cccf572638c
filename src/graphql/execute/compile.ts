// Compiled operations: a document whose fields are tables, relations and stored expressions is read once, and leaves a form
// for each of its root fields. Everything else goes through graphql-js; both give the same JSON.
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  isObjectType,
  Kind as Ast,
  type OperationDefinitionNode,
  OperationTypeNode,
  print,
} from 'graphql'
import { canAskEach, defineReadQuery, type ReadQuery } from '../../engine/read/read-query.ts'
import type { ListInput, Selection, Total } from '../../engine/request.ts'
import type { Layout } from '../../engine/result.ts'
import { selectedLists } from '../../engine/selection-lists.ts'
import type { Part, ToTemplate } from '../../engine/render/template.ts'
import {
  type Model,
  type Operation,
  type Resource,
  type StandardOperation,
  targetOf,
} from '../../schema/model/model.ts'
import { nodeOperations, servedOperations } from '../schema/operations.ts'
import { type Reading, toConnectionSelection, toSelection } from '../request/selection.ts'
import {
  argumentsOf,
  type CoerceVariables,
  NotCompiled,
  type ReadArguments,
  type Values,
  variablesOf,
} from './coerce.ts'
import { connectionParts, grouped, rowParts, type Templating } from './template.ts'

export interface Compiled {
  readonly kind: 'query' | 'mutation'
  readonly coerce: CoerceVariables
  readonly fields: readonly RootField[]
}

interface RootPlace {
  /** The key in the response. */
  readonly key: string
  /** Every place of the document that asks for it: where an error is. */
  readonly nodes: readonly FieldNode[]
}

export type RootField = RootPlace &
  (
    | { readonly type: 'text'; readonly json: string }
    /** A prepared read. */
    | { readonly type: 'read'; readonly reads: Reads; readonly args: ReadArguments }
    /** Any row by its global id: which read that is, the id says. */
    | {
        readonly type: 'node'
        readonly args: ReadArguments
        readonly readsOf: (resource: Resource) => Reads | null
      }
    /** Hand-written, introspective, or with a part that is not compiled: graphql-js resolves it. */
    | { readonly type: 'resolved' }
    /** What the engine executes in full: a write, or an operation of the team's. */
    | {
        readonly type: 'run'
        readonly operation: Operation
        readonly selectionOf: (variables: Values) => Selection
        readonly args: ReadArguments
        readonly partsOf: (layout: Layout) => readonly Part[]
      }
  )

export interface Reads {
  readonly form: ReadQuery
  /** The same for several keys at once, where aliases ask for the same of them. */
  readonly byKeysQuery: ReadQuery | null
  readonly rows: boolean
  readonly total: Total
  /** The arguments of each related list. */
  readonly lists: readonly ReadArguments[]
}

export interface Compiling {
  readonly model: Model
  readonly schema: GraphQLSchema
  /** The most values that the variables of a request may hold. */
  readonly limit: number
}

interface Place extends Compiling {
  readonly templating: Templating
  readonly operations: ReadonlyMap<string, Operation>
  readonly shared: Map<string, Reads>
}

/**
 * Compiles an operation root field by root field.
 * @param conditions values of the variables that @skip and @include ask
 * @returns null where graphql-js resolves every field
 */
export function compile(
  compiling: Compiling,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  conditions: Values,
): Compiled | null {
  const { model, schema } = compiling
  const kind = operation.operation
  const root = schema.getRootType(kind)
  const coerce = variablesOf({ schema, document, operation }, compiling.limit)
  if (
    kind === OperationTypeNode.SUBSCRIPTION ||
    root === null ||
    root === undefined ||
    coerce === null
  )
    return null
  const fragments: Record<string, FragmentDefinitionNode> = {}
  for (const node of document.definitions)
    if (node.kind === Ast.FRAGMENT_DEFINITION) fragments[node.name.value] = node
  const reading: Reading = {
    model,
    schema,
    fragments,
    variables: conditions,
    argumentsOf: () => ({}),
  }
  const place: Place = {
    ...compiling,
    templating: { reading, schema, model },
    operations: new Map(servedOperations(model).map((one) => [one.name, one])),
    shared: new Map(),
  }
  const start = {
    kind: Ast.FIELD,
    name: { kind: Ast.NAME, value: '' },
    selectionSet: operation.selectionSet,
  } satisfies FieldNode
  const fields = [...grouped(reading, root.name, [start])].map(
    ([key, nodes]): RootField =>
      tried(() => compileRoot(place, root, key, nodes)) ?? { key, nodes, type: 'resolved' },
  )
  return fields.every(({ type }) => type === 'resolved' || type === 'text')
    ? null
    : { kind, coerce, fields }
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

const isNotOurs = (what: string): never => {
  throw new NotCompiled(`${what} is not compiled.`)
}

function compileRoot(
  place: Place,
  root: GraphQLObjectType,
  key: string,
  nodes: readonly [FieldNode, ...FieldNode[]],
): RootField {
  const [node] = nodes
  const name = node.name.value
  const at: RootPlace = { key, nodes }
  if (name === '__typename') return { ...at, type: 'text', json: JSON.stringify(root.name) }
  const field = root.getFields()[name]
  if (field === undefined || !isOwn(field)) return isNotOurs(name)
  const args = argumentsOf(field, node)
  const operation = place.operations.get(name)
  if (operation === undefined)
    return { ...at, type: 'node', args, readsOf: readsOfNode(place, nodes) }
  if (operation.standard === 'get' || operation.standard === 'list')
    return { ...at, type: 'read', args, reads: sharedRead(place, operation, nodes) }
  const resource = answered(operation) ?? isNotOurs(name)
  checkRow(place, resource, nodes)
  const { templating } = place
  return {
    ...at,
    type: 'run',
    operation,
    args,
    selectionOf: selectionReader(place, resource, nodes),
    partsOf: (layout) => rowParts(templating, resource, nodes, layout),
  }
}

/** The resource whose rows an operation answers by themselves; null for another output. */
function answered(operation: Operation): Resource | null {
  if (operation.standard === null)
    return operation.output.type === 'value' ? null : operation.output.resource
  return operation.standard === 'aggregate' || operation.standard === 'upsert'
    ? null
    : operation.resource
}

/** What a write answers, with the arguments of its related lists; the same every time where it has none. */
function selectionReader(
  { templating: { reading } }: Place,
  resource: Resource,
  nodes: readonly FieldNode[],
): (variables: Values) => Selection {
  const lists = new Map<FieldNode, ReadArguments>()
  const plain = toSelection(
    {
      ...reading,
      argumentsOf: (field, node) => {
        lists.set(node, argumentsOf(field, node))
        return {}
      },
    },
    resource,
    nodes,
  )
  if (lists.size === 0) return () => plain
  return (variables) =>
    toSelection(
      { ...reading, argumentsOf: (_field, node) => lists.get(node)?.(variables) ?? {} },
      resource,
      nodes,
    )
}

const isOwn = ({ extensions }: GraphQLField<unknown, unknown>): boolean =>
  extensions['bifronsOwn'] === true

/** One form for each type that a node may be, made when it is first asked for. */
function readsOfNode(
  place: Place,
  nodes: readonly FieldNode[],
): (resource: Resource) => Reads | null {
  const known = new Map<Resource, Reads | null>()
  const gets = nodeOperations(place.model)
  return (resource) => {
    const made = known.get(resource)
    if (made !== undefined) return made
    const operation = gets.get(resource.type)
    const reads = operation === undefined ? null : tried(() => compileRead(place, operation, nodes))
    known.set(resource, reads)
    return reads
  }
}

function tried<T>(make: () => T): T | null {
  try {
    return make()
  } catch (error) {
    if (error instanceof NotCompiled) return null
    throw error
  }
}

/** Root fields that ask for the same of rows share what is compiled of them. */
function sharedRead(
  place: Place,
  operation: StandardOperation,
  nodes: readonly [FieldNode, ...FieldNode[]],
): Reads {
  const { selectionSet } = nodes[0]
  if (nodes.length > 1 || selectionSet === undefined || operation.standard === 'list')
    return compileRead(place, operation, nodes)
  const name = `${operation.name} ${print(selectionSet)}`
  const reads = place.shared.get(name) ?? compileRead(place, operation, nodes)
  place.shared.set(name, reads)
  return reads
}

function compileRead(
  place: Place,
  operation: StandardOperation,
  nodes: readonly FieldNode[],
): Reads {
  const { model, templating } = place
  const { resource } = operation
  const lists = new Map<ListInput, ReadArguments>()
  const reading: Reading = {
    ...templating.reading,
    argumentsOf(field, node) {
      const list = {} // a new one for every list of the selection, to know it by
      lists.set(list, argumentsOf(field, node))
      return list
    },
  }
  const isList = operation.standard === 'list'
  if (isList) checkConnection(place, resource, nodes)
  else checkRow(place, resource, nodes)
  const asked = isList
    ? toConnectionSelection(reading, resource, nodes)
    : { selection: toSelection(reading, resource, nodes), rows: true, total: false }
  const template: ToTemplate = (layout, facts) => ({
    parts:
      facts === null
        ? rowParts(templating, resource, nodes, layout)
        : connectionParts(templating, resource, nodes, { layout, facts }),
  })
  const { selection } = asked
  const form = defineReadQuery(model, {
    operation,
    template,
    selection,
    denied: 'omit',
    each: false,
  })
  const byKeysQuery =
    isList || !canAskEach(operation)
      ? null
      : defineReadQuery(model, { operation, template, selection, denied: 'omit', each: true })
  return {
    form,
    byKeysQuery,
    rows: asked.rows,
    total: asked.total,
    lists: selectedLists(model, resource, selection).map(
      ({ list }) => lists.get(list) ?? isNotOurs('A list'),
    ),
  }
}

/** Every field under a row must be the model's. */
function checkRow(place: Place, resource: Resource, nodes: readonly FieldNode[]): void {
  for (const group of grouped(place.templating.reading, resource.type, nodes).values()) {
    const name = group[0].name.value
    if (name === '__typename') continue
    const field = fieldOf(place.schema, resource.type, name)
    const relation = resource.relations.get(name)
    if (
      !isOwn(field) ||
      (relation === undefined &&
        !resource.fields.has(name) &&
        name !== resource.nodeId &&
        name !== resource.version?.name)
    )
      isNotOurs(name)
    if (relation === undefined) continue
    const target = targetOf(place.model, relation)
    if (relation.many) checkConnection(place, target, group)
    else checkRow(place, target, group)
  }
}

function checkConnection(place: Place, resource: Resource, nodes: readonly FieldNode[]): void {
  for (const group of grouped(
    place.templating.reading,
    `${resource.type}Connection`,
    nodes,
  ).values()) {
    const name = group[0].name.value
    if (name === 'nodes') checkRow(place, resource, group)
    else if (name === 'edges') checkEdges(place, resource, group)
    else if (!['pageInfo', 'totalCount', '__typename'].includes(name) || group.some(hasVariables))
      isNotOurs(name)
  }
}

/** How rows are counted is part of a form. */
const hasVariables = ({ arguments: given = [] }: FieldNode): boolean =>
  given.some(({ value }) => value.kind === Ast.VARIABLE)

function checkEdges(place: Place, resource: Resource, nodes: readonly FieldNode[]): void {
  for (const group of grouped(place.templating.reading, `${resource.type}Edge`, nodes).values()) {
    const name = group[0].name.value
    if (name === 'node') checkRow(place, resource, group)
    else if (!['cursor', '__typename'].includes(name)) isNotOurs(name)
  }
}

function fieldOf(
  schema: GraphQLSchema,
  type: string,
  name: string,
): GraphQLField<unknown, unknown> {
  const object = getNamedType(schema.getType(type))
  const field = isObjectType(object) ? object.getFields()[name] : undefined
  return field ?? isNotOurs(name)
}
