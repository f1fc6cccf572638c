// Methods: HEAD is GET without a body; a known address answers a method it does not have with 405, and OPTIONS with what it has. On both faces.
import type {
  FastifyContextConfig,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  FastifySchema,
} from 'fastify'
import { Problem } from '../../errors.ts'

/** Ends the `onSend` of the HEAD routes that Fastify adds. It fails on null and on a Response, and says `content-length: 0` at a 304. */
const FASTIFY_HANDLER = 'headRouteOnSendHandler'

/** Every GET route from now on answers HEAD with its own status and headers (RFC 9110, section 9.3.2); Node leaves the body out. */
export function answerHead(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    if (route.method !== 'HEAD') return
    const handlers = [route.onSend ?? []].flat().filter(({ name }) => name !== FASTIFY_HANDLER)
    route.onSend = [...handlers, tellEmptyLength]
  })
}

const withoutLength: ReadonlySet<number> = new Set([204, 304])

/** The one header that Fastify leaves out of a HEAD alone: the length of an answer that has no body with GET either. */
function tellEmptyLength(
  _request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  done: (error: null, payload: unknown) => void,
): void {
  if ((payload === undefined || payload === null) && !withoutLength.has(reply.statusCode))
    reply.header('content-length', '0')
  done(null, payload)
}

/** Notes every route from now on. The function it gives adds the missing methods, when all other routes are there. */
export function collectRoutes(app: FastifyInstance): () => void {
  const addresses = new Map<string, Address>()
  app.addHook('onRoute', ({ url, method, config }) => {
    const known: Address = addresses.get(url) ?? { methods: new Set(), unknown: [] }
    for (const name of [method].flat()) known.methods.add(name)
    known.unknown.push(config?.isUnknown)
    addresses.set(url, known)
  })
  return () => {
    for (const [url, known] of addresses) if (url !== '*') answerOtherMethods(app, url, known)
  }
}

type IsUnknown = FastifyContextConfig['isUnknown']

interface Address {
  readonly methods: Set<string>
  /** Of each of its routes, whether a caller may know it. */
  readonly unknown: IsUnknown[]
}

/** An address is as unknown to a caller as all of its routes are. */
function toConfig(unknown: readonly IsUnknown[]): FastifyContextConfig {
  if (unknown.includes(undefined)) return {}
  return { isUnknown: (request) => unknown.every((one) => one?.(request) === true) }
}

/** Keeps these routes out of documents that are made of routes. */
const hidden: FastifySchema & { readonly hide: true } = { hide: true }

function answerOtherMethods(
  app: FastifyInstance,
  url: string,
  { methods: known, unknown }: Address,
): void {
  const allow = [...new Set([...known, 'OPTIONS'])].toSorted().join(', ')
  const others = app.supportedMethods.filter((method) => !known.has(method) && method !== 'OPTIONS')
  const route = { url, schema: hidden, exposeHeadRoute: false, config: toConfig([...unknown]) }
  if (others.length > 0) {
    const refuse = async (): Promise<never> => {
      throw new Problem('METHOD_NOT_ALLOWED', `This address takes ${allow}.`, {
        headers: { allow },
      })
    }
    app.route({ ...route, method: others, onRequest: refuse, handler: refuse }) // before a body is read
  }
  if (!known.has('OPTIONS')) {
    app.route({
      ...route,
      method: 'OPTIONS',
      handler: (_request, reply) => reply.code(204).header('allow', allow).send(),
    })
  }
}
