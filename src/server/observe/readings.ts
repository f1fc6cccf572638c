// Figures that are read when metrics are asked for: what the caches hold, and who waits for a connection.
import type { CacheFigures } from '../../cache-budget.ts'
import type { Database, PoolFigures } from '../../db/database.ts'
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

const poolFigures: Readonly<Record<string, { help: string; figure: keyof PoolFigures }>> = {
  bifrons_database_pool_max: {
    help: 'The most connections to PostgreSQL that there may be.',
    figure: 'max',
  },
  bifrons_database_pool_size: { help: 'Connections to PostgreSQL that are open.', figure: 'size' },
  bifrons_database_pool_idle: {
    help: 'Open connections that nothing uses at this moment.',
    figure: 'idle',
  },
  bifrons_database_pool_in_use: {
    help: 'Open connections that a statement or a transaction uses at this moment.',
    figure: 'inUse',
  },
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
  if (database.kind === 'postgres') watchPool(metrics, database)
  metrics.watch({
    name: 'bifrons_database_waiting',
    help: 'Statements and transactions that wait for a connection at this moment.',
    labels: [],
    read: () => [{ labels: {}, value: database.queued?.() ?? 0 }],
  })
}

/** All are 0 as long as the server was not reached. */
function watchPool(metrics: Pick<Metrics, 'watch'>, database: Pick<Database, 'pool'>): void {
  for (const [name, { help, figure }] of Object.entries(poolFigures))
    metrics.watch({
      name,
      help,
      labels: [],
      read: () => [{ labels: {}, value: database.pool?.()?.[figure] ?? 0 }],
    })
}
