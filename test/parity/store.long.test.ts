// Parity over the reference store on both databases, as `bifrons parity app` runs it, with its required coverage.
import { fileURLToPath } from 'node:url'
import type { HandlerTransaction } from 'bifrons'
import { checkParity } from 'bifrons/testing'
import { expect, test } from 'vitest'
import store from '../../app/gateway.ts'
import { relations } from '../../app/relations.ts'
import { migrateDatabase } from '../../src/db/store/migrate.ts'
import { toText } from '../../src/parity/report.ts'
import { openTestGateway } from '../../src/testing/test-gateway.ts'
import { eachDatabase } from '../support/databases.ts'
import { inTier } from '../support/tier.ts'

const runs = Number(process.env['PARITY_RUNS'] ?? inTier({ short: 200, long: 600 }))
const seed = Number(process.env['PARITY_SEED'] ?? 2026)

eachDatabase((_kind, open) => {
  test('both faces of the store answer alike', { timeout: 300_000 }, async () => {
    const database = await open({ relations })
    await migrateDatabase(database, {
      folder: fileURLToPath(new URL('../../app/drizzle', import.meta.url)),
    })
    await database.transaction(
      (tx) =>
        store.seed?.(tx.drizzle as HandlerTransaction<typeof relations>, {
          scale: 1,
          progress: () => {},
        }) ?? Promise.resolve(),
    ) // db/ knows no team's tables
    const report = await checkParity({
      runs,
      seed,
      open: () => openTestGateway(store, { database }),
    })
    expect(report.difference === null, toText(report)).toBe(true)
    expect(report.runs).toBe(runs)
    for (const name of [
      'product',
      'products',
      'productBySku',
      'reviewByCustomerIdAndProductId',
      'createReview',
      'updateOrder',
      'deleteReview',
      'placeOrder',
      'salesSummary',
    ]) {
      expect(report.operations.get(name), name).toBeGreaterThan(0)
    }
    expect([...report.outcomes.keys()]).toEqual(
      expect.arrayContaining([
        'OK',
        'VALIDATION_FAILED',
        'BAD_REQUEST',
        'FORBIDDEN',
        'UNAUTHENTICATED',
        'NOT_FOUND',
        'CONFLICT',
      ]),
    )
    expect(report.outcomes.get('OK')).toBeGreaterThan(runs / 4)
    expect(report.written).toBeGreaterThan(runs / 25)
    expect([report.together > 0, report.repeated > 0], toText(report)).toEqual([true, true])
    expect(report.callers).toEqual([
      'anonymous',
      'signed in',
      'signed in with {"roles":["staff"]}',
      ...Array.from({ length: 3 }, () => expect.stringContaining('customerId')),
      expect.stringMatching(/staff.*customerId/),
    ])
  })
})
