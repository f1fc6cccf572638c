// The REST face on Fastify: routes of the operations and of the team's own, and the OpenAPI document.
import swagger from '@fastify/swagger'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { boundAnswer, checkWritten } from '../answer-bytes.ts'
import { COST_HEADER, costHeader, openBill, settleBill } from '../engine/charge/bill.ts'
import type { Engine } from '../engine/engine.ts'
import type { Bill } from '../engine/request.ts'
import type { Problem } from '../errors.ts'
import type { Model } from '../schema/model/model.ts'
import { sendAnswer } from './response/answer.ts'
import { isWrite } from './openapi/description.ts'
import { buildOpenapi, type OpenapiInfo } from './openapi/document.ts'
import { sendLines } from './routes/export.ts'
import type { ExtensionDocument } from './openapi/extension.ts'
import { registerExtension, type RestExtension } from './routes/hand-written.ts'
import { refuseUnsupported } from './request/preconditions.ts'
import { answerOnce } from './routes/idempotency.ts'
import { chooseMedia } from './request/prefer.ts'
import { buildRoutes } from './routes/build-routes.ts'
import { toPattern } from './request/paths.ts'
import { openJudge } from './judge.ts'
import type { Incoming, Judge, RequestContext } from './request/incoming.ts'
import type { Route } from './routes/route.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the caller is answered as if there were nothing at the address. */
    isUnknown?: (request: FastifyRequest) => boolean
  }
}

export interface RestOptions {
  readonly engine: Engine
  /** The start of every path, such as `/api/v1`; `/api` by default. */
  readonly prefix?: string
  /** Whether /openapi.json is served, and `app.swagger()` gives the document. */
  readonly docs: boolean
  readonly info?: OpenapiInfo
  readonly contextOf: (request: FastifyRequest) => RequestContext
  /** Called when a request turns out to be an export, which takes longer than others. */
  readonly onExport: (request: FastifyRequest) => void
  /** Called with a fault after the answer has begun, when no answer can say so any longer. */
  readonly onProblem: (request: FastifyRequest, problem: Problem) => void
  /** Is given the bill of each request, before anything stands on it. */
  readonly onBill?: (request: FastifyRequest, bill: Bill) => void
  readonly extension?: RestExtension | undefined
}

const DEFAULT_PREFIX = '/api'

/** Adds the REST face to a scope. Errors go to the error handler above it, as Problems. */
export async function restPlugin(app: FastifyInstance, options: RestOptions): Promise<void> {
  const { engine, prefix = DEFAULT_PREFIX, extension } = options
  const { model, limits, cacheBudget: budget } = engine
  const routes = buildRoutes({ model, budget, prefix })
  if (options.docs)
    await describeRoutes(app, (extensionPaths) =>
      buildOpenapi(model, routes, { ...options.info, prefix, limits, extensionPaths }),
    )
  await app.register(async (scope) => {
    const judge = engine.names === null ? null : openJudge(engine.names, prefix)
    for (const route of routes) addRoute(scope, route, { ...options, judge })
    for (const [url, methods] of Map.groupBy(routes, (route) => prefix + toPattern(route.path)))
      addOptions(scope, url, methods, judge)
  })
  if (extension !== undefined) await registerExtension(app, extension, prefix)
  if (!options.docs) return
  serveIndex(app, model, prefix)
  serveDocument(app)
}

const acceptPatch = 'application/merge-patch+json, application/json'

interface Serving extends RestOptions {
  readonly judge: Judge | null
}

function addRoute(
  scope: FastifyInstance,
  route: Route,
  { engine, prefix = DEFAULT_PREFIX, contextOf, onExport, onProblem, onBill, judge }: Serving,
): void {
  const { method, path, supportedConditions = {}, openLines } = route
  const url = prefix + toPattern(path)
  const supported = { ...supportedConditions, idempotencyKey: isWrite(route) }
  const isUnknown = judge?.openUnknown(route)
  scope.route({
    method,
    url,
    config: {
      face: 'rest',
      ...(isUnknown === undefined ? {} : { isUnknown: ({ caller }) => isUnknown(caller) }),
    },
    handler: async (request, reply) => {
      const media = chooseMedia(request.headers.accept, openLines === undefined ? 'json' : 'all')
      refuseUnsupported(request.headers, supported, method === 'GET')
      const context = contextOf(request)
      const bill = openBill(engine, context.caller, context.account)
      onBill?.(request, bill)
      const incoming = toIncoming(request, context, { engine, bill, judge })
      const { signal } = incoming
      const billing = { reply, bill, isHidden: judge !== null }
      if (media === 'json' || openLines === undefined) {
        boundAnswer(signal, engine.limits.maxBytes)
        const answer = await billed(
          billing,
          judged(route, incoming, () => answerOnce(route, incoming)),
        )
        if (!isWrite(route)) checkWritten(signal, answer.body) // a write is done
        settleBill(bill, signal, answer.body === null ? 0 : answer.body.length)
        if (method === 'PATCH' && answer.status < 400) reply.header('accept-patch', acceptPatch)
        return sendAnswer(request, reply, answer)
      }
      onExport(request)
      const exporting: Incoming = { ...incoming, lines: media }
      const lines = await billed(
        billing,
        judged(route, exporting, () => openLines(media, exporting)),
      )
      return sendLines(request, reply, lines, {
        stalledAfter: engine.exports.stalledAfter,
        onProblem: (problem) => onProblem(request, problem),
      })
    },
  })
}

const toIncoming = (
  { raw, headers, body }: FastifyRequest,
  context: RequestContext,
  parts: Pick<Incoming, 'engine' | 'bill' | 'judge'>,
): Incoming => ({ ...context, url: raw.url ?? '', headers, body, ...parts })

interface Billing {
  readonly reply: FastifyReply
  readonly bill: Bill
  /** Whether some names are hidden: the cost of a refused request would tell that they exist. */
  readonly isHidden: boolean
}

/** Says the cost in a header once it is known, of refusals too where it tells nothing. */
async function billed<T>({ reply, bill, isHidden }: Billing, work: Promise<T>): Promise<T> {
  const tell = (): void => {
    if (bill.requested > 0) reply.header(COST_HEADER, costHeader(bill))
  }
  try {
    const answer = await work
    tell()
    return answer
  } catch (error) {
    if (!isHidden) tell()
    throw error
  }
}

/** Paths with a PATCH answer OPTIONS by themselves, with Accept-Patch (RFC 5789, section 3.1); the server answers for the others. */
function addOptions(
  scope: FastifyInstance,
  url: string,
  routes: readonly Route[],
  judge: Judge | null,
): void {
  const methods = routes.map((route) => route.method)
  if (!methods.includes('PATCH')) return
  const added = methods.includes('GET') ? ['HEAD', 'OPTIONS'] : ['OPTIONS']
  const allow = [...methods, ...added].toSorted().join(', ')
  const unknown = routes.flatMap((route) => judge?.openUnknown(route) ?? [])
  const config =
    judge === null
      ? {}
      : { isUnknown: ({ caller }: FastifyRequest) => unknown.every((one) => one(caller)) }
  scope.options(url, { config }, (_request, reply) =>
    reply.code(204).headers({ allow, 'accept-patch': acceptPatch }).send(),
  )
}

/** The prefix itself answers with the paths of the lists, for people who open it in a browser. */
function serveIndex(app: FastifyInstance, model: Model, prefix: string): void {
  const lists = model.operations.flatMap((operation) =>
    operation.standard === 'list' ? [operation.resource] : [],
  )
  const body = JSON.stringify({
    document: '/openapi.json',
    resources: Object.fromEntries(lists.map(({ plural, path }) => [plural, `${prefix}/${path}`])),
  })
  app.get(prefix, (request, reply) => sendAnswer(request, reply, { status: 200, body }))
}

/**
 * `app.swagger()` gives the whole document. @fastify/swagger describes the hand-written routes; the model describes its own
 * better than schemas on its routes could, which would also stay in memory.
 */
async function describeRoutes(
  app: FastifyInstance,
  build: (extensionPaths: ExtensionDocument) => object,
): Promise<void> {
  await app.register(swagger, {
    openapi: { openapi: '3.1.0' },
    transform: ({ url }) => ({ url, schema: { hide: true } }), // hand-written routes have their own: hand-written.ts
    transformObject: (described) => {
      if (!('openapiObject' in described)) return build({})
      return build(described.openapiObject.paths as ExtensionDocument) // hand-written routes have operations only
    },
  })
}

/** Built on the first request, when every route is known. */
function serveDocument(app: FastifyInstance): void {
  let body: string | null = null
  app.get('/openapi.json', async (request, reply) => {
    body ??= JSON.stringify(app.swagger())
    return sendAnswer(request, reply, { status: 200, body })
  })
}

/** The answer; or the error that its caller may know. */
async function judged<T>(route: Route, incoming: Incoming, run: () => Promise<T>): Promise<T> {
  const { judge } = incoming
  if (judge === null) return run()
  const checking = judge.check(route, incoming)
  if (checking !== null) await checking
  try {
    return await run()
  } catch (error) {
    throw await judge.restate(route, incoming, error)
  }
}
