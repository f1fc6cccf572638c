// `bifrons parity` as its users run it: its output, its exit code, and that it leaves the server unchanged.
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, inject, test } from 'vitest'
import { bifrons, makeFolder, root } from '../cli/cli.ts'
import { administer, createDatabase } from '../support/databases.ts'
import { Client } from 'pg'

const store = join(root, 'app')
const unstable = join(root, 'test/parity/written-gateway.ts')
const cleanUps: (() => Promise<unknown>)[] = []
const folder = makeFolder((cleanUp) => cleanUps.push(cleanUp))
const run = (...args: string[]) => bifrons(['parity', ...args], { cwd: folder })
afterAll(async () => {
  rmSync(unstable, { force: true })
  for (const cleanUp of cleanUps) await cleanUp()
})

async function databases(): Promise<readonly string[]> {
  const client = new Client({ connectionString: inject('postgresUrl') })
  await client.connect()
  const { rows } = await client.query(
    "select datname from pg_database where datname like 'bifrons_test_%'",
  )
  await client.end()
  return rows.map(({ datname }) => String(datname))
}

test('the store passes, in memory', { timeout: 180_000 }, () => {
  const { code, stdout, stderr } = run(store, '--runs', '25', '--seed', '7')
  expect(stdout).toMatch(
    /^25 pairs of requests, seed 7, 7 kinds of callers; \d+ wrote something, \d+ of them several things together, \d+ with an idempotency key and again[.]$/m,
  )
  expect(stdout).toContain('No difference between the faces.')
  expect(stdout).toContain('On one face only:\n  node(nodeId)')
  expect(stderr).toContain('Seeding.')
  expect(code).toBe(0)
  expect(existsSync(join(folder, '.bifrons'))).toBe(false)
})

test(
  'on a server it creates a database, or copies one, and drops it at the end',
  { timeout: 180_000 },
  async () => {
    const { url, drop } = await createDatabase('postgres')
    try {
      await administer(
        'create table somebodys (id int primary key); insert into somebodys values (1)',
        url,
      )
      expect(run(store, '--runs', '25', '--seed', '7', '--database', url)).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('No difference'),
      })
      // the copy has no tables of the store's yet: they are migrated, and stay empty
      expect(run(store, '--runs', '25', '--seed', '7', '--database', url, '--copy')).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('No difference'),
        stderr: expect.not.stringContaining('Seeding.'),
      })
      const client = new Client({ connectionString: url })
      await client.connect()
      const { rows } = await client.query('select relname from pg_stat_user_tables')
      await client.end()
      expect(rows).toEqual([{ relname: 'somebodys' }])
      expect(await databases()).toEqual([])
    } finally {
      await drop()
    }
  },
)

test(
  'a difference is shown with both requests, and the exit code is 1',
  { timeout: 180_000 },
  () => {
    writeFileSync(
      unstable,
      `import { declare, gateway } from 'bifrons'
    import { z } from 'zod'
    import store from '../../app/gateway.ts'
    import { access, operation } from '../../app/declare.ts'
    let count = 0
    const counter = operation({ kind: 'query', rest: 'GET /counter', access: access.everyone, output: z.object({ count: z.number() }), handle: async () => ({ count: count += 1 }) })
    export default gateway({ ...store, migrations: '../../app/drizzle', operations: { counter } })
  `,
    )
    const { code, stdout, stderr } = run(unstable, '--runs', '400', '--seed', '1')
    expect(stdout).toMatch(/The faces differ: They differ at count: \d+ and \d+[.]/)
    expect(stdout).toMatch(
      /^GraphQL: curl -X POST 'http:\/\/localhost:3000\/graphql' .*query \{ counter /m,
    )
    expect(stdout).toMatch(/^REST: curl -X GET 'http:\/\/localhost:3000\/api\/counter'/m)
    expect(stdout).toMatch(/--seed 1 --path \d+/)
    expect(stderr).toContain('The faces differ.')
    expect(code).toBe(1)
  },
)

test('the exit code is 2 on wrong usage', () => {
  expect(run(store, '--database', 'mysql://x')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--database is postgres://'),
  })
  expect(run(store, '--copy')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--copy needs --database'),
  })
  expect(run(store, '--runs', 'many')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('whole number'),
  })
})
