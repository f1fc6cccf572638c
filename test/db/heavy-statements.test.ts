// Light reads of one turn of the event loop share connections. A heavy read shares its connection only with reads of its own request.
import { expect, test } from 'vitest'
import { toTextRows } from '../../src/db/raw-rows.ts'
import { onDatabase } from '../support/databases.ts'

const ofRequest = (isHeavy: boolean) => ({ signal: new AbortController().signal, isHeavy })
const backend = (seconds: number) => ({
  text: `select pg_backend_pid(), pg_sleep(${seconds})`,
  values: [],
})

onDatabase('postgres', (open) => {
  test('a light read does not wait for a heavy one of the same turn', async () => {
    const database = await open({ poolMax: 2 })
    const take = (): number => performance.now()
    const heavy = database.read(backend(0.5), take, ofRequest(true))
    const light = database.read(backend(0), take, ofRequest(false))
    expect((await light) + 200).toBeLessThan(await heavy)
  })

  test('the heavy reads of one request take at most two connections, light ones share one', async () => {
    const database = await open({ poolMax: 10 })
    const backendsOf = async (isHeavy: boolean) => {
      const request = ofRequest(isHeavy)
      const reads = Array.from({ length: 4 }, () =>
        database.read(backend(0.02), (rows) => toTextRows(rows)[0]?.[0], request),
      )
      return new Set(await Promise.all(reads)).size
    }
    expect(await backendsOf(true)).toBe(2)
    expect(await backendsOf(false)).toBe(1)
  })

  test('however many heavy reads there are, a part of the pool is left for light ones', async () => {
    const database = await open({ poolMax: 4 })
    const heavy = Array.from(
      { length: 12 },
      async (_unused, i) =>
        i % 2 === 0
          ? database.read(backend(0.3), (rows) => toTextRows(rows)[0]?.[0], ofRequest(true))
          : (await database.query(backend(0.3), ofRequest(true))).rows[0]?.[0], // as aggregates do
    )
    await database.read(backend(0), () => null, ofRequest(false)) // the turn is over
    const began = performance.now()
    await database.read(backend(0), () => null, ofRequest(false))
    expect(performance.now() - began).toBeLessThan(250)
    const backends = await Promise.all(heavy)
    expect(new Set(backends).size).toBe(3)
  })

  test('a heavy read that waits too long is told that the connections are in use', async () => {
    const database = await open({ poolMax: 2, connectTimeout: 200 })
    const reads = [0.6, 0].map((seconds) =>
      database.read(backend(seconds), () => null, ofRequest(true)),
    )
    await expect(reads[1]).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      issues: [{ code: 'pool_exhausted' }],
    })
    await reads[0]
    await database.read(backend(0), () => null, ofRequest(true)) // its place is free again
  })
})
