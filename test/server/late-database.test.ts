// A database that is not there when the server starts is waited for; what waiting cannot mend ends the start.
import { defineRelations } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabaseOrWait } from '../../src/db/open.ts'
import { declare } from '../../src/schema/declare/declare.ts'
import { readConfig } from '../../src/server/config/config.ts'
import { gateway } from '../../src/server/gateway.ts'
import { openGateway } from '../../src/server/open-gateway.ts'
import { administer, createDatabase } from '../support/databases.ts'
import { freePort } from '../support/embedded-postgres.ts'
import { openFaultyProxy } from '../support/faulty-proxy.ts'

const notes = pgTable('notes', { id: integer().primaryKey(), body: text().notNull() })
const relations = defineRelations({ notes })
const { resource, access } = declare({ relations })
const note = resource('notes', { access: { read: access.everyone, create: access.everyone } })
const declaration = gateway({ name: 'Notes', relations, resources: { note } })

test('is waited for: alive and not ready meanwhile, and served as soon as it is there', async () => {
  const { url: target, drop } = await createDatabase('postgres')
  await administer('create table notes (id integer primary key, body text not null)', target)
  const port = await freePort()
  const url = new URL(target)
  url.port = String(port)
  const config = readConfig({ DATABASE_URL: url.href, LOG_LEVEL: 'fatal', PORT: '0' }, 'production')
  const lines: string[] = []
  const opened = await openGateway(declaration, config, { onWait: (line) => lines.push(line) })
  const { app, database, state, arriving } = opened
  onTestFinished(async () => {
    await app.close()
    await database.close()
    await drop()
  })
  const statusOf = async (path: string) => (await app.inject(path)).statusCode
  expect(await Promise.all(['/healthz', '/readyz', '/api/notes'].map(statusOf))).toEqual([
    200, 503, 503,
  ])
  expect(lines.join('\n')).toMatch(
    /cannot be reached: ECONNREFUSED\. The next attempt is in 0\.5 s/,
  )
  expect(lines.join('\n')).not.toContain(url.password)

  const proxy = await openFaultyProxy(target, port)
  onTestFinished(() => proxy.close())
  await arriving
  expect(await statusOf('/readyz')).toBe(503) // the caller has checks of its own
  state.waiting = false
  expect(await Promise.all(['/healthz', '/readyz', '/api/notes'].map(statusOf))).toEqual([
    200, 200, 200,
  ])
})

test('is not waited for where its name or its password is wrong, also when that is known later', async () => {
  const { url, drop } = await createDatabase('postgres')
  onTestFinished(drop)
  const options = {
    poolMax: 1,
    statementTimeout: 5000,
    lockTimeout: 2000,
    idleInTransactionTimeout: 10_000,
    connectTimeout: 2000,
  }
  const wrong = new URL(url)
  wrong.pathname = 'no_such_database'
  const noWait = (line: string): void => expect.fail(line)
  await expect(openDatabaseOrWait({ ...options, url: wrong.href }, noWait)).rejects.toThrow(
    /no_such_database.* refuses the connection/,
  )
  wrong.port = String(await freePort())
  const { database, arriving } = await openDatabaseOrWait({ ...options, url: wrong.href }, () => {})
  const proxy = await openFaultyProxy(url, Number(wrong.port))
  onTestFinished(() => proxy.close())
  await expect(arriving).rejects.toThrow(/refuses the connection/)
  await expect(database.probe()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  await database.close()
})
