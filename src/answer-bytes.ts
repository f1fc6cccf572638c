// The bytes of one answer, counted while its rows are read and while its JSON is written, and bounded.
import { Problem } from './errors.ts'

/** The count of one request. */
export interface AnswerBytes {
  readonly limit: number
  /** Bytes of rows, as the database sent them. */
  read: number
  /** Bytes of JSON. */
  written: number
}

const count = Symbol('bifrons.answerBytes')

/** Each request has a signal of its own, which all of its statements have already: the count goes with it. */
type CountingSignal = AbortSignal & { [count]?: AnswerBytes }

/** Bounds what is read and written for the request of a signal. */
export function boundAnswer(signal: CountingSignal, limit: number): void {
  signal[count] = { limit, read: 0, written: 0 }
}

/** Null where nothing bounds the answer. */
export const answerBytesOf = (signal: CountingSignal | undefined): AnswerBytes | null =>
  signal?.[count] ?? null

/** It does not say how many bytes there are: reading ends at the limit, and the faces write different JSON. */
export const tooLarge = ({ limit }: AnswerBytes): Problem =>
  new Problem(
    'TOO_COMPLEX',
    `The answer has more than ${limit} bytes, which is the limit. Ask for fewer rows or fields.`,
  )

/** @throws Problem for JSON that was written elsewhere */
export function checkWritten(signal: AbortSignal, body: string | Buffer | null): void {
  const bytes = answerBytesOf(signal)
  if (bytes === null || body === null) return
  // a text has at most three times as many bytes as characters, so most are not encoded for this
  const size =
    typeof body === 'string' && body.length * 3 > bytes.limit
      ? Buffer.byteLength(body)
      : body.length
  if (size > bytes.limit) throw tooLarge(bytes)
}
