// The store with an address that names the answering process, and one whose statement takes a given time.
import { gateway } from 'bifrons'
import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { access, operation } from '../../../app/declare.ts'
import store from '../../../app/gateway.ts'

const who = operation({
  kind: 'query',
  rest: 'GET /who',
  access: access.everyone,
  output: z.object({ pid: z.int32() }),
  async handle() {
    return { pid: process.pid }
  },
})

const sleep = operation({
  kind: 'query',
  rest: 'GET /sleep',
  access: access.everyone,
  input: z.object({ ms: z.int32() }),
  output: z.object({ pid: z.int32() }),
  async handle({ input, tx }) {
    await tx.execute(sql`select pg_sleep(${input.ms}::float8 / 1000)`)
    return { pid: process.pid }
  },
})

export default gateway({
  ...store,
  seed: async () => {},
  migrations: '../../../app/drizzle',
  operations: { who, sleep },
})
