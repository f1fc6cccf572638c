// The tier that runs: `npm test` runs every file with small numbers, `npm run test:long` the files named *.long.test.ts with large ones,
// `npm run test:nightly` the same files with the largest.
import { inject } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    /** Set by vitest.config.ts. */
    tier: 'short' | 'long' | 'nightly'
  }
}

type Values<T> = Readonly<Record<'short' | 'long', T>> & { readonly nightly?: T }

/** The value for the tier that runs. Only files named *.long.test.ts use it. */
export function inTier<T>({ nightly, ...values }: Values<T>): T {
  const tier = inject('tier')
  return tier === 'nightly' ? (nightly ?? values.long) : values[tier]
}
