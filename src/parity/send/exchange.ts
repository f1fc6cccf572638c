// Sends one request to one face of a gateway: its answer, and the rows that it has stored.
import { isFinal, REPLAYED } from '../../engine/write/idempotency.ts'
import type { TestGateway } from '../gateway.ts'
import type { GraphqlRequest, ParityCaller, RestRequest } from '../request.ts'
import type { StoredTable } from '../stored-tables.ts'
import { type HttpAnswer, inject } from './http.ts'
import { nameNewValues } from './json.ts'
import { isLate, type Outcome, unreadableOutcome, UnreadableAnswer } from './outcome.ts'
import type { RestAnswer } from './rest/read-answer.ts'

export type Face = 'graphql' | 'rest'

/** A request in the forms of both faces, and how the answers to it are read. */
export interface Translation {
  readonly caller: ParityCaller
  readonly isWrite: boolean
  /** Sent twice with one idempotency key, and then once by the other face. */
  readonly keyed: boolean
  readonly graphql: GraphqlRequest
  readonly rest: RestRequest
  readGraphql(body: string): Outcome
  readRest(answer: RestAnswer): Outcome
}

/** One request to one face, and its answer. */
export interface Exchange {
  readonly sent: GraphqlRequest | RestRequest
  readonly status: number
  readonly body: string
  readonly stored: readonly StoredTable[]
  readonly headers: HttpAnswer['headers']
  readonly outcome: Outcome
  /** What was wrong when the request was repeated with its idempotency key; null for nothing. */
  readonly repeated: string | null
}

export interface Sending {
  readonly gateway: TestGateway
  /** Whether a UUID occurs in the data or in the request. */
  readonly isKnown: (uuid: string) => boolean
}

export async function send(
  sending: Sending,
  face: Face,
  translation: Translation,
): Promise<Exchange> {
  const { database } = sending.gateway
  const exchange = () =>
    translation.keyed
      ? exchangeKeyed(sending, face, translation)
      : exchangeOnce(sending, face, translation)
  if (!translation.isWrite) return { ...(await exchange()), stored: [] }
  const { value, stored } = await database.attempt(exchange)
  return {
    ...value,
    stored: stored
      .filter(({ table }) => !OWN_TABLES.has(table))
      .map(({ written, ...table }) => ({
        ...table,
        written: written.map((row) => nameNewValues(row, sending.isKnown)).toSorted(),
      })),
  }
}

/** Their rows differ by design: they hold the request of one face. */
const OWN_TABLES: ReadonlySet<string> = new Set(['bifrons.idempotency', 'bifrons.audit'])

type Answered = Omit<Exchange, 'stored'>

async function exchangeOnce(
  sending: Sending,
  face: Face,
  translation: Translation,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answered> {
  const { gateway, isKnown } = sending
  const sent = translation[face]
  const answer = await inject(gateway, sent, translation.caller, headers)
  const body = withoutRequestId(answer.body)
  const read: RestAnswer = {
    status: answer.status,
    contentType: answer.headers['content-type'] ?? '',
    body: translation.isWrite ? nameNewValues(body, isKnown) : body,
  }
  return {
    sent,
    status: read.status,
    body: read.body,
    headers: answer.headers,
    outcome: readOutcome(face, translation, read),
    repeated: null,
  }
}

/** Every request has a new id. */
const withoutRequestId = (body: string): string =>
  body.replaceAll(/"(requestId|instance)":"[^"]*"/g, '"$1":"…"')

/** An answer that breaks the contract is a defect of its face. */
function readOutcome(face: Face, translation: Translation, answer: RestAnswer): Outcome {
  try {
    return face === 'graphql' ? translation.readGraphql(answer.body) : translation.readRest(answer)
  } catch (error) {
    if (!(error instanceof UnreadableAnswer) && !(error instanceof SyntaxError)) throw error
    return unreadableOutcome(error.message)
  }
}

const KEY = { 'idempotency-key': 'parity' }

/** Sends the request twice with one idempotency key. A success and a final refusal must be answered again as they were; another failure must fail again. */
async function exchangeKeyed(
  sending: Sending,
  face: Face,
  translation: Translation,
): Promise<Answered> {
  const first = await exchangeOnce(sending, face, translation, KEY)
  const second = await exchangeOnce(sending, face, translation, KEY)
  if (isLate(first.outcome) || isLate(second.outcome)) return first
  const repeated = repetitionFault(first, second)
  if (repeated !== null || !first.outcome.ok) return { ...first, repeated }
  return { ...first, repeated: await askOther(sending, face, translation) }
}

function repetitionFault(first: Answered, second: Answered): string | null {
  const isReplay = Object.entries(REPLAYED).every(([name, value]) => second.headers[name] === value)
  const { outcome, status } = first
  if (isReplay && !outcome.ok && !isFinal({ code: outcome.code, status }))
    return `What had failed with ${outcome.code} is not tried again.`
  if (!isReplay && outcome.ok) return 'What was done with an idempotency key is done again.'
  const isSame =
    second.status === first.status &&
    second.body === first.body &&
    second.headers.etag === first.headers.etag &&
    second.headers.location === first.headers.location
  if (isSame) return null
  return `With the same idempotency key, the answer is ${second.status} ${second.body}`
}

/** The other face must refuse a key that one face has used. */
async function askOther(
  sending: Sending,
  face: Face,
  translation: Translation,
): Promise<string | null> {
  const other = face === 'graphql' ? 'rest' : 'graphql'
  const { outcome } = await exchangeOnce(sending, other, translation, KEY)
  if (outcome.ok) return 'The other face is sent the same idempotency key, and does it again.'
  if (isLate(outcome) || outcome.code === 'IDEMPOTENCY_MISMATCH') return null
  return `The other face is sent the same idempotency key, and answers ${outcome.code}.`
}
