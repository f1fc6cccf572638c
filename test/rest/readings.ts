// A table of readings of any length on the real server, for the measurement of exports.
import { defineRelations, sql } from 'drizzle-orm'
import { doublePrecision, integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core'
import type { FastifyInstance } from 'fastify'
import type { Database } from '../../src/db/database.ts'
import { openEngine } from '../../src/engine/engine.ts'
import type { ExportSettings } from '../../src/engine/charge/export-places.ts'
import { restPlugin } from '../../src/rest/plugin.ts'
import { buildModel } from '../../src/schema/build/build-model.ts'
import { declare } from '../../src/schema/declare/declare.ts'
import { buildServer } from '../../src/server/build-server.ts'
import { readConfig } from '../../src/server/config/config.ts'

const readings = pgTable('readings', {
  id: integer().primaryKey(),
  sensor: text().notNull(),
  value: doublePrecision(),
  takenAt: timestamp('taken_at', { withTimezone: true }).notNull(),
  note: text(),
})
export const relations = defineRelations({ readings }, (r) => ({
  readings: { same: r.many.readings({ from: r.readings.id, to: r.readings.id }) },
}))
const { resource, access } = declare({ relations })
const reading = resource('readings', {
  access: { read: access.everyone },
  search: ['note', 'sensor'],
  computed: {
    /** Takes a while for each row. */
    slow: { type: 'boolean', sql: (row) => sql`pg_sleep(0.01 + ${row.id} * 0) is not null` },
    /** No number can be had of the last row but 99. */
    broken: { type: 'integer', sql: (row) => sql`1 / (${row.id} - 900)` },
  },
})

export async function fillReadings(database: Database, rows: number): Promise<void> {
  await database.query({
    text: 'create table readings (id integer primary key, sensor text not null, value double precision, taken_at timestamptz not null, note text)',
    values: [],
  })
  await database.query({
    text: `insert into readings select i, 'sensor ' || i % 97, i * 0.37, '2026-01-01 00:00:00+00'::timestamptz + i * interval '1 second',
      case when i % 3 = 0 then 'say "' || i || '", or not' end from generate_series(1, $1::integer) as i`,
    values: [String(rows)],
  })
  await database.query({ text: 'analyze readings', values: [] })
}

/** The server on that database, listening. */
export async function serveReadings(
  database: Database,
  env: Readonly<Record<string, string>> = {},
  exports: Partial<ExportSettings> = { perAccount: 3 },
): Promise<{ readonly app: FastifyInstance; readonly url: string; readonly log: string[] }> {
  const config = readConfig(
    { DATABASE_URL: 'pglite:memory', LOG_LEVEL: 'info', PORT: '0', RATE_LIMIT_MAX: '0', ...env },
    'development',
  )
  const log: string[] = []
  const engine = openEngine({
    model: buildModel({
      name: 'Readings',
      relations,
      resources: { reading },
      export: access.everyone,
    }),
    database,
    exports,
  })
  const app = await buildServer({
    config,
    database,
    home: { name: 'Readings', version: '0.0.0', links: [] },
    logStream: { write: (line) => log.push(line) },
    mounts: [
      (scope) =>
        restPlugin(scope, {
          engine,
          docs: false,
          contextOf: (request) => ({
            caller: request.caller,
            signal: request.work.signal,
            requestId: request.id,
          }),
          onExport: (request) => request.work.prolong(config.exportTimeout),
          onProblem: (request, problem) => scope.reportProblem(request, problem),
        }),
    ],
  })
  return { app, log, url: `${await app.listen({ host: '127.0.0.1', port: 0 })}/api/readings` }
}
