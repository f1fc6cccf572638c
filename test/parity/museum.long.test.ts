// Parity over a model with every kind of value, key, relation and policy.
import { expect, test } from 'vitest'
import { checkParity } from '../../src/parity/check-parity.ts'
import { toText } from '../../src/parity/report.ts'
import { openTestGateway } from '../../src/testing/test-gateway.ts'
import { eachDatabase } from '../support/databases.ts'
import { inTier } from '../support/tier.ts'
import { fillMuseum, museum, relations } from './museum.ts'

const runs = Number(process.env['PARITY_RUNS'] ?? inTier({ short: 400, long: 600 }))
const seed = Number(process.env['PARITY_SEED'] ?? 2026)

eachDatabase((_kind, open) => {
  test(
    'both faces of a schema with all column types answer alike',
    { timeout: 300_000 },
    async () => {
      const database = await open({ relations })
      await fillMuseum(database)
      const report = await checkParity({
        runs,
        seed,
        open: () => openTestGateway(museum, { database }),
      })
      expect(report.difference === null, toText(report)).toBe(true)
      expect(report.runs).toBe(runs)
      const names = [
        'piece',
        'pieces',
        'roomByNothing',
        'createPiece',
        'updateRoom',
        'crowdedRooms',
        'labelByPieceId',
        'createWish',
        'heaviest',
        'echo',
        'split',
      ]
      expect(names.filter((name) => !report.operations.has(name))).toEqual(['roomByNothing'])
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
      expect(report.written).toBeGreaterThan(runs / 25)
      expect([report.together > 0, report.repeated > 0], toText(report)).toEqual([true, true])
    },
  )
})
