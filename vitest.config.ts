// Tests run against src/ (condition `source`, also in the workers and processes they start), on real databases.
// `vitest run --mode long` is `npm run test:long`: the files named *.long.test.ts, with larger numbers (test/support/tier.ts);
// `--mode nightly` is `npm run test:nightly`, with the largest. `.ci/run` runs `--mode rest`, the files that are not long, and `--mode long`.
import { defineConfig } from 'vitest/config'

// What Node itself asks for, and `source`: the runner's default `module` would test other builds of the packages than the ones that run.
const conditions = ['source', 'node']

// Files of these folders only call functions and servers in their own process, so a worker keeps what it has loaded for the next one.
// Loading the sources again for each file took a fifth of the suite's CPU.
const shared = 'app|engine|faces|graphql|matrix|rest|schema'
// These measure the heap or the CPU of their process.
const measuring = '{hostile-text,hostile-variety}'

export default defineConfig(({ mode }) => {
  const tier = mode === 'long' || mode === 'nightly' ? mode : 'short'
  const long = '*.long.test.ts'
  const tests = mode === 'rest' ? '!(*.long).test.ts' : tier === 'short' ? '*.test.ts' : long
  return {
    // `main` and `.js` first, as in Node: else tests would have a second graphql (index.mjs) beside the one that Mercurius and Pothos load.
    resolve: { conditions, mainFields: ['main'], extensions: ['.js', '.mjs', '.ts', '.json'] },
    ssr: { resolve: { conditions, externalConditions: conditions } },
    test: {
      provide: { tier },
      globalSetup: ['test/support/global-setup.ts'],
      // Processes of their own: tests end their servers by signals and the embedded database runs in worker threads.
      pool: 'forks',
      maxWorkers: 3, // on 2 cores: many tests wait for processes, timers and the database
      testTimeout: 60_000,
      hookTimeout: 120_000,
      teardownTimeout: 15_000,
      projects: [
        {
          extends: true,
          test: {
            name: 'alone',
            include: [
              `test/${tests}`,
              `test/!(${shared})/**/${tests}`,
              `test/**/${measuring}${tests}`,
            ],
          },
        },
        {
          extends: true,
          test: {
            name: 'shared',
            include: [`test/@(${shared})/**/${tests}`],
            exclude: [`test/**/${measuring}*`],
            isolate: false,
          },
        },
      ],
    },
  }
})
