// A bank under killed backends: money neither appears nor vanishes, and what was acknowledged is there exactly once.
import { defineRelations, eq, sql } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { Client } from 'pg'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, inject, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { declare } from '../../src/schema/declare/declare.ts'
import { onDatabase } from '../support/databases.ts'
import { inTier } from '../support/tier.ts'
import { type Faces, faultOf, openFaces, type Reply } from './http.ts'

const ACCOUNTS = 10
const TELLERS = 8
/** Transfers that are done at least. */
const LEAST = inTier({ short: 1, long: 50 })
/** Milliseconds of each storm, and between its kills. */
const STORMS = inTier({
  short: [[1000, 50]],
  long: [
    [8000, 50],
    [6000, 1000],
  ],
} as const)

const accounts = pgTable('accounts', {
  id: integer().primaryKey(),
  balance: integer().notNull(),
})
const entries = pgTable('entries', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  reference: text().notNull(),
  accountId: integer('account_id')
    .notNull()
    .references(() => accounts.id),
  amount: integer().notNull(),
})
const relations = defineRelations({ accounts, entries })
const { resource, operation, access } = declare({ relations })
const declaration = {
  name: 'Bank',
  relations,
  resources: {
    account: resource('accounts', { access: { read: access.everyone } }),
    entry: resource('entries', { access: { read: access.everyone, create: access.everyone } }),
  },
  operations: {
    transfer: operation({
      kind: 'mutation',
      rest: 'POST /transfers',
      access: access.everyone,
      input: z.object({ from: z.int32(), to: z.int32(), amount: z.int32(), reference: z.string() }),
      output: z.object({ reference: z.string() }),
      async handle({ input: { from, to, amount, reference }, tx }) {
        const move = (id: number, by: number) =>
          tx
            .update(accounts)
            .set({ balance: sql`${accounts.balance} + ${by}` })
            .where(eq(accounts.id, id))
        await move(from, -amount)
        await move(to, amount)
        await tx.insert(entries).values([
          { reference, accountId: from, amount: -amount },
          { reference, accountId: to, amount },
        ])
        return { reference }
      },
    }),
  },
} as const

/** Kills all sessions of the gateway. */
async function kill(client: Client): Promise<number> {
  const { rowCount } = await client.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and application_name = 'bifrons'`,
    [client.database],
  )
  return rowCount ?? 0
}

onDatabase('postgres', (open) => {
  test(
    'keeps its sum while backends die, and every acknowledged transfer exactly once',
    { timeout: 120_000 },
    async () => {
      const database = await open()
      const faces = await openFaces(database, { accounts, entries }, declaration, {
        OVERLOAD_WAIT: '60000',
        CALLER_CONCURRENCY: '0',
      })
      await faces.sql(`insert into accounts select i, 1000 from generate_series(1, ${ACCOUNTS}) i`)
      const [[name] = []] = await faces.sql('select current_database()')
      const url = new URL(inject('postgresUrl'))
      url.pathname = name ?? ''
      const killer = new Client({ connectionString: url.href, application_name: 'killer' })
      await killer.connect()
      onTestFinished(() => killer.end())

      const state = { isOver: false }
      let kills = 0
      const storm = async (): Promise<void> => {
        for (const [length, interval] of STORMS) {
          const end = performance.now() + length
          while (performance.now() < end) {
            kills += await kill(killer)
            await sleep(interval)
          }
        }
        state.isOver = true
      }
      const bank = openBank(faces)
      const teller = async (number: number): Promise<void> => {
        for (let n = 0; !state.isOver; n += 1) await bank.transfer(`${number}-${n}`)
      }
      await Promise.all([storm(), ...Array.from({ length: TELLERS }, (_, i) => teller(i))])

      expect(kills).toBeGreaterThan(0)
      expect(bank.unexpected).toEqual([])
      expect(bank.refusals(), 'requests that met a kill').toBeGreaterThan(0)
      expect(bank.done.length).toBeGreaterThanOrEqual(LEAST)
      const sums = await faces.sql(
        'select (select sum(balance) from accounts), (select sum(amount) from entries)',
      )
      expect(sums).toEqual([[String(1000 * ACCOUNTS), '0']])
      const stored = await faces.sql(
        'select reference, count(*), sum(amount) from entries group by 1',
      )
      expect(new Map(stored.map(([one, ...rest]) => [one, rest]))).toEqual(
        new Map(bank.done.map((one) => [one, ['2', '0']])),
      )
      const wrong = await faces.sql(
        `select id from accounts a where balance <> 1000 + (select coalesce(sum(amount), 0) from entries e where e.account_id = a.id and reference like 'rest%')`,
      )
      expect(wrong).toEqual([])
    },
  )
})

/** Sends transfers by both faces in turn, each until it is acknowledged, with one key. */
function openBank(faces: Faces) {
  const done: string[] = []
  const unexpected: string[] = []
  let refusals = 0
  const byRest = (reference: string, order: Order): Promise<Reply> =>
    faces.rest('POST /api/transfers', { ...sent(reference), body: { ...order, reference } })
  const byGraphql = (reference: string, { from, to, amount }: Order): Promise<Reply> => {
    const entry = (id: number, by: number): string =>
      `createEntry(input: { reference: "${reference}", accountId: ${id}, amount: ${by} }) { id }`
    return faces.graphql(
      `mutation { a: ${entry(from, -amount)} b: ${entry(to, amount)} }`,
      sent(reference),
    )
  }
  return {
    done,
    unexpected,
    refusals: () => refusals,
    async transfer(name: string): Promise<void> {
      const [from = 1, to = 2] = twoAccounts()
      const order = { from, to, amount: 1 + Math.floor(Math.random() * 50) }
      const [face, send] = Math.random() < 0.5 ? ['rest', byRest] : ['graphql', byGraphql]
      const reference = `${face}-${name}`
      for (let attempt = 0; attempt < 200; attempt += 1) {
        const reply = await send(reference, order)
        const [code] = faultOf(reply)
        if (code === undefined && reply.status < 300) return void done.push(reference)
        refusals += 1
        if (code !== 'UNAVAILABLE' && code !== 'CONFLICT') unexpected.push(reply.text)
        await sleep(20) // the network of a client
      }
      unexpected.push(`${reference} was never acknowledged`)
    },
  }
}

interface Order {
  readonly from: number
  readonly to: number
  readonly amount: number
}

const sent = (reference: string) => ({ as: 'ann', headers: { 'idempotency-key': reference } })

function twoAccounts(): readonly number[] {
  const from = 1 + Math.floor(Math.random() * ACCOUNTS)
  return [from, 1 + ((from + Math.floor(Math.random() * (ACCOUNTS - 1))) % ACCOUNTS)]
}
