// One request as it goes to one face of a gateway: sent, read, with what it has stored.
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import { REPLAYED } from '../../engine/write/idempotency.ts'
import type { StoredTable } from '../rewindable-database.ts'
import type { TestGateway } from '../gateway.ts'
import { credentialsOf } from '../generate/callers.ts'
import { nameNewValues } from './json.ts'
import { type Outcome, unreadable, UnreadableAnswer } from './outcome.ts'
import type { RestAnswer } from './read-rest.ts'
import type { GraphqlRequest, ParityCaller, RestRequest } from '../request.ts'

export type Face = 'graphql' | 'rest'

/** A request in the words of both faces, and how the answers to it are read. */
export interface Spoken {
  readonly caller: ParityCaller
  readonly isWrite: boolean
  /** Sent twice with one idempotency key, and then by the other face. */
  readonly keyed: boolean
  readonly graphql: GraphqlRequest
  readonly rest: RestRequest
  readGraphql(body: string): Outcome
  readRest(answer: RestAnswer): Outcome
}

/** What one face was sent, and what came back. */
export interface Exchange {
  readonly sent: GraphqlRequest | RestRequest
  readonly status: number
  readonly body: string
  readonly stored: readonly StoredTable[]
  /** The tag of REST's answer. */
  readonly tag: string | undefined
  readonly outcome: Outcome
  /** What was wrong when the same came again with the same idempotency key, in words; null for nothing. */
  readonly repeated: string | null
}

export interface Sending {
  readonly gateway: TestGateway
  /** Whether a UUID was in the data or the request before. */
  readonly isKnown: (uuid: string) => boolean
}

export async function send(sending: Sending, face: Face, spoken: Spoken): Promise<Exchange> {
  const {
    gateway: { app, database },
    isKnown,
  } = sending
  const work = () =>
    spoken.keyed
      ? sendKeyed(sending, face, spoken)
      : app.inject(toHttp(face, spoken)).then((answer) => ({ answer, repeated: null }))
  const {
    value: { answer, repeated },
    stored,
  } = spoken.isWrite ? await database.attempt(work) : { value: await work(), stored: [] }
  const answered = toAnswer(sending, spoken, answer)
  return {
    sent: spoken[face],
    status: answer.statusCode,
    body: answered.body,
    tag: answer.headers.etag,
    repeated,
    outcome: read(face, spoken, answered),
    stored: stored
      .filter(({ table }) => table !== RECORDS)
      .map(({ written, ...table }) => ({
        ...table,
        written: written.map((row) => nameNewValues(row, isKnown)).toSorted(),
      })),
  }
}

/** The records of idempotency keys say which face was asked. */
const RECORDS = 'bifrons.idempotency'

function toHttp(
  face: Face,
  { graphql, rest, caller }: Spoken,
  more: Readonly<Record<string, string>> = {},
): InjectOptions {
  const { method, url, headers, body } =
    face === 'rest'
      ? rest
      : {
          method: 'POST' as const,
          url: '/graphql',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(graphql),
        }
  return {
    method,
    url,
    headers: { ...headers, ...credentialsOf(caller), ...more },
    ...(body === null ? {} : { payload: body }),
  }
}

function toAnswer(
  { isKnown }: Sending,
  { isWrite }: Spoken,
  { statusCode, headers, body }: LightMyRequestResponse,
): RestAnswer {
  const answered = withoutRequestId(body)
  return {
    status: statusCode,
    contentType: headers['content-type'] ?? '',
    body: isWrite ? nameNewValues(answered, isKnown) : answered,
  }
}

/** The id of a request is new each time, whichever face it came to. */
const withoutRequestId = (body: string): string =>
  body.replaceAll(/"(requestId|instance)":"[^"]*"/g, '"$1":"…"')

/** An answer that is none of the contract's is a defect of the face that gave it. */
function read(face: Face, spoken: Spoken, answer: RestAnswer): Outcome {
  try {
    return face === 'graphql' ? spoken.readGraphql(answer.body) : spoken.readRest(answer)
  } catch (error) {
    if (!(error instanceof UnreadableAnswer) && !(error instanceof SyntaxError)) throw error
    return unreadable(error.message)
  }
}

const KEY = { 'idempotency-key': 'parity' }

/** What was done is answered again as it was, and is not done by the other face; what has failed fails again. */
async function sendKeyed(sending: Sending, face: Face, spoken: Spoken) {
  const { app } = sending.gateway
  const first = await app.inject(toHttp(face, spoken, KEY))
  const second = await app.inject(toHttp(face, spoken, KEY))
  const [before, after] = [toAnswer(sending, spoken, first), toAnswer(sending, spoken, second)]
  const [outcome, again] = [read(face, spoken, before), read(face, spoken, after)]
  if (isLate(outcome) || isLate(again)) return { answer: first, repeated: null }
  const isReplay = Object.entries(REPLAYED).every(([name, value]) => second.headers[name] === value)
  if (isReplay !== outcome.ok)
    return {
      answer: first,
      repeated: isReplay
        ? 'What had failed is answered as if it had been done.'
        : 'What was done with an idempotency key is done again.',
    }
  if (
    after.status !== before.status ||
    after.body !== before.body ||
    second.headers.etag !== first.headers.etag ||
    second.headers.location !== first.headers.location
  ) {
    return {
      answer: first,
      repeated: `With the same idempotency key, the answer is ${after.status} ${after.body}`,
    }
  }
  return { answer: first, repeated: outcome.ok ? await askOther(sending, face, spoken) : null }
}

export const isLate = (outcome: Outcome): boolean =>
  !outcome.ok && (outcome.code === 'TIMEOUT' || outcome.code === 'UNAVAILABLE')

async function askOther(sending: Sending, face: Face, spoken: Spoken): Promise<string | null> {
  const other = face === 'graphql' ? 'rest' : 'graphql'
  const outcome = read(
    other,
    spoken,
    toAnswer(sending, spoken, await sending.gateway.app.inject(toHttp(other, spoken, KEY))),
  )
  return isLate(outcome) || (!outcome.ok && outcome.code === 'IDEMPOTENCY_MISMATCH')
    ? null
    : `The other face is sent the same idempotency key, and ${outcome.ok ? 'does it again' : `answers ${outcome.code}`}.`
}
