// The tier that runs: `npm test` runs every file with small numbers, `npm run test:long` the files named *.long.test.ts with large ones.
import { inject } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    /** Set by vitest.config.ts. */
    tier: 'short' | 'long'
  }
}

/** The value for the tier that runs. Only files named *.long.test.ts use it. */
export const inTier = <T>(values: Readonly<Record<'short' | 'long', T>>): T =>
  values[inject('tier')]
