// What this face finds wrong before the engine sees a request, as problems. The server answers them as problem+json.
import type { FastifySchemaCompiler } from 'fastify'
import type { z } from 'zod'
import { type Issue, type IssuePart, Problem } from '../errors.ts'
import { parseInput } from '../schema/inputs/validation-issues.ts'

/** A fault of the query string; the path is the parameter's name, then the place `within` its value. */
export const parameterIssue = (
  name: string,
  code: string,
  message: string,
  within: Issue['path'] = [],
): Issue => ({ in: 'document', path: [name, ...within], code, message })

/** A request that cannot be read: the face's only error of its own. */
export function unreadable(message: string, issues: readonly Issue[] = []): Problem {
  return new Problem('BAD_REQUEST', message, { issues })
}

export function noRow(): never {
  throw new Problem('NOT_FOUND', 'There is no such row, or it is not for you to see.')
}

/** A body is there only where its media type was one that the server reads. */
export function unsupportedBody(accepted: string): Problem {
  return new Problem('UNSUPPORTED_MEDIA_TYPE', `The body must be ${accepted}.`)
}

/** A body that can hold members; null and lists are told apart from an empty object. */
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

/** Checks hand-written routes by their Zod schemas; what is wrong is told as for every other route. */
export const zodValidator: FastifySchemaCompiler<z.ZodType> =
  ({ schema, httpPart }) =>
  (data: unknown) => {
    const parsed = parseInput(schema, data, partOf[httpPart ?? ''] ?? 'input')
    if (parsed.ok) return { value: parsed.value }
    const message =
      parsed.stage === 'shape'
        ? 'The request does not have the shape that this route takes.'
        : 'The request does not pass validation.'
    return { error: new Problem('VALIDATION_FAILED', message, { issues: parsed.issues }) }
  }
