// The handlers of one document do not take all connections: two run at a time, and each is paid for.
import { setTimeout as delay } from 'node:timers/promises'
import { defineRelations } from 'drizzle-orm'
import { integer, pgTable } from 'drizzle-orm/pg-core'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { declare } from '../../src/schema/declare/declare.ts'
import { gateway } from '../../src/server/gateway.ts'
import { openTestGateway } from '../../src/testing/test-gateway.ts'
import { onDatabase } from '../support/databases.ts'

const seats = pgTable('seats', { id: integer().primaryKey() })
const relations = defineRelations({ seats })
const { resource, operation, access } = declare({ relations })

let running = 0
let most = 0
const wait = operation({
  kind: 'query',
  rest: 'GET /wait',
  access: access.everyone,
  input: z.object({ number: z.int32() }),
  output: z.object({ number: z.int32() }),
  description: 'Waits a little.',
  async handle({ input: { number } }) {
    running += 1
    most = Math.max(most, running)
    await delay(10)
    running -= 1
    return { number }
  },
})
const shop = gateway({
  name: 'Shop',
  relations,
  resources: { seat: resource('seats', { access: { read: access.everyone } }) },
  operations: { wait },
})

onDatabase('postgres', (open) => {
  test('ten operations of one document run two at a time, in full', async () => {
    const database = await open({ relations, poolMax: 10 })
    await database.query({ text: 'create table seats (id int primary key)', values: [] })
    const opened = await openTestGateway(shop, { database })
    const fields = Array.from(
      { length: 10 },
      (_, i) => `a${i}: wait(input: { number: ${i} }) { number }`,
    )
    const answer = await opened.app.inject({
      method: 'POST',
      url: '/graphql',
      payload: { query: `{ ${fields.join(' ')} }` },
    })
    const { data, extensions } = answer.json()
    expect(Object.values(data)).toEqual(fields.map((_, number) => ({ number })))
    expect(most).toBe(2)
    expect(extensions.cost.requested).toBe(100)
    await opened.close()
  })
})
