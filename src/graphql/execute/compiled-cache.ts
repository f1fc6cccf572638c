// Compiled operations by document, kept as long as the document is: one for each operation and each answer to @skip and @include.
import { type DocumentNode, Kind as Ast, type OperationDefinitionNode, visit } from 'graphql'
import { type BoundedMap, openBoundedMap } from '../../bounded-map.ts'
import { ownMember, type VariableValues } from './coerce.ts'
import { compile, type Compiling } from './compile.ts'
import type { CompiledOperation } from './compiled.ts'

export interface CompiledOperations {
  /** Null where the operation, or this request of it, is resolved by graphql-js. */
  find(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: VariableValues,
  ): CompiledOperation | null
  /** Compiles every operation of a document ahead of its first request, but those that variables of @skip and @include decide about. */
  prepare(document: DocumentNode): void
}

interface Known {
  readonly conditions: readonly string[]
  readonly compiled: BoundedMap<string, CompiledOperation | null>
}

/** Of one document. They are forgotten with it, and it has the weight of its text in the cache of documents. */
const MAX_COMPILED = 32

export function openCompiledOperations(compiling: Compiling): CompiledOperations {
  const documents = new WeakMap<DocumentNode, Known>()
  const compiledOperations: CompiledOperations = {
    prepare(document) {
      for (const node of document.definitions)
        if (node.kind === Ast.OPERATION_DEFINITION) compiledOperations.find(document, node, {})
    },
    find(document, operation, variables) {
      const known = documents.get(document) ?? {
        conditions: conditionsOf(document),
        compiled: openBoundedMap<string, CompiledOperation | null>({ maxEntries: MAX_COMPILED }),
      }
      documents.set(document, known)
      const values = valuesOf(operation, known.conditions, variables)
      if (values === null) return null
      const key = `${operation.name?.value ?? ''} ${Object.values(values).join()}`
      const found = known.compiled.get(key)
      if (found !== undefined) return found
      const made = compile(compiling, document, operation, values)
      known.compiled.set(key, made)
      return made
    },
  }
  return compiledOperations
}

/** Variables that @skip and @include ask, anywhere in a document. */
function conditionsOf(document: DocumentNode): readonly string[] {
  const names = new Set<string>()
  visit(document, {
    Directive: ({ name, arguments: given = [] }) => {
      if (name.value !== 'skip' && name.value !== 'include') return
      for (const { value } of given) if (value.kind === Ast.VARIABLE) names.add(value.name.value)
    },
  })
  return [...names]
}

/** Their values, defaults included; null where one is no yes or no. */
function valuesOf(
  operation: OperationDefinitionNode,
  conditions: readonly string[],
  variables: VariableValues,
): VariableValues | null {
  const values: Record<string, unknown> = {}
  for (const name of conditions) {
    const definition = operation.variableDefinitions?.find(
      ({ variable }) => variable.name.value === name,
    )
    if (definition === undefined) continue // another operation's
    const { defaultValue } = definition
    const isGiven = Object.hasOwn(variables, name) || defaultValue?.kind !== Ast.BOOLEAN
    const value = isGiven ? ownMember(variables, name) : defaultValue.value
    if (typeof value !== 'boolean') return null
    values[name] = value
  }
  return values
}
