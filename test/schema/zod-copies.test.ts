// Copies of a team's schemas: what they keep of the original.
import { expect, test } from 'vitest'
import { z } from 'zod'
import { shapeOnly } from '../../src/schema/values/shape-only.ts'
import { deepStrict } from '../../src/schema/values/zod-types.ts'

test.each([
  ['strict', deepStrict],
  ['without validators', shapeOnly],
])('a copy that is %s makes a new default for each value', (_, copy) => {
  let made = 0
  const schema = copy(
    z.object({
      nonce: z.string().default(() => {
        made += 1
        return `made ${made}`
      }),
    }),
  )
  const before = made
  expect([schema.parse({}), schema.parse({})]).toEqual([
    { nonce: `made ${before + 1}` },
    { nonce: `made ${before + 2}` },
  ])
})
