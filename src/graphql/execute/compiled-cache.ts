// Compiled operations by document: one for each operation and each answer to @skip and @include. They go with their document.
import { type DocumentNode, Kind as Ast, type OperationDefinitionNode, visit } from 'graphql'
import { openBoundedMap } from '../../bounded-map.ts'
import type { Budget } from '../../cache-budget.ts'
import { countFields } from '../document/count-fields.ts'
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
  /** Forgets what was compiled of a document, and keeps no more of it. */
  forget(document: DocumentNode): void
}

/** A document of which something was compiled. */
interface Known {
  readonly id: number
  readonly conditions: readonly string[]
  readonly keys: Set<string>
  forgotten: boolean
}

interface Kept {
  readonly compiled: CompiledOperation | null
  readonly of: Known
  readonly fields: number
}

const MAX_COMPILED = 20_000
/** The memory of an operation, and of each of its fields: what it selects, its arguments and the way to its answer. */
const BYTES_PER_OPERATION = 4800
const BYTES_PER_FIELD = 100
/** A write keeps what writes its row, too. */
const BYTES_PER_WRITE = 4000

const weigh = (_key: string, { compiled, fields }: Kept): number => {
  const writes = compiled?.fields.filter(({ type }) => type === 'run').length ?? 0
  return BYTES_PER_OPERATION + fields * BYTES_PER_FIELD + writes * BYTES_PER_WRITE
}

export function openCompiledOperations(compiling: Compiling, budget: Budget): CompiledOperations {
  const documents = new WeakMap<DocumentNode, Known>()
  let opened = 0
  const kept = openBoundedMap<string, Kept>({
    name: 'compiled operations',
    maxEntries: MAX_COMPILED,
    budget,
    weigh,
    onEvict: (key, { of }) => of.keys.delete(key),
  })
  const open = (document: DocumentNode): Known => {
    const conditions = conditionsOf(document)
    const known = { id: opened++, conditions, keys: new Set<string>(), forgotten: false }
    documents.set(document, known)
    return known
  }
  const compiledOperations: CompiledOperations = {
    prepare(document) {
      for (const node of document.definitions)
        if (node.kind === Ast.OPERATION_DEFINITION) compiledOperations.find(document, node, {})
    },
    find(document, operation, variables) {
      const known = documents.get(document) ?? open(document)
      const values = valuesOf(operation, known.conditions, variables)
      if (values === null) return null
      const key = `${known.id} ${document.definitions.indexOf(operation)} ${Object.values(values).join()}`
      const found = kept.get(key)
      if (found !== undefined) return found.compiled
      const compiled = compile(compiling, document, operation, values)
      if (known.forgotten) return compiled // its document was evicted while the request waited
      known.keys.add(key)
      kept.set(key, { compiled, of: known, fields: countFields(document, operation) })
      return compiled
    },
    forget(document) {
      const known = documents.get(document)
      if (known === undefined) return
      known.forgotten = true
      for (const key of known.keys) kept.delete(key)
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
