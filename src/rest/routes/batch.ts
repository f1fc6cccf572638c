// POST /batch: several writes, all or nothing, as the mutations of one GraphQL document are.
import findMyWay from 'find-my-way'
import { runTogether } from '../../engine/write/shared-transaction.ts'
import { type Issue, ofRequest, Problem, toProblem } from '../../errors.ts'
import { releaseBytes } from '../../engine/render/json-buffer.ts'
import type { Answer } from '../response/answer.ts'
import { BATCH_PATH, type BatchedRequest, readBatch } from '../request/batch-shape.ts'
import { refuseUnsupported, strongTag } from '../request/preconditions.ts'
import { toPattern } from '../request/paths.ts'
import { refuseOtherBodies } from '../request/reading.ts'
import type { Incoming, RestContext } from '../request/incoming.ts'
import type { Route } from './route.ts'

/** The route, over those that it may lead to. */
export function buildBatchRoute({ prefix }: RestContext, routes: readonly Route[]): Route {
  const router = findMyWay({ maxParamLength: Number.MAX_SAFE_INTEGER })
  for (const route of routes)
    if (isWrite(route)) router.on(route.method, prefix + toPattern(route.path), nobody, route)
  const find = (method: BatchedRequest['method'], path: string): Route | null =>
    (router.find(method, path)?.store as Route | undefined) ?? null // see above
  return {
    method: 'POST',
    path: BATCH_PATH,
    operationsOf: (incoming) =>
      readBatch(incoming.body).requests.flatMap(
        ({ method, path }) => find(method, path)?.operationsOf?.(incoming) ?? [],
      ),
    async answer(incoming) {
      refuseOtherBodies(incoming)
      const { requests } = readBatch(incoming.body)
      const found = requests.map(({ method, path }) => find(method, path))
      refuseUnfound(
        requests.map(({ path }) => path),
        found,
      )
      const answers = await runTogether(
        incoming.engine,
        requests.length,
        async (within) => {
          const done: Answer[] = []
          for (const [i, request] of requests.entries())
            done.push(
              await answerOne(found[i] ?? null, request, { ...incoming, engine: within }, i),
            )
          return done
        },
        { signal: incoming.signal },
      )
      return { status: 200, body: `{"results":[${answers.map(writeResult).join(',')}]}` }
    },
  }
}

export const isWrite = ({ method, reads }: Route): boolean => method !== 'GET' && reads !== true

const nobody = (): void => {} // the router finds; it calls nothing

function refuseUnfound(paths: readonly string[], found: readonly (Route | null)[]): void {
  const issues = found.flatMap((route, i): readonly Issue[] =>
    route !== null
      ? []
      : [
          {
            in: 'input',
            path: ['requests', i, 'path'],
            code: 'unknown_path',
            message: `There is nothing to write at ${paths[i]?.split('?', 1)[0]} with this method; a path is written as for a request of its own.`,
          },
        ],
  )
  if (issues.length > 0)
    throw new Problem('VALIDATION_FAILED', 'The batch names what this API does not have.', {
      issues,
    })
}

/** What goes wrong says which request it was; the cause tells the transaction whether to try again. */
async function answerOne(
  route: Route | null,
  { path, headers: given = {}, body }: BatchedRequest,
  incoming: Incoming,
  index: number,
): Promise<Answer> {
  try {
    if (route === null) throw new Error('A request without a route was let through.')
    refuseUnsupported(given, route.supportedConditions ?? {}, false)
    return await route.answer({ ...incoming, url: path, headers: given, body })
  } catch (error) {
    throw ofRequest(toProblem(error), index)
  }
}

/** JSON of an answer, its body as the route has written it. */
function writeResult({ status, headers: said, body, tag }: Answer): string {
  const given = tag === undefined ? said : { ...said, etag: strongTag(tag) }
  const text = body === null ? '' : `,"body":${body.toString()}`
  if (Buffer.isBuffer(body)) releaseBytes(body)
  return `{"status":${status}${given === undefined || Object.keys(given).length === 0 ? '' : `,"headers":${JSON.stringify(given)}`}${text}}`
}
