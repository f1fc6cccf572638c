// `bifrons/testing`: a team's gateway over a temporary database, for requests by any caller.
import { fileURLToPath } from 'node:url'
import { authorizationOf, openTestGateway } from 'bifrons/testing'
import { expect, onTestFinished, test } from 'vitest'
import store from '../../app/gateway.ts'

const migrations = fileURLToPath(new URL('../../app/drizzle', import.meta.url))

test('a gateway in memory is migrated and seeded, and answers staff and anonymous callers', async () => {
  const lines: string[] = []
  const gateway = await openTestGateway(store, {
    migrations,
    onProgress: (line) => lines.push(line),
  })
  onTestFinished(() => gateway.close())
  const ask = (headers = {}) =>
    gateway.app.inject({ url: '/api/products/1?fields=id,cost', headers })
  expect((await ask()).json()).toMatchObject({ code: 'UNAUTHENTICATED' })
  expect((await ask(authorizationOf({ sub: 'somebody' }))).json()).toMatchObject({
    code: 'FORBIDDEN',
  })
  expect((await ask(authorizationOf({ sub: 'somebody', roles: ['staff'] }))).json()).toEqual({
    id: 1,
    cost: expect.stringMatching(/^\d+\.\d\d$/),
  })
  expect(lines).toEqual(
    expect.arrayContaining(['Making a database.', 'Migrating.', 'Seeding.', '300 products']),
  )
})

test('without a seed the tables are empty, and written rows stay until the gateway closes', async () => {
  const gateway = await openTestGateway(store, { migrations, scale: 0 })
  onTestFinished(() => gateway.close())
  const headers = {
    'content-type': 'application/json',
    ...authorizationOf({ sub: 'x', roles: ['staff'] }),
  }
  const names = async () =>
    (await gateway.app.inject({ url: '/api/categories?fields=name' })).json().data
  expect(await names()).toEqual([])
  await gateway.app.inject({
    method: 'POST',
    url: '/api/categories',
    headers,
    payload: { name: 'Lamps', slug: 'lamps' },
  })
  expect(await names()).toEqual([{ name: 'Lamps' }])
})
