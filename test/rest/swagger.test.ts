// `app.swagger()` gives the document that /openapi.json serves, including hand-written routes.
import { expect, test } from 'vitest'
import { z } from 'zod'
import store from '../../app/gateway.ts'
import committed from '../../app/openapi.json' with { type: 'json' }
import type { AnyGateway } from '../../src/server/gateway.ts'
import { openTestGateway } from '../../src/testing/test-gateway.ts'
import { onDatabase } from '../support/databases.ts'

onDatabase('pglite', (open) => {
  async function openDocuments(declaration: AnyGateway) {
    const { app } = await openTestGateway(declaration, { database: await open() })
    const served = await app.inject({ url: '/openapi.json' })
    return {
      given: app.hasDecorator('swagger') ? app.swagger() : null,
      served: served.json(),
      status: served.statusCode,
    }
  }

  test('app.swagger() gives the committed document of the store', async () => {
    const { given, served } = await openDocuments(store)
    expect(given).toEqual(served)
    expect(given).toEqual(committed)
  })

  test('app.swagger() has hand-written routes, except hidden ones', async () => {
    const { given, served } = await openDocuments({
      ...store,
      rest: (app) => {
        app.get(
          '/ping/:name',
          {
            schema: {
              summary: 'Answers.',
              params: z.object({ name: z.string() }),
              response: { 200: z.object({ pong: z.string() }) },
            },
          },
          async ({ params }) => ({ pong: params.name }),
        )
        app.get('/plain', async () => 'plain')
        app.get('/hidden', { schema: { hide: true } }, async () => 'hidden')
        app.get(
          '/untold',
          { config: { swaggerTransform: () => ({ url: '', schema: { hide: true } }) } },
          async () => 'untold',
        )
      },
    })
    expect(given).toEqual(served)
    const paths: Readonly<Record<string, object | undefined>> = given?.paths ?? {}
    expect(Object.keys(paths).filter((path) => !(path in committed.paths))).toEqual([
      '/api/ping/{name}',
      '/api/plain',
    ])
    expect(paths['/api/ping/{name}']).toMatchObject({
      get: { summary: 'Answers.', operationId: 'get_api_ping_name_' },
    })
    for (const path of Object.keys(committed.paths)) expect(paths, path).toHaveProperty([path])
  })

  test('neither the document nor app.swagger() exists where documents are switched off', async () => {
    const { status, given } = await openDocuments({ ...store, config: { docs: false } })
    expect(status).toBe(404)
    expect(given).toBeNull()
  })
})
