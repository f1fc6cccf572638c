// Values of callers and secrets of the operator are in nothing that the process writes, and secrets in nothing that it answers.
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { administer, createDatabase } from '../support/databases.ts'
import { bifrons, makeFolder, root, type RunningCli, startBifrons } from '../cli/cli.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 }) // processes start

const gateway = join(root, 'app/gateway.ts')
const cleanUps: (() => Promise<unknown>)[] = []
const folder = makeFolder((cleanUp) => cleanUps.push(cleanUp))
let cli: RunningCli | undefined
let url: string

const DATABASE_PASSWORD = 'canary-database-7f3a'
const SECRET = 'canary-secret-1e55-at-least-thirty-two-bytes'

beforeAll(async () => {
  const database = await createDatabase('postgres')
  cleanUps.push(database.drop)
  const withPassword = new URL(database.url)
  const role = `canary_${process.pid}`
  await administer(`create role ${role} login superuser password '${DATABASE_PASSWORD}'`)
  cleanUps.unshift(() => administer(`drop role ${role}`)) // it runs last, when the database that it owns things in is gone
  withPassword.username = role
  withPassword.password = DATABASE_PASSWORD
  const env = {
    DATABASE_URL: withPassword.href,
    JWT_SECRET: SECRET,
    SHUTDOWN_GRACE: '0',
    LOG_LEVEL: 'trace',
    SLOW_REQUEST: '1', // so that every operation has its line
    INTROSPECTION: 'true',
  }
  expect(bifrons(['migrate', gateway], { cwd: folder, env }).code).toBe(0)
  cli = startBifrons(['start', gateway, '--port', '0', '--host', '127.0.0.1'], { cwd: folder, env })
  url = await cli.waitFor(/Server listening at (http:\/\/[\w.:]+)/)
})
afterAll(async () => {
  if (cli?.child.exitCode === null) cli.child.kill('SIGKILL')
  for (const cleanUp of cleanUps.toReversed()) await cleanUp()
})

const headers = {
  authorization: 'Bearer canary-token-aa11.canary-token-bb22.canary-token-cc33',
  'x-api-key': 'bfk_canary-key-dd44',
  cookie: 'session=canary-cookie-ee55',
  'user-agent': 'canary-agent-ff66',
  'idempotency-key': 'canary-idempotency-aa77',
}
/** Values that a caller sends, by where they are. */
const values = ['canary-path', 'canary-query', 'canary-name', 'canary-body', 'canary-variable']

const json = { 'content-type': 'application/json' }
const post = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: json,
  body: typeof body === 'string' ? body : JSON.stringify(body),
})
const requests: readonly [string, RequestInit?][] = [
  ['/api/products/canary-path'],
  ['/canary-path?canary-name=canary-query'],
  ['/api/products?canary-name=canary-query'],
  ['/api/products?search=canary-query&filter[name][contains]=canary-query'],
  ['/api/%zz-canary-path'],
  ['/api/categories', post({ name: 'canary-body', 'canary-name': 'canary-body' })],
  ['/api/categories', post('{"name":"canary-body"')],
  [
    '/graphql',
    post({
      query: '{ products(first: 1, where: { name: { eq: "canary-body" } }) { nodes { id } } }',
    }),
  ],
  ['/graphql', post({ query: '{ canary_body(name: "canary-body") }' })],
  [
    '/graphql',
    post({
      query: 'query Q($after: String) { products(first: 1, after: $after) { nodes { id } } }',
      variables: { after: 'canary-variable', 'canary-name': 1 },
    }),
  ],
  ['/graphql?query=%7B__typename%7D&variables=%7B%22a%22%3A%22canary-query%22%7D'],
  ...Object.entries(headers).map(([name, value]): [string, RequestInit] => [
    '/api/products',
    { headers: { [name]: value } },
  ]),
]

test('canaries in every input are in no line of the log, and secrets in no answer', async () => {
  const answers: string[] = []
  for (const [path, init] of requests) {
    const answer = await fetch(url + path, init)
    answers.push(`${JSON.stringify([...answer.headers])} ${await answer.text()}`)
  }
  await expect
    .poll(() => cli?.said().match(/"msg":"request"/g)?.length, { timeout: 10_000 })
    .toBe(requests.length)
  expect(await cli?.stop()).toBe(0)
  const said = cli?.said() ?? ''
  const secrets = [
    DATABASE_PASSWORD,
    SECRET,
    ...Object.values(headers).map((text) => text.slice(-12)),
  ]
  for (const canary of [...values, ...secrets]) expect(said, canary).not.toContain(canary)
  for (const canary of secrets)
    for (const answer of answers) expect(answer, canary).not.toContain(canary)
  expect(said).toContain('"msg":"slow"')
  expect(said).toMatch(/"operation":"products"/)
  expect(said).toMatch(/"operation":"Q","codes":\["\w+"\]/)
})
