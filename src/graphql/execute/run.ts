// Runs compiled operations: each root field is answered once, by the engine or by graphql-js.
import type { ExecutionResult } from 'graphql'
import { answerBytesOf } from '../../answer-bytes.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Bill } from '../../engine/request.ts'
import type { GraphqlContext } from '../schema/builder.ts'
import { answerField } from './answer-field.ts'
import { startBatchedGets } from './batched-gets.ts'
import type { VariableValues } from './coerce.ts'
import type { CompiledOperation, RootField } from './compiled.ts'
import { type FieldAnswer, type OperationOutcome, toOutcome } from './outcome.ts'
import type { Done, OperationRun } from './running.ts'

/** Has graphql-js answer some of the root fields; what the engine has done for them already is not done again. */
export type Resolve = (fields: readonly RootField[], done: Done) => Promise<ExecutionResult>

/**
 * Runs an operation root field by root field: each is compiled, or resolved by graphql-js, and runs once.
 * @returns null where the variables do not fit; then nothing was done
 */
export async function run(
  engine: Engine,
  { kind, coerce, fields }: CompiledOperation,
  request: Request,
): Promise<OperationOutcome | null> {
  const { resolve, context, bill } = request
  const variables = coerce(request.variables)
  if (variables === null) return null
  const paying = request.charge(variables, fields)
  if (paying !== null) await paying
  const running: OperationRun = { engine, context, variables, done: new Map(), repeated: [] }
  const [answers, planned] = await Promise.all([
    kind === 'query' ? answerAll(running, fields) : answerInTurn(running, fields),
    resolveSome(
      resolve,
      fields.filter(({ type }) => type === 'resolved'),
      running.done,
    ),
  ])
  // Known only now: the caller is denied a part of these, or a value is missing.
  const rest = fields.filter(({ type }, i) => type !== 'resolved' && answers[i] === null)
  if (running.repeated.length > 0) await request.charge(variables, running.repeated)
  const resolved = [planned, await resolveSome(resolve, rest, running.done)]
  const bytes = kind === 'query' ? answerBytesOf(context.signal) : null // a mutation is done
  return toOutcome(fields, answers, resolved, { bill, bound: bytes && { ...bytes, written: 0 } })
}

interface Request {
  readonly bill: Bill
  readonly variables: VariableValues
  /** Its root fields stand on the bill once they are charged. */
  readonly context: GraphqlContext
  /** Charges root fields, before any of them runs; null where nothing has to be waited for. */
  readonly charge: (variables: VariableValues, fields: readonly RootField[]) => Promise<void> | null
  readonly resolve: Resolve
}

const NOTHING: ExecutionResult = { data: {} }

const resolveSome = async (
  resolve: Resolve,
  fields: readonly RootField[],
  done: Done,
): Promise<ExecutionResult> => (fields.length === 0 ? NOTHING : resolve(fields, done))

function answerAll(
  running: OperationRun,
  fields: readonly RootField[],
): Promise<readonly FieldAnswer[]> {
  const batched = startBatchedGets(running, fields)
  return Promise.all(fields.map((field) => answerField(running, field, batched.get(field))))
}

/** Mutations run one after the other (GraphQL's specification, 6.2.2). */
async function answerInTurn(
  running: OperationRun,
  fields: readonly RootField[],
): Promise<readonly FieldAnswer[]> {
  const answers: FieldAnswer[] = []
  for (const field of fields) answers.push(await answerField(running, field))
  return answers
}
