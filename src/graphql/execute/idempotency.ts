// Mutations with an Idempotency-Key: the whole document is one write, done once and answered again as it was.
import type { ExecutionResult, GraphQLError } from 'graphql'
import type { Engine } from '../../engine/engine.ts'
import {
  type Answered,
  type ClaimedKey,
  isFinal,
  type Keyed,
  type Once,
  runOnce,
} from '../../engine/write/idempotency.ts'
import { toExecutionProblem } from '../errors.ts'
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

/** Errors of whole fields, or of the document: what failed and was undone. Others are of parts that the caller may not see. */
const failuresOf = ({ errors = [] }: ExecutionResult): readonly GraphQLError[] =>
  errors.filter(({ path }) => path === undefined || path.length <= 1)

/** The text of what was done, now or before; or the result of what has failed and is not recorded. */
export async function executeOnce(
  engine: Engine,
  keyed: Keyed,
  work: (engine: Engine) => Promise<ExecutionResult>,
  toText: (result: ExecutionResult) => string,
): Promise<Once> {
  const texts = new Map<ExecutionResult, string>() // to write a text logs its errors
  const toAnswered = (result: ExecutionResult): Answered => {
    const body = texts.get(result) ?? toText(result)
    texts.set(result, body)
    return { status: 200, headers: {}, body }
  }
  try {
    return await runOnce(engine, keyed, {
      async run(within) {
        const result = await work(within)
        const [failure] = failuresOf(result)
        if (failure !== undefined) throw new Failed(result, failure.originalError)
        return toAnswered(result)
      },
      toRefusal(error) {
        if (!(error instanceof Failed)) return null
        const isRefused = failuresOf(error.result).every((one) => isFinal(toExecutionProblem(one)))
        return isRefused ? toAnswered(error.result) : null
      },
    })
  } catch (error) {
    if (!(error instanceof Failed)) throw error
    return { ...toAnswered(error.result), repeated: false }
  }
}
