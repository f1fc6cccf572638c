// Bodies of writes: fields, a list of rows, or nothing.
import { asObject, unreadable, unsupportedBody } from '../errors.ts'
import type { Incoming } from './incoming.ts'

/** The server reads a merge patch as JSON; only PATCH takes one. */
export function refuseMergePatch({ headers }: Incoming): void {
  if (headers['content-type']?.startsWith('application/merge-patch+json') === true)
    throw unsupportedBody('application/json')
}

/** The URL says what a DELETE deletes; a condition in a body would be ignored. */
export function refuseBody({ body }: Incoming): void {
  if (body !== undefined)
    throw unreadable('This DELETE takes no body; its URL says what is deleted.')
}

/** The fields of a row; the engine checks them. */
export function fieldsOf({ body }: Incoming): object {
  if (body === undefined) throw unreadable('The body is missing: the fields as a JSON object.')
  return asObject(body)
}

/** New rows; the engine checks them. */
export function rowsOf({ body }: Incoming): unknown {
  if (body === undefined) throw unreadable('The body is missing: a JSON array of rows.')
  return body
}
