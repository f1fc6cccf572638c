// Random requests of the store on both faces: the rows and statements of a request never exceed the bounds of its cost.
import { fileURLToPath } from 'node:url'
import type { InjectOptions } from 'fastify'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { HandlerTransaction } from 'bifrons'
import store from '../../app/gateway.ts'
import { relations } from '../../app/relations.ts'
import type { Database, Session, Transaction } from '../../src/db/database.ts'
import { type RawRows, toTextRows } from '../../src/db/raw-rows.ts'
import { migrateDatabase } from '../../src/db/store/migrate.ts'
import type { TestGateway } from '../../src/parity/gateway.ts'
import { deriveCallers } from '../../src/parity/generate/callers.ts'
import { openEverything, readSamples } from '../../src/parity/generate/open-model.ts'
import { randomRequests } from '../../src/parity/generate/requests.ts'
import { openPairRunner } from '../../src/parity/run-pair.ts'
import { openTestGateway } from '../../src/testing/test-gateway.ts'
import { eachDatabase } from '../support/databases.ts'
import { inTier } from '../support/tier.ts'

interface Counts {
  rows: number
  statements: number
}

/** What is no part of a request's work: savepoints of the test, and the gateway's own tables. */
const apart =
  /^\s*(savepoint|release|rollback|select (pg_current|setval|set_config)|set )|bifrons|pg_(advisory|try_advisory)/i

/** Rows that a cell of JSON holds, and those in their cells. */
function rowsInCell(cell: string | null): number {
  if (cell === null || !cell.startsWith('[[')) return 0
  const rows = JSON.parse(cell) as (string | null)[][]
  return rowsIn(rows)
}

const rowsIn = (rows: readonly (readonly (string | null)[])[]): number =>
  rows.reduce((sum, row) => sum + 1 + row.reduce((more, cell) => more + rowsInCell(cell), 0), 0)

function counting(session: Session, counts: Counts): Session {
  const begin = (text: string): boolean => {
    const isCounted = !apart.test(text)
    if (isCounted) counts.statements += 1
    return isCounted
  }
  const take =
    <T>(isCounted: boolean, taken: (rows: RawRows) => T) =>
    (rows: RawRows): T => {
      if (isCounted) counts.rows += rowsIn(toTextRows(rows))
      return taken(rows)
    }
  return {
    read: (statement, taken, options) =>
      session.read(statement, take(begin(statement.text), taken), options),
    write: (statement, taken, options) =>
      session.write(statement, take(begin(statement.text), taken), options),
    async query(statement, options) {
      const isCounted = begin(statement.text)
      const result = await session.query(statement, options)
      if (isCounted && !statement.text.startsWith('explain')) counts.rows += rowsIn(result.rows)
      return result
    },
  }
}

const countingDatabase = (database: Database, counts: Counts): Database => ({
  ...database,
  ...counting(database, counts),
  transaction: (work, options) =>
    database.transaction((tx: Transaction) => work(countingTransaction(tx, counts)), options),
})

/** `drizzle` is a getter, which a copy would call. */
const countingTransaction = (tx: Transaction, counts: Counts): Transaction => {
  const { read, write, query } = counting(
    { read: tx.read.bind(tx), write: tx.write.bind(tx), query: tx.query.bind(tx) },
    counts,
  )
  return Object.assign(Object.create(tx) as Transaction, { read, write, query })
}

const boundsOf = (header: unknown): Counts | null => {
  const found = /rows=(\d+), statements=(\d+)/.exec(String(header))
  return found === null ? null : { rows: Number(found[1]), statements: Number(found[2]) }
}

const RUNS = inTier({ short: 100, long: 400, nightly: 5000 })

eachDatabase((_kind, open) => {
  test('no request reads more than its cost says', { timeout: 900_000 }, async () => {
    const counts: Counts = { rows: 0, statements: 0 }
    const database = countingDatabase(await open({ relations }), counts)
    await migrateDatabase(database, {
      folder: fileURLToPath(new URL('../../app/drizzle', import.meta.url)),
    })
    await database.transaction(
      (tx) =>
        store.seed?.(tx.drizzle as HandlerTransaction<typeof relations>, {
          scale: 1,
          progress: () => {},
        }) ?? Promise.resolve(),
    )
    const gateway = await openTestGateway(store, { database })
    const beyond: unknown[] = []
    let measured = 0
    let before: Promise<unknown> = Promise.resolve()
    /** One after the other: cursors are asked for at the same time, and the counts are of one request. */
    const inject = (options: InjectOptions) => {
      const answer = before.then(() => measure(options))
      before = answer.catch(() => {})
      return answer
    }
    const measure = async (options: InjectOptions) => {
      Object.assign(counts, { rows: 0, statements: 0 })
      const answer = await gateway.app.inject(options)
      const read = { ...counts }
      const bounds = boundsOf(answer.headers['bifrons-cost'])
      if (read.statements === 0) return answer
      measured += 1
      const isFailed = answer.statusCode >= 400 || answer.body.startsWith('{"errors"')
      const most = (bounds?.statements ?? 0) + (isFailed ? DIAGNOSIS : 0)
      if (
        bounds === null ||
        read.rows > bounds.rows + (isFailed ? DIAGNOSIS : 0) ||
        read.statements > most
      )
        beyond.push({ options, read, bounds, status: answer.statusCode })
      return answer
    }
    const observed = {
      ...gateway,
      app: Object.assign(Object.create(gateway.app), { inject }),
    } as TestGateway // everything else is the server's
    const { model } = gateway.engine
    const samples = await readSamples(openEverything(model, gateway.database))
    const runner = openPairRunner(observed, () => false)
    const operations = model.operations.filter((one) => one.standard !== null || one.only === null)
    const costs: [unknown, unknown, unknown][] = []
    await fc.assert(
      fc.asyncProperty(
        randomRequests({ model, samples }, operations, deriveCallers(model, samples)),
        async (request) => {
          const pair = await runner.run(request)
          const [graphql, rest] = [pair.graphql, pair.rest].map(
            ({ headers }) => headers['bifrons-cost'],
          )
          if (pair.rest.outcome.ok && !pair.isWrite) costs.push([request, graphql, rest])
          expect(beyond, JSON.stringify(request)).toEqual([])
        },
      ),
      { numRuns: RUNS, seed: 2026, endOnFailure: true },
    )
    await gateway.close()
    expect(measured).toBeGreaterThan(RUNS)
    const differing = costs.filter(([, graphql, rest]) => graphql !== rest)
    expect(
      differing.map(([request, one, other]) => [JSON.stringify(request).slice(0, 600), one, other]),
      `${differing.length} of ${costs.length}`,
    ).toEqual([])
  })
})

/** After an error of the database the engine asks which value or constraint it was about (engine/diagnose). */
const DIAGNOSIS = 25
