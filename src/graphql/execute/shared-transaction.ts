// The mutations of one document, all or nothing: they share a transaction, and one that fails undoes the others.
import {
  type DocumentNode,
  type ExecutionResult,
  Kind as Ast,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
} from 'graphql'
import type { Engine } from '../../engine/engine.ts'
import { runTogether } from '../../engine/write/shared-transaction.ts'
import type { Together } from '../schema/builder.ts'
import type { Execution, Executor } from './graphql-js.ts'

/** The fields that a mutation may run; a lone one has a transaction of its own as it is, and so is no case for this. */
export function mutationsIn(
  document: DocumentNode,
  { operation, selectionSet }: OperationDefinitionNode,
): readonly string[] {
  if (operation !== OperationTypeNode.MUTATION) return []
  const fragments = new Map(
    document.definitions.flatMap((node) =>
      node.kind === Ast.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
    ),
  )
  const namesIn = ({ selections }: SelectionSetNode): readonly string[] =>
    selections.flatMap((node) => {
      if (node.kind === Ast.FIELD) return node.name.value === '__typename' ? [] : [node.name.value]
      const inner =
        node.kind === Ast.INLINE_FRAGMENT
          ? node.selectionSet
          : fragments.get(node.name.value)?.selectionSet
      return inner === undefined ? [] : namesIn(inner) // a valid document's fragments are there, and in no circle
    })
  return namesIn(selectionSet)
}

/** What undoes a transaction: the result of the document, in which a field has failed. */
class Undone extends Error {
  readonly result: ExecutionResult

  constructor(result: ExecutionResult, cause: unknown) {
    super('A field of a mutation has failed.', { cause }) // by which the transaction knows what may be tried again
    this.result = result
  }
}

/** Executes a document in one transaction. Where a field has failed its error says which, and every field is null. */
export async function executeTogether(
  engine: Engine,
  execute: Executor,
  count: number,
  execution: Execution,
): Promise<ExecutionResult> {
  const { context } = execution
  try {
    return await runTogether(
      engine,
      count,
      async (inner) => {
        const together: Together = { engine: inner, failed: false }
        const result = await execute({ ...execution, context: { ...context, together } })
        const failure = result.errors?.find(({ path }) => path?.length === 1)
        if (failure === undefined && !together.failed) return result
        throw new Undone(result, failure?.originalError)
      },
      { signal: context.signal },
    )
  } catch (error) {
    if (!(error instanceof Undone)) throw error
    return withoutData(error.result)
  }
}

/** The root type's name, which `__typename` answers. */
const ROOT = 'Mutation'

/** Nothing of what the other fields answer has happened. */
const withoutData = ({ data, ...result }: ExecutionResult): ExecutionResult => ({
  ...result,
  data:
    data == null
      ? null
      : Object.fromEntries(
          Object.entries(data).map(([key, value]) => [key, value === ROOT ? value : null]),
        ),
})
