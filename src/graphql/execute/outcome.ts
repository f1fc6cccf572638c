// The outcome of a compiled operation: the answers of its root fields put together into one body.
import type { ExecutionResult, GraphQLError } from 'graphql'
import type { AnswerBytes } from '../../answer-bytes.ts'
import {
  releaseBytes,
  toByteSource,
  writeBytes,
  writeRaw,
  writeText,
} from '../../engine/render/json-buffer.ts'
import type { Bill } from '../../engine/request.ts'
import type { RootField } from './compiled.ts'
import { extensionsText } from '../http/cost-extension.ts'

/** The JSON of a root field: its value, or why it is null; null where graphql-js has to answer. */
export type FieldAnswer =
  | { readonly json: string | Buffer }
  | { readonly error: GraphQLError }
  | null

/** What the body tells besides the answers, and its bound. */
interface Answering {
  /** Is told in the body, unless there are errors. */
  readonly bill: Bill
  /** Of the whole body: several root fields may have one answer. */
  readonly bound: AnswerBytes | null
}

export interface OperationOutcome {
  /** The whole body; where there are errors, `data` alone. */
  readonly body: Buffer
  readonly errors: readonly GraphQLError[]
}

/**
 * @param answers those of the engine, for each root field in its turn
 * @param resolved those of graphql-js, of the root fields that the engine has no answer for
 * @throws Problem TOO_COMPLEX
 */
export function toOutcome(
  fields: readonly RootField[],
  answers: readonly FieldAnswer[],
  resolved: readonly ExecutionResult[],
  { bill, bound }: Answering,
): OperationOutcome {
  const errors = errorsOf(fields, answers, resolved)
  const body = resolved.some(({ data }) => data === null || data === undefined)
    ? Buffer.from('null') // an error below a field that is never null
    : writeBytes((out) => {
        writeText(out, errors.length === 0 ? '{"data":{' : '{')
        for (const [i, { key }] of fields.entries()) {
          writeText(out, `${i === 0 ? '' : ','}${JSON.stringify(key)}:`)
          const json = jsonOf(key, answers[i] ?? null, resolved)
          if (typeof json === 'string') writeText(out, json)
          else writeRaw(out, toByteSource(json), 0, json.length)
        }
        writeText(out, errors.length === 0 ? `},${extensionsText(bill)}}` : '}')
      }, bound)
  for (const answered of answers)
    if (answered !== null && 'json' in answered && typeof answered.json !== 'string')
      releaseBytes(answered.json)
  return { body, errors }
}

function jsonOf(
  key: string,
  answered: FieldAnswer,
  resolved: readonly ExecutionResult[],
): string | Buffer {
  if (answered !== null) return 'json' in answered ? answered.json : 'null'
  const value = resolved.find(({ data }) => Object.hasOwn(data ?? {}, key))?.data?.[key]
  return JSON.stringify(value ?? null)
}

/** In the order of the root fields that they are below. */
function errorsOf(
  fields: readonly RootField[],
  answers: readonly FieldAnswer[],
  resolved: readonly ExecutionResult[],
): readonly GraphQLError[] {
  const told = resolved.flatMap(({ errors = [] }) => errors)
  const ofRequest = told.filter(({ path }) => path === undefined)
  return [
    ...ofRequest,
    ...fields.flatMap(({ key }, i) => {
      const answered = answers[i] ?? null
      if (answered !== null) return 'error' in answered ? [answered.error] : []
      return told.filter(({ path }) => path?.[0] === key)
    }),
  ]
}
