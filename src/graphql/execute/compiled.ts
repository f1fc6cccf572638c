// What a compiled operation is: for each root field, what answers it.
import type { FieldNode } from 'graphql'
import type { ReadQuery } from '../../engine/read/read-query.ts'
import type { Part } from '../../engine/render/template.ts'
import type { Selection, Total } from '../../engine/request.ts'
import type { Layout } from '../../engine/result.ts'
import type { Operation, Resource } from '../../schema/model/model.ts'
import type { CoerceVariables, ReadArguments, VariableValues } from './coerce.ts'

export interface CompiledOperation {
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

export type RootField = RootPlace & RootAnswer

export type RootAnswer =
  | { readonly type: 'text'; readonly json: string }
  | ReadField
  | NodeField
  | RunField
  /** Hand-written, introspective, or with a part that is not compiled: graphql-js resolves it. */
  | { readonly type: 'resolved' }

/** A prepared read. */
export interface ReadField {
  readonly type: 'read'
  readonly reads: Reads
  readonly args: ReadArguments
}

/** Any row by its global id: which read that is, the id says. */
export interface NodeField {
  readonly type: 'node'
  readonly args: ReadArguments
  readonly readsOf: (resource: Resource) => Reads | null
}

/** What the engine executes in full: a write, or an operation of the team's. */
export interface RunField {
  readonly type: 'run'
  readonly operation: Operation
  /** Null where an argument of a related list does not fit. */
  readonly selectionOf: (variables: VariableValues) => Selection | null
  readonly args: ReadArguments
  readonly partsOf: (layout: Layout) => readonly Part[]
}

export interface Reads {
  readonly form: ReadQuery
  /** The same for several keys at once, where aliases ask for the same of them. */
  readonly byKeysQuery: ReadQuery | null
  readonly rows: boolean
  readonly total: Total
  /** The arguments of each related list. */
  readonly lists: readonly ReadArguments[]
}

/** The arguments of several lists; null where those of one do not fit. */
export function readLists(
  lists: readonly ReadArguments[],
  variables: VariableValues,
): readonly VariableValues[] | null {
  const read: VariableValues[] = []
  for (const list of lists) {
    const values = list(variables)
    if (values === null) return null
    read.push(values)
  }
  return read
}
