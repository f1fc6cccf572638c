// A process for the lifecycle test: a server as the command line starts it, with routes of the tests.
import { openDatabase } from '../../src/db/open.ts'
import { buildServer } from '../../src/server/build-server.ts'
import { readConfig } from '../../src/server/config/config.ts'
import { runProcess, startServer } from '../../src/server/lifecycle.ts'

/** Writes events to standard output, unless the test has closed it. */
const report = (text: string): void => {
  if (process.argv[3] !== 'silent') process.stdout.write(`${text}\n`)
}

await runProcess(async () => {
  const config = readConfig(process.env, 'development')
  const opened = await openDatabase({
    url: config.databaseUrl,
    snapshot: process.argv[2] ?? '',
    poolMax: 5,
    statementTimeout: config.statementTimeout,
    lockTimeout: 2000,
    idleInTransactionTimeout: 10_000,
    connectTimeout: 2000,
  })
  const database = {
    ...opened,
    close: async () => {
      await opened.close()
      report('database closed')
    },
  }
  const state = { stopping: false }
  const app = await buildServer({
    config,
    database,
    state,
    home: { name: 'Test', version: '0.0.0', links: [] },
    mounts: [
      async (scope) => {
        scope.get('/who', async (request) => request.caller)
        scope.get<{ Querystring: { ms: string } }>('/busy', async (request) => {
          const end = performance.now() + Number(request.query.ms)
          while (performance.now() < end);
          return {}
        })
        scope.get<{ Querystring: { ms: string } }>('/slow', async (request) => {
          const ms = Number(request.query.ms)
          await new Promise((resolve) => {
            setTimeout(resolve, ms)
          })
          return { slept: ms }
        })
      },
    ],
  })
  const running = await startServer({ app, config, database, state })
  if (running.adminUrl !== undefined) report(`admin ${running.adminUrl}`)
  report(`listening ${running.url}`)
  return running
}, report)
