// What documents are read with for one caller, where introspection is off: a schema made of the names that they may know
// (docs/decisions/0061). A document is judged by it alone, so a hidden name is refused as one that does not exist.
import type { GraphQLSchema } from 'graphql'
import type { CallerView, Names } from '../../engine/names/open-names.ts'
import { hasHidden } from '../../engine/names/hidden-names.ts'
import type { Caller } from '../../schema/declare/caller.ts'
import { nodeOperations } from '../schema/operations.ts'
import { type DocumentReading, type FoundOperation, toExecuting } from './find-operation.ts'
import { type DocumentCache, openDocuments } from './read-document.ts'
import { checkVariables } from './variables.ts'

export interface CallerReading extends DocumentReading {
  /** Whether a type of rows is one that the caller may know; all are, where names are no secret. */
  readonly isKnownType: (type: string) => boolean
  /** Checks variables that the whole schema would take: none of them may have a name that is hidden. */
  readonly checkNames: (found: FoundOperation, variables: Readonly<Record<string, unknown>>) => void
}

export type ReadingOf = (caller: Caller) => CallerReading

interface Opening {
  readonly whole: DocumentReading
  readonly names: Names | null
  readonly cache: DocumentCache
  readonly buildSchema: (view: CallerView) => GraphQLSchema
}

export function openReadings({ whole, names, cache, buildSchema }: Opening): ReadingOf {
  if (names === null) {
    const reading: CallerReading = { ...whole, isKnownType: () => true, checkNames: () => {} }
    return () => reading
  }
  const readings = new WeakMap<CallerView, CallerReading>()
  let opened = 0
  return (caller) => {
    const view = names.viewOf(caller)
    const reading =
      readings.get(view) ??
      openReading(whole, view, { cache, buildSchema, scope: `${(opened += 1)} ` })
    readings.set(view, reading)
    return reading
  }
}

function openReading(
  whole: DocumentReading,
  view: CallerView,
  {
    cache,
    scope,
    buildSchema,
  }: Pick<Opening, 'cache' | 'buildSchema'> & { readonly scope: string },
): CallerReading {
  const schema = view.hidden.size === 0 ? whole.schema : buildSchema(view)
  const { introspection, documentLimits: limits } = whole
  const types = nodeOperations(view.model)
  const reading: DocumentReading = {
    ...whole,
    schema,
    engine: view,
    documents:
      view.hidden.size === 0
        ? whole.documents
        : openDocuments({ schema, model: view.model, introspection, limits, cache, scope }),
  }
  return {
    ...reading,
    isKnownType: (type) => types.has(type),
    checkNames(found, variables) {
      if (hasHidden(view.hidden, variables)) checkVariables(toExecuting(reading, found), variables)
    },
  }
}
