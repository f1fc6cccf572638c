// Parity over vectors and geometries.
import { expect, test } from 'vitest'
import { checkParity } from '../../src/parity/check-parity.ts'
import { toText } from '../../src/parity/report.ts'
import { openTestGateway } from '../../src/testing/test-gateway.ts'
import { gateway } from '../../src/server/gateway.ts'
import { createTables } from '../engine/support.ts'
import { atlas, placeRelations, placeStatements, placeTables } from '../engine/places.ts'
import { gallery, vectorRelations, vectorStatements, vectorTables } from '../engine/vectors.ts'
import { withExtension } from '../support/extensions.ts'
import { inTier } from '../support/tier.ts'

const runs = Number(process.env['PARITY_RUNS'] ?? inTier({ short: 60, long: 400 }))
const seed = Number(process.env['PARITY_SEED'] ?? 2027)

await withExtension('vector', (open) => {
  test('both faces of a gallery answer alike', { timeout: 120_000 }, async () => {
    const database = await open({ relations: vectorRelations })
    await createTables(database, vectorTables)
    for (const text of vectorStatements) await database.query({ text, values: [] })
    const report = await checkParity({
      runs,
      seed,
      open: () => openTestGateway(gateway(gallery), { database }),
    })
    expect(report.difference === null, toText(report)).toBe(true)
    expect(report.runs).toBe(runs)
  })
})

await withExtension('postgis', (open) => {
  test('both faces of a schema with geometries answer alike', { timeout: 120_000 }, async () => {
    const database = await open({ relations: placeRelations })
    await createTables(database, placeTables)
    for (const text of placeStatements) await database.query({ text, values: [] })
    const report = await checkParity({
      runs,
      seed,
      open: () => openTestGateway(gateway(atlas), { database }),
    })
    expect(report.difference === null, toText(report)).toBe(true)
    expect(report.runs).toBe(runs)
  })
})
