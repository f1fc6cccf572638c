// API keys: found by the whole secret, refused after expiry and revocation, and stored as hashes.
import { beforeAll, expect, it } from 'vitest'
import { createApiKey, findApiKey, listApiKeys, revokeApiKey } from '../../src/db/store/api-keys.ts'
import type { Database } from '../../src/db/database.ts'
import { migrateDatabase } from '../../src/db/store/migrate.ts'
import { eachDatabase } from '../support/databases.ts'

eachDatabase((_, open) => {
  let database: Database
  beforeAll(async () => {
    database = await open()
    await migrateDatabase(database)
  })

  it('API keys are found by their whole secret, with roles and claims', async () => {
    const { id, secret } = await createApiKey(database, {
      name: 'ERP',
      roles: ['staff', 'a "b", c'],
      claims: { customerId: 'c-1', deep: { n: 1 } },
    })
    expect(secret).toMatch(new RegExp(`^bfk_${id}_[\\w-]{43}$`))
    expect(await findApiKey(database, secret)).toEqual({
      id,
      roles: ['staff', 'a "b", c'],
      claims: { customerId: 'c-1', deep: { n: 1 } },
    })
    const last = secret.endsWith('A') ? 'B' : 'A'
    for (const wrong of [
      `${secret.slice(0, -1)}${last}`,
      secret.slice(0, -1),
      `${secret}A`,
      secret.replace(id, '0123456789abcdef'),
      '',
      'bfk_',
      id,
    ]) {
      expect(await findApiKey(database, wrong)).toBeNull()
    }
  })

  it('API keys stop working when they are revoked, once', async () => {
    const { id, secret } = await createApiKey(database, { name: 'old', roles: [], claims: {} })
    expect(await findApiKey(database, secret)).toEqual({ id, roles: [], claims: {} })
    expect(await revokeApiKey(database, id)).toBe(true)
    expect(await findApiKey(database, secret)).toBeNull()
    expect(await revokeApiKey(database, id)).toBe(false)
    expect(await revokeApiKey(database, 'nobody')).toBe(false)
  })

  it('API keys stop working when they expire', async () => {
    const make = (expiresAt: Date) =>
      createApiKey(database, { name: 'timed', roles: [], claims: {}, expiresAt })
    const [past, future] = [
      await make(new Date(Date.now() - 1000)),
      await make(new Date(Date.now() + 60_000)),
    ]
    expect(await findApiKey(database, past.secret)).toBeNull()
    expect(await findApiKey(database, future.secret)).toMatchObject({ id: future.id })
  })

  it('API keys are listed without their secrets, with the time of their last use', async () => {
    const expiresAt = new Date('2999-01-02T03:04:05.678Z')
    const { id, secret } = await createApiKey(database, {
      name: 'listed',
      roles: ['r'],
      claims: { a: 1 },
      expiresAt,
    })
    const find = async () => (await listApiKeys(database)).find((key) => key.id === id)
    expect(await find()).toEqual({
      id,
      name: 'listed',
      roles: ['r'],
      claims: { a: 1 },
      createdAt: expect.any(Date),
      expiresAt,
      revokedAt: null,
      lastUsedAt: null,
    })
    await findApiKey(database, secret)
    const used = await find()
    expect(used?.lastUsedAt).toBeInstanceOf(Date)
    await findApiKey(database, secret)
    expect(await find()).toEqual(used)
    const { rows } = await database.query({
      text: 'select k::text from bifrons.api_keys k',
      values: [],
    })
    expect(JSON.stringify(rows)).not.toContain(secret.slice(21))
  })
})
