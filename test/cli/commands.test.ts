// check, print, migrate, keys and start on the reference store: their output and exit codes.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createDatabase } from '../support/databases.ts'
import { askRest, bifrons, makeFolder, root, startBifrons } from './cli.ts'

vi.setConfig({ testTimeout: 120_000 }) // each command is a process of its own, a second or two on a busy machine

const cleanUps: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp()
})
const folder = makeFolder((cleanUp) => cleanUps.push(cleanUp))
const store = join(root, 'app')
const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  bifrons(args, { cwd: folder, env })

describe('the command line', () => {
  it('prints its version and its commands', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    expect(run(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
    const { code, stdout } = run(['--help'])
    expect(code).toBe(0)
    for (const command of ['init', 'dev', 'start', 'migrate', 'check', 'print', 'keys'])
      expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'))
    expect(run(['help', 'keys']).stdout).toContain('revoke [options] <id>')
  })

  it('exits with 2 on wrong usage, unlike a failure', () => {
    expect(run(['chek'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('(Did you mean check?)'),
    })
    expect(run(['print', 'wsdl'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Allowed choices are graphql, openapi'),
    })
    expect(run(['check'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        'There is no gateway.ts, src/gateway.ts, app/gateway.ts here.',
      ),
    })
    expect(run(['check', 'nowhere.ts'])).toMatchObject({
      code: 2,
      stderr: 'There is no file nowhere.ts.\n',
    })
  })
})

describe('check', () => {
  const write = (content: string): string => {
    writeFileSync(join(root, 'test/cli/written-gateway.ts'), content)
    return join(root, 'test/cli/written-gateway.ts')
  }
  afterAll(() => rmSync(join(root, 'test/cli/written-gateway.ts'), { force: true }))

  it('finds no mistake in the store', () => {
    expect(run(['check', store])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Store is fit to serve: 10 resources, \d+ operations[.]\n$/m),
      stderr: '',
    })
  })

  it.each([
    ['check'],
    ['dev', '--no-reload', '--port', '0'],
    ['start', '--port', '0'],
    ['start', '--workers', '2'],
  ])('%s lists all mistakes of a declaration that was not compiled', (...args) => {
    const file = write(`import { gateway } from 'bifrons'
      import { operation, resource, staff, access } from '../../app/declare.ts'
      import { relations } from '../../app/relations.ts'
      const product = resource('products', { access: { raed: staff, read: access.everyone }, fields: { cost: { raed: staff }, price: { read: access.rol } } })
      const restock = operation({ kind: 'mutatoin', rest: 'POST /restock', access: staff, async handel() {} })
      export default gateway({ name: 'Wrong', relations, resources: { product }, operations: { restock }, limitz: {} })
    `)
    const { code, stdout, stderr } = run([...args, file], {
      DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
    })
    expect(code, stderr).toBe(1)
    const said = stdout + stderr
    for (const line of [
      'The declaration has 8 mistakes:',
      'gateway.limitz is no member of `gateway`. Did you mean limits?',
      'product.access.raed is no member of `access`. Did you mean read?',
      'product.fields.cost.raed is no member of the rules of a field. Did you mean read?',
      'product.fields.price.read is undefined; it must be a policy.',
      'operations.restock.kind is "mutatoin"; it must be "query" or "mutation". Did you mean mutation?',
      'operations.restock.handel is no member of an operation. Did you mean handle?',
      'operations.restock.output is missing;',
      'operations.restock.handle is missing;',
    ])
      expect(said).toContain(line)
  })

  it('lists every mistake at once, without a stack', () => {
    const file = write(`import { gateway } from 'bifrons'
      import store from '../../app/gateway.ts'
      const { product, order, review } = store.resources
      export default gateway({ ...store, seed: async () => {}, operations: {}, resources: { product, order, review, Query: store.resources.category, again: order } })
    `)
    const { code, stderr } = run(['check', file])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^The declaration has \d+ mistakes:\n/)
    expect(stderr).toContain('resources.again is the table orders, which order is already.')
    expect(stderr).toContain('Query')
    expect(stderr).not.toContain('    at ')
    expect(run(['check', file, '--verbose']).stderr).toContain('    at ')
  })

  it('names the listed documents of clients that the schema does not allow, with their files', () => {
    const list = join(folder, 'persisted-documents.json')
    const listed = { good: 'query Good { products { nodes { id } } }' }
    const env = { GRAPHQL_DOCUMENT_FILES: list }
    writeFileSync(list, JSON.stringify(listed))
    expect(run(['check', store], env)).toMatchObject({ code: 0, stderr: '' })
    writeFileSync(
      list,
      JSON.stringify({ ...listed, bad: 'query Old { products { nodes { prize } } }' }),
    )
    const { code, stderr } = run(['check', store], env)
    expect(code).toBe(1)
    expect(stderr).toContain(
      `1 listed document does not fit the schema:\n  ${list}: Old (bad)\n    There is no prize here.`,
    )
    rmSync(list)
    expect(run(['check', store], env).stderr).toContain('there is no such file')
  })

  it('says what is wrong with a file that is not a gateway', () => {
    expect(run(['check', write('export const gateway = 1\n')])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('has no gateway as its default export'),
    })
    expect(run(['check', write("import './nothing.ts'\n")])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /cannot be loaded[.]\nError: Cannot find module .*nothing[.]ts/,
      ),
    })
  })
})

describe('print', () => {
  it('prints, writes and compares the documents', () => {
    const openapi = JSON.parse(run(['print', 'openapi', store]).stdout)
    expect(openapi).toMatchObject({
      openapi: expect.stringMatching(/^3[.]1/),
      paths: { '/api/products': expect.any(Object) },
    })

    expect(run(['print', 'graphql', store, '--check', 'schema.graphql'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no file schema.graphql.'),
    })
    expect(run(['print', 'graphql', store, '--out', 'schema.graphql'])).toMatchObject({
      code: 0,
      stdout: '',
    })
    const sdl = readFileSync(join(folder, 'schema.graphql'), 'utf8')
    expect(sdl).toContain('\ntype Product implements Node {\n')
    expect(run(['print', 'graphql', store, '--check', 'schema.graphql'])).toMatchObject({ code: 0 })
    writeFileSync(
      join(folder, 'schema.graphql'),
      sdl.replace('type Product implements Node {', 'type Product {'),
    )
    expect(run(['print', 'graphql', store, '--check', 'schema.graphql'])).toMatchObject({
      code: 1,
      stderr:
        'schema.graphql is not what the gateway serves:\n  - type Product {\n  + type Product implements Node {\nWrite it again with "bifrons print graphql --out schema.graphql".\n',
    })
  })
})

describe('migrate, keys and start, on PostgreSQL', () => {
  let env: Readonly<Record<string, string>> = {}
  beforeAll(async () => {
    const { url, drop } = await createDatabase('postgres')
    cleanUps.push(drop)
    env = { DATABASE_URL: url }
  })

  it('before the migrations a server does not start, and no key is created', () => {
    expect(run(['start', store, '--port', '0'], env)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^Migrations are pending: bifrons\/\d+_api-keys, bifrons\/\d+_idempotency, bifrons\/\d+_audit, \d+_store[.] Apply them with "bifrons migrate"/m,
      ),
    })
    expect(run(['check', store, '--database'], env)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^4 migrations are pending:/),
    })
    expect(run(['keys', 'list', '--gateway', store], env)).toMatchObject({
      code: 1,
      stderr: 'The database has no table for keys yet: run "bifrons migrate" first.\n',
    })
  })

  it('migrations are listed, then applied once and named', () => {
    expect(run(['migrate', store, '--status'], env)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^pending bifrons\/\d+_api-keys\npending bifrons\/\d+_idempotency\npending bifrons\/\d+_audit\npending \d+_store\n$/,
      ),
    })
    expect(run(['migrate', store], env)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^applied bifrons\/\d+_api-keys\napplied bifrons\/\d+_idempotency\napplied bifrons\/\d+_audit\napplied \d+_store\n$/,
      ),
    })
    expect(run(['migrate', store], env)).toMatchObject({
      code: 0,
      stdout: 'Nothing to apply: the database is up to date.\n',
    })
    expect(run(['check', store, '--database'], env)).toMatchObject({ code: 0 })
  })

  it('a key is shown once, signs its caller in, and is refused after it is revoked', async () => {
    const customerId = 'c0000000-0000-4000-8000-000000000001'
    const made = run(
      [
        'keys',
        'create',
        '-g',
        store,
        '--name',
        'robot',
        '--role',
        'staff',
        'packer',
        '--claims',
        `{"customerId":"${customerId}"}`,
        '--expires',
        '90d',
      ],
      env,
    )
    expect(made).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^bfk_[0-9a-f]{16}_[\w-]{43}\n$/),
    })
    expect(made.stderr).toContain('for "robot" with the role staff, packer, until ')
    const secret = made.stdout.trim()
    const id = secret.split('_')[1] ?? ''
    const listed = run(['keys', 'list', '-g', store], env)
    expect(listed.stdout).toMatch(
      new RegExp(
        `^${id} +robot +staff, packer +\\d{4}-\\d\\d-\\d\\d +never +good until \\d{4}-\\d\\d-\\d\\d$`,
        'm',
      ),
    )
    expect(listed.stdout).not.toContain(secret)

    const server = startBifrons(['start', store, '--port', '0', '--host', '127.0.0.1'], {
      cwd: folder,
      env: { ...env, SHUTDOWN_GRACE: '0' },
    })
    const url = await server.waitFor(/Server listening at (http[^"]+)/)
    const ask = () =>
      askRest(url, '/stock-movements', { headers: { authorization: `Bearer ${secret}` } })
    expect(await askRest(url, '/stock-movements')).toMatchObject({ code: 'NOT_FOUND' }) // names are hidden in production
    expect(await ask()).toEqual({ data: [], page: { next: null, previous: null } })
    expect(run(['keys', 'revoke', id, '-g', store], env)).toMatchObject({
      code: 0,
      stdout: `The key ${id} is revoked.\n`,
    })
    expect(await ask()).toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(await server.stop()).toBe(0)
    expect(run(['keys', 'revoke', id, '-g', store], env)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`There is no key ${id}`),
    })
    expect(run(['keys', 'list', '-g', store], env).stdout).toMatch(/ revoked \d{4}-/)
  })

  it('invalid arguments of a key are refused before it is created', () => {
    const create = (...args: string[]) =>
      run(['keys', 'create', '-g', store, '--name', 'x', ...args], env)
    expect(create('--claims', '{"customerId":"no uuid","tenant":1}')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /tenant is no claim of this gateway; it has customerId[.]\n  customerId: Invalid UUID/,
      ),
    })
    expect(create('--claims', '[]')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--claims must be a JSON object'),
    })
    expect(create('--expires', 'soon')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--expires is "soon"'),
    })
    expect(create('--expires', '2020-01-01')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('which is over already'),
    })
    expect(run(['keys', 'create', '-g', store], env)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("required option '--name <name>'"),
    })
  })

  it('a wrong configuration stops the start and names every fault without a secret', () => {
    expect(run(['start', store], { PORT: 'http', JWT_SECRET: 'hush' })).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /^The configuration is not usable:\n(  (DATABASE_URL is required|PORT must be|JWT_SECRET must be).*\n){3}$/,
      ),
    })
  })
})
