// One caller's slow requests do not take all connections; callers of quick requests notice nothing.
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { openPlaces, type Place } from '../../src/server/limits/caller-places.ts'
import { openTestDatabase, openTestServer, type TestServer } from './support.ts'

describe('places', () => {
  /** The place, where there is one at once. */
  const placeOf = (entered: Promise<Place> | Place): Place => {
    if (entered instanceof Promise) throw new Error('It waits.')
    return entered
  }

  test('a caller has its share, then waits; another has its own', async () => {
    const places = openPlaces(2)
    const [first] = [placeOf(places.enter('a')), placeOf(places.enter('a'))]
    const waiting = places.enter('a')
    expect(waiting).toBeInstanceOf(Promise)
    placeOf(places.enter('b'))
    places.leave('a', first, 1000)
    expect((await waiting).entered).toBeGreaterThan(0)
  })

  test('quick requests earn places, slow ones lose them', () => {
    const places = openPlaces(2)
    const running = [placeOf(places.enter('a')), placeOf(places.enter('a'))]
    const leave = (milliseconds: number): void => {
      const [place] = running.splice(0, 1)
      if (place !== undefined) places.leave('a', place, milliseconds)
    }
    for (let i = 0; i < 20; i += 1) {
      leave(5)
      running.push(placeOf(places.enter('a')))
    }
    for (let i = 0; i < 20; i += 1) running.push(placeOf(places.enter('a')))
    for (let i = 0; i < 10; i += 1) leave(1000)
    const waiting = places.enter('a')
    expect(waiting).toBeInstanceOf(Promise)
    void Promise.resolve(waiting).catch(() => {}) // it waits for longer than this test
  })

  test('quick requests earn nothing while a slow one runs', async () => {
    const places = openPlaces(2)
    const slow = placeOf(places.enter('a'))
    await delay(300)
    for (let i = 0; i < 20; i += 1) places.leave('a', placeOf(places.enter('a')), 5)
    const second = placeOf(places.enter('a'))
    const third = places.enter('a')
    expect(third).toBeInstanceOf(Promise)
    for (const place of [slow, second]) places.leave('a', place, 5)
    await third
  })

  test('a slow one whose answer is being read stops no earning', async () => {
    const places = openPlaces(2)
    const read = placeOf(places.enter('a'))
    await delay(300)
    read.isAnswering = true
    for (let i = 0; i < 20; i += 1) places.leave('a', placeOf(places.enter('a')), 5)
    for (let i = 0; i < 20; i += 1) placeOf(places.enter('a'))
  })

  test('a caller without requests is forgotten', () => {
    const places = openPlaces(2)
    for (let i = 0; i < 1000; i += 1) places.leave(`${i}`, placeOf(places.enter(`${i}`)), 5)
    expect(places.size()).toBe(0)
  })
})

describe('on a server', () => {
  let database: Database
  let server: TestServer
  let url: string
  beforeAll(async () => {
    database = await openTestDatabase()
    server = await openTestServer(database, {
      env: { CALLER_CONCURRENCY: '2', TRUST_PROXY: 'loopback' },
    })
    url = await server.app.listen({ port: 0, host: '127.0.0.1' })
  })
  afterAll(async () => {
    await server.app.close()
    await database.close()
  })

  const ask = (path: string, address: string, signal?: AbortSignal): Promise<Response> =>
    fetch(`${url}${path}`, {
      headers: { 'x-forwarded-for': address },
      ...(signal === undefined ? {} : { signal }),
    })

  test('slow requests of one caller run two at a time, then are refused with words; others are answered at once', async () => {
    const slow = Array.from({ length: 6 }, () => ask('/slow?ms=1500', '192.0.2.1'))
    await delay(100)
    const began = performance.now()
    expect((await ask('/who', '192.0.2.2')).status).toBe(200)
    expect(performance.now() - began).toBeLessThan(1000)
    const answers = await Promise.all(slow)
    const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b)
    expect(statuses).toEqual([200, 200, 200, 200, 429, 429])
    const refused = answers.find(({ status }) => status === 429)
    expect(refused?.headers.get('retry-after')).toBe('1')
    expect(await refused?.json()).toMatchObject({
      code: 'RATE_LIMITED',
      detail: expect.stringContaining('at the same time'),
    })
  })

  test('many quick requests of one caller at once are all answered', async () => {
    const answers = await Promise.all(
      Array.from({ length: 60 }, () => ask('/slow?ms=5', '192.0.2.3')),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  })

  test('a caller that goes away while it waits leaves no place taken', async () => {
    const slow = [1, 2].map(() => ask('/slow?ms=600', '192.0.2.4'))
    await delay(100)
    const leaving = new AbortController()
    const left = ask('/slow?ms=600', '192.0.2.4', leaving.signal).catch(() => 'gone')
    await delay(100)
    leaving.abort()
    expect(await left).toBe('gone')
    await Promise.all(slow)
    const again = await Promise.all([1, 2].map(() => ask('/slow?ms=100', '192.0.2.4')))
    expect(again.map(({ status }) => status)).toEqual([200, 200])
  })
})
