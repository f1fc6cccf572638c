// Conditions and promises of HTTP that a request asks for and nobody would keep: they must not be taken for kept.
import type { IncomingHttpHeaders } from 'node:http'
import { Problem } from '../errors.ts'

/** @throws Problem BAD_REQUEST where the header is there */
export function refuseHeader(headers: IncomingHttpHeaders, name: string, why: string): void {
  if (headers[name] === undefined) return
  const message = `${name} is not kept here. ${why}`
  throw new Problem('BAD_REQUEST', message, {
    issues: [{ in: 'document', path: [name], code: 'unkept_header', message }],
  })
}
