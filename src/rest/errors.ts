// Problems that REST finds before the engine sees a request.
import type { FastifySchemaCompiler } from 'fastify'
import type { z } from 'zod'
import { type Issue, type IssuePart, Problem } from '../errors.ts'
import { parseInput } from '../schema/inputs/validation-issues.ts'

/** An issue of the query string; its path is the parameter's name, then the path `within` its value. */
export const parameterIssue = (
  name: string,
  code: string,
  message: string,
  within: Issue['path'] = [],
): Issue => ({ in: 'document', path: [name, ...within], code, message })

/** A request that cannot be read. */
export function unreadable(message: string, issues: readonly Issue[] = []): Problem {
  return new Problem('BAD_REQUEST', message, { issues })
}

/** Said when a statement has found no row: each name of the request was served. One for all, as making one with its stack took 10 us. */
export const noSuchRow = new Problem(
  'NOT_FOUND',
  'There is no such row, or it is not for you to see.',
)
noSuchRow.stack = ''

export function noRow(): never {
  throw noSuchRow
}

/** A media type that the server reads, but this route does not take. */
export function unsupportedBody(accepted: string): Problem {
  return new Problem('UNSUPPORTED_MEDIA_TYPE', `The body must be ${accepted}.`)
}

/** The body, which must be an object: not null, and not a list. */
export function asObject(body: unknown): object {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body
  throw new Problem('VALIDATION_FAILED', 'Expected an object.', {
    issues: [{ in: 'input', path: [], code: 'wrong_type', message: 'Expected an object.' }],
  })
}

const partOf: Readonly<Record<string, IssuePart>> = {
  body: 'input',
  querystring: 'input',
  params: 'key',
  headers: 'document',
}

const messages = {
  shape: 'The request does not have the shape that this route takes.',
  validators: 'The request does not pass validation.',
}

/** Checks requests of hand-written routes by their Zod schemas; their issues are as those of all other routes. */
export const zodValidator: FastifySchemaCompiler<z.ZodType> =
  ({ schema, httpPart }) =>
  (data: unknown) => {
    const parsed = parseInput(schema, data, partOf[httpPart ?? ''] ?? 'input')
    if (parsed.ok) return { value: parsed.value }
    const { stage, issues } = parsed
    return { error: new Problem('VALIDATION_FAILED', messages[stage], { issues }) }
  }
