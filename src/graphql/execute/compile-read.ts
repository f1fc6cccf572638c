// Makes read queries of selections, and reads the arguments that each request brings for their lists.
import { type FieldNode, print } from 'graphql'
import { canAskEach, defineReadQuery } from '../../engine/read/read-query.ts'
import type { ToTemplate } from '../../engine/render/template.ts'
import type { ListInput, Selection } from '../../engine/request.ts'
import { selectedLists } from '../../engine/selection-lists.ts'
import type { Resource, StandardOperation } from '../../schema/model/model.ts'
import { type Reading, toConnectionSelection, toSelection } from '../request/selection.ts'
import { nodeOperations } from '../schema/operations.ts'
import { argumentsOf, type ReadArguments, type VariableValues } from './coerce.ts'
import type { Reads } from './compiled.ts'
import { isConnectionCompilable, isRowCompilable } from './is-compilable.ts'
import { connectionParts, selectedRowParts, type Templating } from './template.ts'

/** Root fields that ask for the same of rows share what is compiled of them, by its text. */
export type SharedReads = Map<string, Reads | null>

export function compileSharedRead(
  templating: Templating,
  shared: SharedReads,
  operation: StandardOperation,
  nodes: readonly [FieldNode, ...FieldNode[]],
): Reads | null {
  const { selectionSet } = nodes[0]
  if (nodes.length > 1 || selectionSet === undefined || operation.standard === 'list')
    return compileRead(templating, operation, nodes)
  const name = `${operation.name} ${print(selectionSet)}`
  const known = shared.get(name)
  if (known !== undefined) return known
  const reads = compileRead(templating, operation, nodes)
  shared.set(name, reads)
  return reads
}

/** One read for each type that a node may be, made when it is first asked for. */
export function compileNodeReads(
  templating: Templating,
  nodes: readonly FieldNode[],
): (resource: Resource) => Reads | null {
  const known = new Map<Resource, Reads | null>()
  const gets = nodeOperations(templating.model)
  return (resource) => {
    const made = known.get(resource)
    if (made !== undefined) return made
    const operation = gets.get(resource.type)
    const reads = operation === undefined ? null : compileRead(templating, operation, nodes)
    known.set(resource, reads)
    return reads
  }
}

/** Null where graphql-js has to resolve a part. */
function compileRead(
  templating: Templating,
  operation: StandardOperation,
  nodes: readonly FieldNode[],
): Reads | null {
  const { model } = templating
  const { resource } = operation
  const isList = operation.standard === 'list'
  const isCompilable = isList ? isConnectionCompilable : isRowCompilable
  if (!isCompilable(templating, resource, nodes)) return null
  const { reading, argumentsOfLists } = collectArguments(templating.reading)
  const asked = isList
    ? toConnectionSelection(reading, resource, nodes)
    : { selection: toSelection(reading, resource, nodes), rows: true, total: false }
  const { selection, rows, total } = asked
  const lists = argumentsOfLists(selectedLists(model, resource, selection).map(({ list }) => list))
  if (lists === null) return null
  const template: ToTemplate = (layout, facts) => ({
    parts:
      facts === null
        ? selectedRowParts(templating, resource, nodes, layout)
        : connectionParts(templating, resource, nodes, { layout, facts }),
  })
  const query = { operation, template, selection, denied: 'omit' } as const
  const byKeys = !isList && canAskEach(operation)
  return {
    form: defineReadQuery(model, { ...query, each: false }),
    byKeysQuery: byKeys ? defineReadQuery(model, { ...query, each: true }) : null,
    rows,
    total,
    lists,
  }
}

/** A reading that leaves the arguments of lists open, and what reads them for each request. */
function collectArguments(reading: Reading) {
  const byList = new Map<ListInput, ReadArguments | null>()
  return {
    reading: {
      ...reading,
      argumentsOf(field, node) {
        const list = {} // a new one for every list of the selection, to know it by
        byList.set(list, argumentsOf(field, node))
        return list
      },
    } satisfies Reading,
    /** Null where a constant among them does not fit. */
    argumentsOfLists(lists: readonly ListInput[]): readonly ReadArguments[] | null {
      const read: ReadArguments[] = []
      for (const list of lists) {
        const args = byList.get(list) ?? null
        if (args === null) return null
        read.push(args)
      }
      return read
    },
  }
}

/**
 * What a write answers, with the arguments of its related lists; the same every time where it has none.
 * Null where a constant among them does not fit.
 */
export function compileSelection(
  reading: Reading,
  resource: Resource,
  nodes: readonly FieldNode[],
): ((variables: VariableValues) => Selection | null) | null {
  const lists = new Map<FieldNode, ReadArguments | null>()
  const collecting: Reading = {
    ...reading,
    argumentsOf: (field, node) => {
      lists.set(node, argumentsOf(field, node))
      return {}
    },
  }
  const plain = toSelection(collecting, resource, nodes)
  if ([...lists.values()].includes(null)) return null
  if (lists.size === 0) return () => plain
  return (variables) => {
    const read = new Map([...lists].map(([node, args]) => [node, args?.(variables) ?? null]))
    if ([...read.values()].includes(null)) return null
    const filled: Reading = { ...reading, argumentsOf: (_field, node) => read.get(node) ?? {} }
    return toSelection(filled, resource, nodes)
  }
}
