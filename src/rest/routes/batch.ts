// POST /batch: several writes in one transaction, as the mutations of one GraphQL document are.
import findMyWay from 'find-my-way'
import { releaseBytes } from '../../engine/render/json-buffer.ts'
import { runTogether } from '../../engine/write/shared-transaction.ts'
import { type Issue, ofRequest, Problem, toProblem } from '../../errors.ts'
import type { OperationObject } from '../openapi/description.ts'
import { declaredErrors, errorResponses } from '../openapi/errors.ts'
import { describeTitle, requiredBody } from '../openapi/operation.ts'
import { headerRefs, jsonContent } from '../openapi/responses.ts'
import { refTo } from '../openapi/schemas.ts'
import { securityOf } from '../openapi/security.ts'
import { type BatchedRequest, readBatch } from '../request/batch-shape.ts'
import { refuseMergePatch } from '../request/body.ts'
import type { Incoming, RestContext } from '../request/incoming.ts'
import { toPattern } from '../request/paths.ts'
import { refuseUnsupported } from '../request/preconditions.ts'
import { type Answer, withTag } from '../response/answer.ts'
import { chargeWhole, type Question, questionsOf, type Route } from './route.ts'

type Find = (request: BatchedRequest) => Route | null

/** @param writes the routes that a request of the batch may name */
export function buildBatchRoute({ prefix }: RestContext, writes: readonly Route[]): Route {
  const find = openRouter(prefix, writes)
  const questions = (incoming: Incoming): readonly Question[] =>
    readBatch(incoming.body).requests.flatMap((request) => {
      const route = find(request)
      return route === null ? [] : questionsOf(route, within(incoming, request))
    })
  const route: Route = {
    method: 'POST',
    path: '/batch',
    operationsOf: (incoming) =>
      readBatch(incoming.body).requests.flatMap(
        (request) => find(request)?.operationsOf?.(incoming) ?? [],
      ),
    questionsOf: questions,
    async answer(incoming) {
      refuseMergePatch(incoming)
      return answerBatch(find, await chargeWhole(route, incoming))
    },
    describe: () => describeBatch(writes),
  }
  return route
}

function openRouter(prefix: string, writes: readonly Route[]): Find {
  const router = findMyWay({ maxParamLength: Number.MAX_SAFE_INTEGER })
  for (const route of writes)
    router.on(route.method, prefix + toPattern(route.path), neverCalled, route)
  return ({ method, path }) => {
    const route: Route | undefined = router.find(method, path)?.store
    return route ?? null
  }
}

/** The router only finds routes here. */
const neverCalled = (): void => {}

async function answerBatch(find: Find, incoming: Incoming): Promise<Answer> {
  const { requests } = readBatch(incoming.body)
  const { judge, caller } = incoming
  const found = requests.map((request) => {
    const route = find(request)
    return route !== null && judge?.openUnknown(route)(caller) === true ? null : route
  })
  refuseUnknownPaths(requests, found)
  const answers = await runTogether(
    incoming.engine,
    requests.length,
    async (engine) => {
      const done: Answer[] = []
      for (const [i, request] of requests.entries())
        done.push(await answerOne(found[i] ?? null, request, { ...incoming, engine }, i))
      return done
    },
    { signal: incoming.signal },
  )
  return { status: 200, body: `{"results":[${answers.map(writeResult).join(',')}]}` }
}

function refuseUnknownPaths(
  requests: readonly BatchedRequest[],
  found: readonly (Route | null)[],
): void {
  const issues = requests.flatMap(({ path }, i): readonly Issue[] => {
    if (found[i] !== null) return []
    const message = `There is nothing to write at ${path.split('?', 1)[0]} with this method; a path is written as for a request of its own.`
    return [{ in: 'input', path: ['requests', i, 'path'], code: 'unknown_path', message }]
  })
  if (issues.length > 0)
    throw new Problem('VALIDATION_FAILED', 'The batch names what this API does not have.', {
      issues,
    })
}

/** A request of the batch in place of the whole. */
const within = (incoming: Incoming, { path, headers = {}, body }: BatchedRequest): Incoming => ({
  ...incoming,
  url: path,
  headers,
  body,
})

/** A Problem says which request it is about; its cause tells the transaction whether to try again. */
async function answerOne(
  route: Route | null,
  request: BatchedRequest,
  batch: Incoming,
  index: number,
): Promise<Answer> {
  if (route === null) throw new Error('A request without a route was let through.')
  const incoming = within(batch, request)
  try {
    refuseUnsupported(request.headers ?? {}, route.supportedConditions ?? {}, false)
    await incoming.judge?.check(route, incoming)
    return await route.answer(incoming)
  } catch (error) {
    const { isCharged: _charged, ...first } = incoming // nothing has been done before it: its points may go back
    const judged = index === 0 ? first : incoming
    const told = (await incoming.judge?.restate(route, judged, error)) ?? error
    throw ofRequest(toProblem(told), index)
  }
}

/** One answer as JSON; its body is JSON already. */
function writeResult({ status, headers = {}, body, tag }: Answer): string {
  const sent = withTag(headers, tag)
  const members = [`"status":${status}`]
  if (Object.keys(sent).length > 0) members.push(`"headers":${JSON.stringify(sent)}`)
  if (body !== null) members.push(`"body":${body.toString()}`)
  if (Buffer.isBuffer(body)) releaseBytes(body)
  return `{${members.join(',')}}`
}

const describeBatch = (writes: readonly Route[]): OperationObject => ({
  ...describeTitle(
    {
      name: 'batch',
      description:
        'Does several writes in one transaction: all of them, or none. What is wrong says which request it is about.',
    },
    'Operations',
  ),
  requestBody: requiredBody('POST', refTo('WriteBatch')),
  responses: {
    200: {
      description: 'What each request answers, in their order.',
      headers: headerRefs(),
      content: jsonContent(refTo('WriteBatchResults')),
    },
    ...errorResponses(declaredErrors(writes), [404, 409, 412, 413, 415, 428]),
  },
  security: securityOf({ type: 'everyone' }),
})
