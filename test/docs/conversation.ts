// Requests of a page, in its order, with the answers that it shows for them.
import { difference, matches, toShownAnswer } from './answers.ts'
import { type Fence, fencesOf, placeOf } from './pages.ts'
import { type Request, toCommands, toRequest, type Variables } from './shell.ts'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export type Ask = (request: Request) => Promise<Answer>

export interface Exchange {
  readonly request: Request
  readonly asked: Fence
  readonly shown: Fence | null
}

const isRequest = ({ language, attributes, text }: Fence): boolean =>
  (language === 'sh' && /^curl /m.test(text)) ||
  (language === 'graphql' && !('schema' in attributes))

/** Every request of a page; the block that directly follows one, in JSON or as HTTP, is its answer. */
export function exchangesOf(page: string, variables: Variables): readonly Exchange[] {
  const fences = fencesOf(page)
  return fences.flatMap((fence, i) => {
    if (!isRequest(fence)) return []
    const requests =
      fence.language === 'graphql'
        ? [toGraphql(fence, variables)]
        : toCommands(fence.text, variables)
            .filter(([name]) => name === 'curl')
            .map(toRequest)
    const next = fences[i + 1]
    const shown = next !== undefined && ['json', 'http'].includes(next.language) ? next : null
    return requests.map((request, n) => ({
      request,
      asked: fence,
      shown: n === requests.length - 1 ? shown : null,
    }))
  })
}

const tokenNames: Readonly<Record<string, string>> = { customer: 'TOKEN', staff: 'STAFF' }

function toGraphql({ attributes, text, ...place }: Fence, variables: Variables): Request {
  const token = variables[tokenNames[attributes['as'] ?? ''] ?? '']
  if (attributes['as'] !== undefined && token === undefined)
    throw new Error(
      `${place.page}:${place.line} is asked by ${attributes['as']}, whom the tests do not know.`,
    )
  return {
    method: 'POST',
    path: '/graphql',
    body: JSON.stringify({ query: text }),
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
  }
}

/** The difference between an answer and the page; null without one. */
export function faultOf({ asked, shown }: Exchange, answer: Answer): string | null {
  if (shown === null)
    return answer.status < 400
      ? null
      : `${placeOf(asked)} is answered ${answer.status} ${answer.body}`
  const { status, headers, body } = toShownAnswer(shown.language, shown.text)
  const isExpected =
    status === null ? answer.status < 400 || isProblem(body) : status === answer.status
  const faults = isExpected
    ? [
        ...headers.map(([name, value]) => faultOfHeader(name, value, answer)),
        faultOfBody(body, answer),
      ]
    : [`the answer is ${answer.status} ${answer.body}`]
  const found = faults.find((fault) => fault !== null)
  return found === undefined ? null : `${placeOf(shown)}: ${found}`
}

/** A block of JSON that shows a problem says its status itself. */
const isProblem = (body: string | null): boolean =>
  body !== null && /"title":[\s\S]*"status":/.test(body)

function faultOfHeader(name: string, shown: string, { headers }: Answer): string | null {
  const actual = headers[name]
  return actual !== undefined && matches(shown, actual)
    ? null
    : `${name} is ${actual ?? 'not there'}`
}

function faultOfBody(shown: string | null, { body }: Answer): string | null {
  if (shown === null) return body === '' ? null : `there is a body: ${body}`
  const [here, there] = [JSON.parse(shown), JSON.parse(body)]
  return difference(here, 'extensions' in here ? there : withoutCost(there))
}

/** Guides show the cost of a GraphQL answer in one place (limits.md), and leave it out of all others. */
function withoutCost(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || !('extensions' in body)) return body
  const { extensions: _, ...rest } = body
  return rest
}
