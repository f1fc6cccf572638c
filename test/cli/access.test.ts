// `bifrons access`: the matrix, an explanation of a request, and policies that no test notices.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bifrons, linkPackages, makeFolder, startBifrons } from './cli.ts'

const gateway = `import { defineRelations } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { z } from 'zod'
import { declare, gateway } from 'bifrons'

const notes = pgTable('notes', { id: integer().primaryKey(), body: text(), secret: text(), owner: text() })
const relations = defineRelations({ notes })
const { resource, operation, access } = declare({ relations, caller: z.object({ user: z.string() }).partial() })
const staff = access.role('staff')
export default gateway({
  name: 'Notes',
  relations,
  resources: {
    note: resource('notes', {
      access: { read: access.any(staff, access.owner('owner', 'user')) },
      fields: { secret: { read: staff } },
    }),
  },
  operations: {
    ping: operation({
      kind: 'query',
      rest: 'GET /ping',
      access: access.everyone,
      output: z.object({ ok: z.boolean() }),
      handle: async () => ({ ok: true }),
      only: { face: 'rest', reason: 'for balancers' },
    }),
  },
})
`

/** Tests of the project: they notice that the rows are open, and not that the field is. */
const tests = `import { openTestGateway } from 'bifrons/testing'
import gateway from './gateway.ts'

const { app, close } = await openTestGateway(gateway, { migrations: 'drizzle' })
const { statusCode } = await app.inject('/api/notes')
await close()
process.exitCode = statusCode === 401 ? 0 : 1
`

let folder: string
beforeAll(() => {
  folder = makeFolder(afterAll)
  linkPackages(folder)
  const migration = join(folder, 'drizzle/20260101000000_notes')
  mkdirSync(migration, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(folder, 'gateway.ts'), gateway)
  writeFileSync(join(folder, 'notes-test.ts'), tests)
  writeFileSync(
    join(migration, 'migration.sql'),
    'create table notes (id integer primary key, body text, secret text, owner text)',
  )
})

const run = (...args: readonly string[]) => bifrons(['access', ...args], { cwd: folder })

describe('the matrix', () => {
  test('has a row for each verb, and for fields that differ, with notes and without colours', () => {
    expect(run()).toEqual({
      code: 0,
      stderr: '',
      stdout: `note                        anonymous   signed in   staff
  read                      no          some [1]    yes
  read secret               no          no          yes
  create                    no          no          no
  update                    no          no          no
  delete                    no          no          no

operations                  anonymous   signed in   staff
  ping (rest only)          yes         yes         yes

[1] owner = the claim user
`,
    })
  })

  test('has in JSON a cell for each role, resource, field, verb and face', () => {
    const { roles, cells } = JSON.parse(run('--json').stdout)
    expect(roles).toEqual(['anonymous', 'signed in', 'staff'])
    expect(cells).toContainEqual({
      role: 'signed in',
      subject: 'note',
      field: 'id',
      verb: 'read',
      face: 'graphql',
      answer: 'depends',
      on: 'owner = the claim user',
    })
    expect(cells).toHaveLength(3 * (2 * (4 + 3 * 4) + 1)) // roles, faces, verbs, and fields of three verbs; the operation
  })
})

describe('an explanation', () => {
  test('names the policies of a request, and what they answer to its caller', () => {
    const asked = run(
      '--json',
      '--explain',
      'GET /api/notes?fields=secret',
      '--as',
      '{"user":"ann"}',
    )
    expect(JSON.parse(asked.stdout)).toEqual({
      request: 'GET /api/notes?fields=secret',
      refused: {
        code: 'FORBIDDEN',
        message: 'The request names what you may not use.',
        issues: [{ path: 'secret', message: 'You may not use secret.' }],
      },
      policies: [
        { place: 'note.read', policy: 'any(role(staff), owner(owner, user))', answer: 'rows' },
        { place: 'note.fields.secret.read', policy: 'role(staff)', answer: 'no' },
      ],
    })
    const staff = run('--explain', '{ notes { nodes { secret } } }', '--as', 'staff').stdout
    expect(staff).toMatch(/Nothing refuses it/)
    expect(staff).toMatch(/note\.fields\.secret\.read {2}yes {2}by role\(staff\)/)
  })

  test.each([
    [['--explain', 'secret'], /neither a GraphQL document nor/],
    [['--explain', '{ notes { nodes { id } } }', '--as', '{'], /--as is no JSON/],
    [['--explain', '{ notes { nodes { id } } }', '--as', '{"user":1}'], /user: Invalid input/],
    [['--tests', 'true'], /Tests are run with --mutate/],
    [['--mutate'], /Name the tests once/],
    [['one', 'two'], /two is one too many/],
  ])('a wrong use of it is 2: %s', (args, message) => {
    const { code, stderr } = run(...args)
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)])
  })
})

describe('policies that are taken away', { timeout: 180_000 }, () => {
  const command = [process.execPath, '--conditions=source', 'notes-test.ts']

  test('are listed where no test notices', () => {
    const { code, stdout, stderr } = run('--mutate', '--', ...command)
    expect(stderr).toMatch(/1 of 2: note\.read noticed/)
    expect(stdout).toBe(`No test notices that these policies are gone (1 of 2):
  note.fields.secret.read
`)
    expect(code).toBe(1)
  })

  test('need tests that pass, and that open the gateway by openTestGateway', () => {
    expect(run('--mutate', '--tests', 'exit 3')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/The tests fail with every policy in place/),
    })
    expect(run('--mutate', '--tests', 'true')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/No test has opened the gateway without the policy note\.read/),
    })
  })

  test('end with Ctrl-C, and so do the tests', async () => {
    const running = startBifrons(['access', '--mutate', '--tests', 'sleep 60'], { cwd: folder })
    await running.waitFor(/Running the tests/)
    const begun = performance.now()
    expect(await running.stop('SIGINT')).toBe(130)
    expect(performance.now() - begun).toBeLessThan(20_000)
    expect(running.said()).toMatch(/Stopped after 0 of 2 policies/)
  })

  test('stay in place where the gateway is served', async () => {
    const env = {
      BIFRONS_TEST_WITHOUT_POLICY: 'note.read',
      DATABASE_URL: 'pglite:memory',
      PORT: '0',
    }
    const running = startBifrons(['dev'], { cwd: folder, env })
    const url = await running.waitFor(/(http:\/\/127\.0\.0\.1:\d+)/)
    expect((await fetch(`${url}/api/notes`)).status).toBe(401)
    await running.stop()
  })
})
