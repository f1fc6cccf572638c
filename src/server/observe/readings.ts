// Figures that are read when metrics are asked for: what the caches hold, and who waits for a connection.
import type { CacheFigures } from '../../cache-budget.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Metrics } from './metrics.ts'

type CacheFigure = Exclude<keyof CacheFigures, 'name'>

const cacheFigures: Readonly<Record<CacheFigure, string>> = {
  entries: 'Entries of a cache.',
  bytes: 'Estimated heap of a cache, in bytes.',
  hits: 'Requests that found what they needed in a cache, since the start.',
  misses: 'Requests that did not, since the start.',
  evictions: 'Entries that made room for others, since the start.',
}

export function watchEngine(
  metrics: Pick<Metrics, 'watch'>,
  { cacheBudget, database }: Pick<Engine, 'cacheBudget' | 'database'>,
): void {
  for (const [figure, help] of Object.entries(cacheFigures) as [CacheFigure, string][])
    // Object.entries forgets the keys
    metrics.watch({
      name: `bifrons_cache_${figure}`,
      help,
      labels: ['cache'],
      read: () =>
        cacheBudget.figures().map((of) => ({ labels: { cache: of.name }, value: of[figure] })),
    })
  metrics.watch({
    name: 'bifrons_database_waiting',
    help: 'Statements and transactions that wait for a connection at this moment.',
    labels: [],
    read: () => [{ labels: {}, value: database.queued?.() ?? 0 }],
  })
}
