// The rate limit and the cost budget: one account for both faces, and the same fields of the answers.
import { defineRelations } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { describe, expect, test } from 'vitest'
import { declare } from '../../src/schema/declare/declare.ts'
import { gateway } from '../../src/server/gateway.ts'
import { onDatabase } from '../support/databases.ts'
import { openFaces, type Reply } from './http.ts'

const pages = pgTable('pages', { id: integer().primaryKey(), title: text().notNull() })
const relations = defineRelations({ pages })
const { resource, access } = declare({ relations })
const declaration = gateway({
  name: 'Limits',
  relations,
  resources: { page: resource('pages', { access: { read: access.everyone } }) },
})

/** A List of Strings with parameters (RFC 9651, section 3.1), as the draft has it for both fields. */
const key = '[a-z*][a-z0-9_.*-]*'
const value = '(?:[0-9]{1,15}|"[ !#-\\[\\]-~]*")'
const item = `"([ !#-\\[\\]-~]+)"((?:; *${key}=${value})*)`
const list = new RegExp(`^${item}(?:[ \\t]*,[ \\t]*${item})*$`)

/** Items by name, with their parameters. */
function parseList(field: string | undefined): Record<string, Record<string, number | string>> {
  expect(field).toMatch(list)
  return Object.fromEntries(
    [...(field ?? '').matchAll(new RegExp(item, 'g'))].map(([, name = '', parameters = '']) => [
      name,
      Object.fromEntries(
        [...parameters.matchAll(new RegExp(`(${key})=(${value})`, 'g'))].map(
          ([, parameter = '', given = '']) => [parameter, JSON.parse(given) as number | string],
        ),
      ),
    ]),
  )
}

onDatabase('pglite', (open) => {
  const openWith = async (env: Record<string, string>) =>
    openFaces(await open({ relations }), { pages }, declaration, env)
  const codeOf = ({ body }: Reply): unknown => body.code ?? body.errors?.[0]?.extensions.code
  const fieldsOf = ({ headers }: Reply) => ({
    policy: parseList(headers['ratelimit-policy']),
    limit: parseList(headers['ratelimit']),
  })

  describe('the faces', () => {
    test.each([
      ['requests', { RATE_LIMIT_MAX: '3', COST_BUDGET: '100' }],
      ['cost', { RATE_LIMIT_MAX: '100', COST_BUDGET: '3' }],
    ])('share the %s of an account, refuse alike, and tell both policies', async (policy, env) => {
      const faces = await openWith(env)
      const both = [
        () => faces.rest('GET /api/pages'),
        () => faces.graphql('{ pages { nodes { id } } }'),
      ]
      const [first = expect.unreachable(), ...more] = both
      const answers = [
        await first(),
        ...(await Promise.all(more.map((send) => send()))),
        await first(),
      ]
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
      expect(answers.map((answer) => fieldsOf(answer).limit[policy]?.['r'])).toEqual([2, 1, 0])
      for (const send of both) {
        const refused = await send()
        expect([refused.status, codeOf(refused)]).toEqual([429, 'RATE_LIMITED'])
        const { policy: told, limit } = fieldsOf(refused)
        expect(told).toEqual({
          requests: { q: Number(env.RATE_LIMIT_MAX), w: 60 },
          cost: { q: Number(env.COST_BUDGET), qu: 'points', w: 60 },
        })
        expect(Object.keys(limit)).toEqual(['requests', 'cost'])
        expect(limit[policy]).toEqual({ r: 0, t: Number(refused.headers['retry-after']) })
      }
      await faces.app.close()
    })
  })
})
