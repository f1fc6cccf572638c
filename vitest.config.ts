// Tests run against src/ (condition `source`, also in the workers and processes they start), on real databases.
import { defineConfig } from 'vitest/config'

// What Node itself asks for, and `source`: the runner's default `module` would test other builds of the packages than the ones that run.
const conditions = ['source', 'node']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    // Processes of their own: tests end their servers by signals and the embedded database runs in worker threads.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 15_000,
  },
})
