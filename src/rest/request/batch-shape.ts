// The body of POST /batch: the writes to do together.
import { z } from 'zod'
import { Problem } from '../../errors.ts'
import { parseInput } from '../../schema/inputs/validation-issues.ts'

const batchMethods = ['POST', 'PUT', 'PATCH', 'DELETE'] as const

/** Headers that a request of a batch may have. */
const batchHeaders = ['prefer', 'if-match'] as const

/** As for the URL of any request. */
const MAX_PATH_CHARS = 8 * 1024

const requestShape = z.strictObject({
  method: z.enum(batchMethods).describe('Writes only: reads are requests of their own.'),
  path: z
    .string()
    .max(MAX_PATH_CHARS)
    .regex(/^\//, 'A path begins with /.')
    .describe('The path and query string that the request would have by itself.'),
  headers: z
    .strictObject(Object.fromEntries(batchHeaders.map((name) => [name, z.string().optional()])))
    .optional(),
  body: z.unknown().optional().describe('The body that the request would have by itself.'),
})

/** The body of a batch. */
export const batchShape = z
  .strictObject({
    requests: z
      .array(requestShape)
      .min(1)
      .describe('The writes, in the order in which they are done.'),
  })
  .describe('Several writes, all or nothing.')

export type BatchedRequest = z.infer<typeof requestShape>

/** @throws Problem VALIDATION_FAILED */
export function readBatch(body: unknown): z.infer<typeof batchShape> {
  const parsed = parseInput(batchShape, body, 'input')
  if (!parsed.ok)
    throw new Problem(
      'VALIDATION_FAILED',
      'The batch does not have the shape that this route takes.',
      { issues: parsed.issues },
    )
  return parsed.value as z.infer<typeof batchShape> // the schema's output
}
