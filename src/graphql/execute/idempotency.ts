// Mutations with an Idempotency-Key: the whole document is one write, done once and answered again as it was.
import type { ExecutionResult } from 'graphql'
import type { Engine } from '../../engine/engine.ts'
import { type ClaimedKey, type Keyed, type Once, runOnce } from '../../engine/write/idempotency.ts'
import type { GraphqlContext } from '../schema/builder.ts'
import type { Parameters } from '../http/graphql-over-http.ts'

export function toKeyed(
  claimed: ClaimedKey,
  operations: readonly string[],
  { text, parameters, context: { caller, signal } }: KeyedMutation,
): Keyed {
  const { operationName, variables } = parameters
  return {
    ...claimed,
    caller,
    signal,
    operations,
    request: ['graphql', text, operationName, variables],
  }
}

interface KeyedMutation {
  readonly text: string
  readonly parameters: Parameters
  readonly context: GraphqlContext
}

/** Undoes a document in which a field has failed, and the record of it. */
class Failed extends Error {
  readonly result: ExecutionResult

  constructor(result: ExecutionResult, cause: unknown) {
    super('A mutation with an idempotency key has failed.', { cause }) // by which the transaction knows what may be tried again
    this.result = result
  }
}

/** The text of what was done, now or before; or the result of what has failed and is not recorded. */
export async function executeOnce(
  engine: Engine,
  keyed: Keyed,
  work: (engine: Engine) => Promise<ExecutionResult>,
  toText: (result: ExecutionResult) => string,
): Promise<Once> {
  try {
    return await runOnce(engine, keyed, async (within) => {
      const result = await work(within)
      const failure = result.errors?.find(({ path }) => path === undefined || path.length <= 1)
      if (failure !== undefined) throw new Failed(result, failure.originalError)
      return { status: 200, headers: {}, body: toText(result) }
    })
  } catch (error) {
    if (!(error instanceof Failed)) throw error
    return { status: 200, headers: {}, body: toText(error.result), repeated: false }
  }
}
