// A refusal because of overload has its words on both faces, and probes are never refused.
import type { LightMyRequestResponse } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStore, type Store } from '../security/support.ts'

let store: Store
beforeAll(async () => {
  store = await openStore({ OVERLOAD_WAIT: '1' })
})
afterAll(() => store.close())

interface Told {
  readonly code?: string
  readonly detail?: string
  readonly errors?: readonly {
    readonly message: string
    readonly extensions: { readonly code: string }
  }[]
}

/** Some of many at once wait for longer than the setting. */
async function refusalOf(ask: () => Promise<LightMyRequestResponse>) {
  for (let i = 0; i < 30; i += 1) await ask()
  const answers = await Promise.all(Array.from({ length: 60 }, ask))
  const refused = answers.find(({ statusCode }) => statusCode === 503)
  expect(refused?.headers['retry-after']).toBe('1')
  return refused?.json<Told>()
}

const words = 'The service is overloaded. Try again in 1 s.'

test('on REST', async () => {
  const told = await refusalOf(async () => store.app.inject('/api/products?limit=5'))
  expect(told).toMatchObject({ code: 'UNAVAILABLE', status: 503, detail: words })
})

test('on GraphQL', async () => {
  const payload = { query: '{ products(first: 5) { nodes { id } } }' }
  const told = await refusalOf(async () =>
    store.app.inject({ method: 'POST', url: '/graphql', payload }),
  )
  expect(told?.errors).toMatchObject([{ message: words, extensions: { code: 'UNAVAILABLE' } }])
})

test('probes are answered meanwhile', async () => {
  const lists = Array.from({ length: 60 }, async () => store.app.inject('/api/products?limit=5'))
  const probes = await Promise.all(
    Array.from({ length: 20 }, async () => store.app.inject('/healthz')),
  )
  await Promise.all(lists)
  expect(new Set(probes.map(({ statusCode }) => statusCode))).toEqual(new Set([200]))
})
