// What the tests of hidden names compare: a whole answer, and the points that it has cost.
import type { Reply } from '../faces/http.ts'

export const upper = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)

/** A name of the same length that does not exist. */
export const absent = (name: string): string => `z${name.slice(1)}`

/** The whole answer, with the name and what is new in every answer taken out. */
export function normalized({ status, headers, text: body }: Reply, name: string): string {
  const {
    'x-request-id': id = '',
    date: _date,
    ratelimit: _left,
    'ratelimit-policy': _policy,
    ...others
  } = headers
  return JSON.stringify([status, others, body])
    .replaceAll(id, 'ID')
    .replaceAll(name, 'NAME')
    .replaceAll(upper(name), 'UPPER')
}

/** The points that are left of the caller's budget. */
export const leftOf = ({ headers }: Reply): number =>
  Number(/"cost";r=(\d+)/.exec(headers['ratelimit'] ?? '')?.[1])
