// The configuration: defaults per mode, every fault at once, names but no secrets.
import { availableParallelism } from 'node:os'
import { describe, expect, test } from 'vitest'
import { ConfigurationError, configReference, readConfig } from '../../src/server/config/config.ts'
import type { ConfigOverrides } from '../../src/server/config/config.ts'
import type { Mode } from '../../src/server/config/variables.ts'
import { shareOf, toWorkerConfig } from '../../src/server/config/worker-config.ts'

const production = { DATABASE_URL: 'postgres://shop:hunter2@db/shop' }

function faultsOf(
  env: Record<string, string>,
  mode: Mode = 'development',
  overrides: ConfigOverrides = {},
): readonly string[] {
  try {
    readConfig(env, mode, overrides)
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults
    throw error
  }
  return []
}

describe('workers', () => {
  const several = { ...production, WORKERS: '3' }

  test('divide the connections, the rate limit and the budget, and each has at least one', () => {
    const config = readConfig({ ...several, RATE_LIMIT_MAX: '2' }, 'production')
    expect(toWorkerConfig(config)).toEqual({
      ...config,
      databasePoolMax: 3,
      rateLimitMax: 1,
      costBudget: 666,
    })
    const off = readConfig({ ...several, RATE_LIMIT_MAX: '0', COST_BUDGET: '0' }, 'production')
    expect(toWorkerConfig(off)).toMatchObject({ rateLimitMax: 0, costBudget: 0 })
  })

  test('count together with Redis, so that each has the whole rate limit and budget', () => {
    const config = readConfig(
      { ...several, RATE_LIMIT_MAX: '100', REDIS_URL: 'redis://localhost' },
      'production',
    )
    expect([toWorkerConfig(config).rateLimitMax, shareOf(config, config.rateLimitMax)]).toEqual([
      100, 33,
    ])
    expect(toWorkerConfig(config).costBudget).toBe(config.costBudget)
  })

  test('are one for each core with auto', () => {
    expect(
      readConfig({ ...production, WORKERS: 'auto', DATABASE_POOL_MAX: '1000' }, 'production')
        .workers,
    ).toBe(availableParallelism())
  })

  test('need a connection each and a PostgreSQL server, and development always has one process', () => {
    expect(faultsOf({ ...several, DATABASE_POOL_MAX: '2' }, 'production')).toEqual([
      expect.stringContaining('they are 3 and 2'),
    ])
    expect(faultsOf({ ...several, DATABASE_URL: 'pglite:memory' }, 'production')).toEqual([
      expect.stringContaining('with the embedded database'),
    ])
    expect(faultsOf({ WORKERS: '3' })).toEqual([])
  })
})

describe('defaults', () => {
  test('an empty environment is enough for development', () => {
    expect(readConfig({}, 'development')).toMatchObject({
      mode: 'development',
      databaseUrl: 'pglite:.bifrons/db',
      port: 3000,
      host: '127.0.0.1',
      bodyLimit: 1_048_576,
      requestTimeout: 15_000,
      statementTimeout: 5000,
      graphiql: true,
      docs: true,
      introspection: true,
      shutdownGrace: 0,
    })
  })

  test('production switches the explorers off, listens on all addresses and drains', () => {
    expect(readConfig(production, 'production')).toMatchObject({
      graphiql: false,
      docs: false,
      introspection: false,
      host: '0.0.0.0',
      shutdownGrace: 5000,
    })
    expect(readConfig({ ...production, GRAPHIQL: 'true' }, 'production').graphiql).toBe(true)
  })

  test('production requires DATABASE_URL', () => {
    expect(faultsOf({}, 'production')).toEqual([expect.stringMatching(/^DATABASE_URL is required/)])
  })

  test('an empty variable counts as absent', () => {
    expect(readConfig({ PORT: '', JWT_SECRET: '' }, 'development')).toMatchObject({
      port: 3000,
      jwtSecret: undefined,
    })
  })

  test('the result and its lists are frozen', () => {
    const config = readConfig(
      { CORS_ORIGINS: 'https://a.example', TRUST_PROXY: 'loopback' },
      'development',
    )
    expect([config, config.corsOrigins, config.trustProxy].every(Object.isFrozen)).toBe(true)
  })
})

describe('faults', () => {
  test('all of them are reported at once, each with its name and the allowed values', () => {
    const faults = faultsOf({
      PORT: 'http',
      LOG_LEVEL: 'loud',
      RATE_LIMIT_MAX: '-1',
      GRAPHIQL: 'yes',
      CORS_ORIGINS: 'https://a.example/',
    })
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual([
      'PORT',
      'LOG_LEVEL',
      'CORS_ORIGINS',
      'RATE_LIMIT_MAX',
      'GRAPHIQL',
    ])
    expect(faults[0]).toBe('PORT must be a whole number from 0 to 65535; it is "http".')
  })

  test.each([
    ' '.repeat(40),
    'x'.repeat(40),
    'abababab'.repeat(5),
    `${' '.repeat(30)}hunter2-hunter2${' '.repeat(30)}`,
  ])('JWT_SECRET is not %j', (JWT_SECRET) => {
    expect(faultsOf({ JWT_SECRET })).toEqual([
      'JWT_SECRET must be at least 32 bytes, of at least 8 different characters.',
    ])
    const JWT_ISSUERS = JSON.stringify([{ issuer: 'a', secret: JWT_SECRET }])
    expect(faultsOf({ JWT_ISSUERS })).toEqual([
      expect.stringMatching(/^JWT_ISSUERS must be a JSON/),
    ])
  })

  test.each([
    '0.0.0.0/1,128.0.0.0/1',
    '0.0.0.0/2,64.0.0.0/2,128.0.0.0/1',
    '0.0.0.0/1',
    '128.0.0.0/1,10.0.0.0/8',
    '10.0.0.0/8,11.0.0.0/0',
    '::/1,8000::/1',
    '2000::/4,3000::/4',
    '2000::/3',
    'loopback,::/0',
  ])('TRUST_PROXY does not trust most of the internet in production: %s', (TRUST_PROXY) => {
    expect(faultsOf({ ...production, TRUST_PROXY }, 'production')).toEqual([
      expect.stringMatching(/^TRUST_PROXY must name the proxies/),
    ])
    expect(faultsOf({ TRUST_PROXY })).toEqual([])
  })

  test.each([
    'loopback,private,cloudflare,vercel',
    '10.0.0.0/8,0.0.0.0/2,0.0.0.0/2,1.2.3.4',
    'fc00::/7,fe80::/10,2001:db8::/32,::1',
  ])('TRUST_PROXY trusts ranges such as %s', (TRUST_PROXY) => {
    expect(faultsOf({ ...production, TRUST_PROXY }, 'production')).toEqual([])
  })

  test.each([
    'https://id.example/',
    '{"issuer":"a"}',
    '[]',
    '[{"issuer":"a"}]',
    '[{"issuer":"","jwksUrl":"https://a.example/"}]',
    '[{"issuer":"a","jwksUrl":"ftp://a.example/"}]',
    '[{"issuer":"a","jwksUrl":"https://a.example/","secret":"hunter2-hunter2-hunter2-hunter2-0"}]',
    '[{"issuer":"a","jwks":"https://a.example/"}]',
  ])('JWT_ISSUERS is not %s, and its value is not shown', (JWT_ISSUERS) => {
    const faults = faultsOf({ JWT_ISSUERS })
    expect(faults).toEqual([expect.stringMatching(/^JWT_ISSUERS must be a JSON list/)])
    expect(faults[0]).not.toMatch(/hunter2|example\//)
  })

  test('JWT_ISSUERS are read, and have https in production', () => {
    const issuer = { issuer: 'a', audience: 'shop', jwksUrl: 'http://a.example/' }
    const JWT_ISSUERS = JSON.stringify([issuer])
    expect(readConfig({ JWT_ISSUERS }, 'development').jwtIssuers).toEqual([issuer])
    expect(faultsOf({ ...production, JWT_ISSUERS }, 'production')).toEqual([
      'JWT_ISSUERS must have https:// URLs in production.',
    ])
  })

  test.each([
    ['DATABASE_URL', 'mysql://root:hunter2@db/shop'],
    ['DATABASE_URL', 'postgres://shop:hunter2@:::/'],
    ['JWT_SECRET', 'hunter2'],
  ])('the value of the secret %s is never shown', (name, value) => {
    const faults = faultsOf({ [name]: value })
    expect(faults).toHaveLength(1)
    expect(faults[0]).toContain(name)
    expect(faults[0]).not.toContain('hunter2')
  })

  test.each(['1e3', '0x10', ' 80', '80.0', '+80', '99999', '999999999999999999999'])(
    'PORT %s is refused',
    (port) => {
      expect(faultsOf({ PORT: port })).toHaveLength(1)
    },
  )

  test.each([
    '*,https://a.example',
    'a.example',
    'https://a.example/path',
    'ftp://a.example',
    'https://A.example',
    ',',
  ])('CORS_ORIGINS %s is refused', (origins) => {
    expect(faultsOf({ CORS_ORIGINS: origins })).toHaveLength(1)
  })

  test.each(['1', 'yes', '10.0.0.0/33', '300.1.1.1', 'loopback,', '127.1', 'localhost'])(
    'TRUST_PROXY %s is refused',
    (proxies) => {
      expect(faultsOf({ TRUST_PROXY: proxies })).toHaveLength(1)
    },
  )

  test('a setting that trusts every address is refused in production, in each of its forms', () => {
    expect(readConfig({ TRUST_PROXY: 'true' }, 'development').trustProxy).toContain('0.0.0.0/0')
    for (const proxies of ['true', '0.0.0.0/0', '10.0.0.0/8,::/0']) {
      expect(faultsOf({ ...production, TRUST_PROXY: proxies }, 'production')).toEqual([
        expect.stringMatching(/^TRUST_PROXY/),
      ])
    }
  })

  test('variables that exclude each other are refused', () => {
    expect(
      faultsOf({
        JWT_SECRET: 'at-least-32-bytes-of-real-randomness',
        JWT_JWKS_URL: 'https://id.example/jwks',
      }),
    ).toEqual([expect.stringContaining('exclude each other')])
    expect(faultsOf({ STATEMENT_TIMEOUT: '20000' })).toEqual([
      expect.stringMatching(/^STATEMENT_TIMEOUT/),
    ])
    expect(
      faultsOf({ ...production, JWT_JWKS_URL: 'http://id.example/jwks' }, 'production'),
    ).toEqual([expect.stringMatching(/^JWT_JWKS_URL/)])
    expect(
      faultsOf({ ...production, JWT_JWKS_URL: 'http://127.0.0.1:9/jwks' }, 'production'),
    ).toEqual([])
  })
})

describe('a setting in gateway()', () => {
  test('applies unless the environment overrides it', () => {
    const overrides = {
      port: 4000,
      bodyLimit: 2048,
      corsOrigins: ['https://a.example', 'https://b.example'],
      graphiql: false,
    }
    expect(readConfig({ PORT: '5000' }, 'development', overrides)).toMatchObject({
      ...overrides,
      port: 5000,
    })
  })

  test('is checked by the same rules and named as a setting of the gateway', () => {
    expect(faultsOf({}, 'development', { port: 70_000 })).toEqual([
      'PORT (set in gateway) must be a whole number from 0 to 65535; it is "70000".',
    ])
  })
})

test('every variable has its documentation, and a valid example and defaults', () => {
  expect(configReference.map(({ name }) => name)).toContain('DATABASE_URL')
  for (const { name, example, default: value, description } of configReference) {
    expect(description.length, name).toBeGreaterThan(20)
    const texts = [
      example,
      ...(typeof value === 'object' ? Object.values(value) : [value ?? example]),
    ]
    for (const text of texts) expect(faultsOf({ [name]: text }), `${name}=${text}`).toEqual([])
  }
})
