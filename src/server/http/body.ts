// JSON bodies: the only body that is read, and what is said of one that cannot be.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Problem } from '../../errors.ts'
import { type JsonFault, parseJson } from '../../json-text.ts'
import { chargeBody } from '../limits/arriving-bodies.ts'

const mediaTypes = ['application/json', 'application/merge-patch+json']

/** Makes JSON the only body that is read; any other media type is UNSUPPORTED_MEDIA_TYPE. */
export function acceptJsonOnly(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    mediaTypes,
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: Buffer) => {
      refuseEncodings(request)
      await chargeBody(request, body.length)
      // clients that name a type on everything they send name it on a DELETE without a body too
      return body.length === 0 && request.method === 'DELETE' ? undefined : parseJsonBody(body)
    },
  )
}

function refuseEncodings(request: FastifyRequest): void {
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(request.headers['content-type'] ?? '')?.[1]
  if (charset !== undefined && charset.toLowerCase() !== 'utf-8') {
    throw new Problem('UNSUPPORTED_MEDIA_TYPE', 'JSON is read as UTF-8 only (RFC 8259).')
  }
  const encoding = request.headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') {
    throw new Problem('UNSUPPORTED_MEDIA_TYPE', 'Compressed request bodies are not read.', {
      headers: { 'accept-encoding': 'identity' },
    })
  }
}

/** @throws Problem BAD_REQUEST for what json-text.ts does not read, TOO_COMPLEX for what is over its limits */
export function parseJsonBody(body: Uint8Array): unknown {
  if (body.length === 0)
    throw unreadable({
      code: 'empty_body',
      path: [],
      message: 'is empty where JSON was announced.',
    })
  const read = parseJson(body, 'The body')
  if (read.ok) return read.value
  throw unreadable(read.fault)
}

function unreadable({
  code,
  path,
  message,
}: Omit<JsonFault, 'code'> & { readonly code: string }): Problem {
  const told = `The body ${message}`
  return new Problem('BAD_REQUEST', told, {
    issues: [{ in: 'document', path, code, message: told }],
  })
}
