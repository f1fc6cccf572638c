// Writes docs/benchmarks.md and its plot from the figures of a run.
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import type { Figures, Figure } from './matrix.ts'
import type { Options } from './options.ts'
import { drawRatios } from './plot.ts'
import { type ServerName, serverNames, servers } from './servers.ts'
import { isReached, type Judged } from './targets.ts'
import { sizesOf, type WorkloadId, workloadIds, workloads } from './workloads.ts'

export interface Result extends Figures {
  readonly node: string
  readonly postgres: string
  readonly options: Options
  readonly judged: readonly Judged[]
}

const docs = join(import.meta.dirname, '../docs')

export function writeReport(result: Result): void {
  writeFileSync(join(docs, 'benchmarks.svg'), drawRatios(result.figures, judgedAt(result)))
  writeFileSync(join(docs, 'benchmarks.md'), toMarkdown(result))
}

const judgedAt = ({ options }: Result) => options.connections.at(-1) ?? 32

const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

const asked = ({ figures }: Result) =>
  workloadIds.filter((id) => figures.some(({ workload }) => workload === id))
const measured = ({ figures }: Result) =>
  serverNames.filter((name) => figures.some(({ of }) => of === name))

function grid(result: Result, connections: number, cell: (figure: Figure) => string): string {
  const find = (name: ServerName, id: WorkloadId) =>
    result.figures.find(
      ({ of, workload, connections: at }) => of === name && workload === id && at === connections,
    )
  const rows = measured(result).map((name) => [
    servers[name].title,
    ...asked(result).map((id) => {
      const figure = find(name, id)
      return figure === undefined ? '' : cell(figure)
    }),
  ])
  return table(['', ...asked(result)], rows)
}

const cost = ({ server, postgres }: Figure) =>
  `${server.toFixed(0)} + ${postgres?.toFixed(0) ?? '?'}`
const speed = ({ perSecond, p50, p99 }: Figure) =>
  `${perSecond.toFixed(0)}/s, ${p50.toFixed(1)}, ${p99.toFixed(1)}`

function targetTable({ judged }: Result): string {
  const ratio = (value: number | undefined, target: number | undefined) =>
    value === undefined ? '' : `${value.toFixed(2)}${target === undefined ? '' : ` (≤ ${target})`}`
  return table(
    ['what', '', 'against', 'server', 'server + PostgreSQL', ''],
    judged.map((one) => [
      one.title,
      one.workload,
      servers[one.against].title,
      ratio(one.server, one.targets.server),
      ratio(one.total, one.targets.total),
      isReached(one) ? 'reached' : '**not reached**',
    ]),
  )
}

function toMarkdown(result: Result): string {
  const { options, node, postgres, memory } = result
  const sizes = sizesOf(options.products)
  const [cpu] = cpus()
  const size = (id: WorkloadId) =>
    result.figures.find(({ of, workload }) => of === 'bifrons' && workload === id)?.bytes ?? 0
  return `# Benchmarks

Written by \`npm run bench -- --report\`; do not edit. One run on one machine with ${cpus().length} cores (${cpu?.model.trim() ?? 'unknown'}), Node ${node.slice(1)}, PostgreSQL ${postgres}.
The figures depend on that machine; compare the ratios.

![CPU time per request of bifrons, as a share of the others'](benchmarks.svg)

## Targets

CPU time per request of bifrons over that of the other, ${judgedAt(result)} connections: of the server's process, and with PostgreSQL's.

${targetTable(result)}

## Workloads and servers

The store with ${sizes.products.toLocaleString('en')} products, ${sizes.orders.toLocaleString('en')} orders, ${(4 * sizes.orders).toLocaleString('en')} items and ${(4 * sizes.products).toLocaleString('en')} reviews, and an index of products by category and price. Ids, categories and the rest differ from request to request.

${table(
  ['', 'asked for', 'caller', 'bytes'],
  asked(result).map((id) => [id, workloads[id].title, workloads[id].as, String(size(id))]),
)}

- **bifrons** is \`bifrons start\` as deployed: policies, validation, security headers, the rate limit (it counts, but is set too high to refuse a request), and a line of log
  for each request, written to a file. Callers have tokens where the table says so. The other servers have none of that: they check no token and write no log.
- **hand-written REST** is Fastify with JSON Schemas and pg with named statements; **hand-written resolvers** are Mercurius with its JIT, one statement for a root
  field, aliases batched. Both are in [bench/servers](../bench/servers), with the best SQL that we know: flat joins.
- **Drizzle** is its query builder on the same routes. **PostGraphile** has its Amber preset and the filter plugin. **Platformatic DB** is its mapper, REST and
  GraphQL on Fastify. Platformatic has no foreign keys in GraphQL (its answers to G1, G2, G3, G5 and G7 lack them) and no nesting in REST. It cannot nest a table with a
  composite key, such as an order's items, so it has no R4, G4 and G8.
- Before the measurement, the answers of all servers to the same five requests of each workload are compared, and those of R1 with G1 and so on. Envelopes, numbers written
  as text and the form of timestamps are normalised; ids and times that the database generates for a created row are left out.
- Each server is its own process with ten connections to PostgreSQL; the load generator is its own process too. All run at once and take turns: ${options.rounds} rounds of ${options.seconds} s for each server
  and workload after ${options.warmup} s of warming up. The least figure of the rounds counts. CPU time is read from \`/proc\`, all threads and children; PostgreSQL does not wait for its disk.
- The warming up matters: V8 compiles for a while, and longer for more code. In one measurement by hand, an insert of bifrons took 340 us of CPU after 1.5 s of load and 220 us after
  20 s, the hand-written one 133 and 125 us. On a shared machine, figures differ by a third from one minute to the next: compare ratios, and more than one run.

## CPU time per request

Microseconds, server + PostgreSQL, ${judgedAt(result)} connections.

${grid(result, judgedAt(result), cost)}

${options.connections
  .map(
    (connections) => `## Speed with ${connections} connection${connections === 1 ? '' : 's'}

Requests per second, the median and the 99th percentile in milliseconds. Server, PostgreSQL and generator share the cores.

${grid(result, connections, speed)}`,
  )
  .join('\n\n')}

## Memory

In use after all of it, in MiB.

${table(
  measured(result).map((name) => servers[name].title),
  [measured(result).map((name) => String(memory[name] ?? ''))],
)}

## Run it

\`\`\`sh
npm run bench -- --report
\`\`\`

Linux only. It starts an embedded PostgreSQL, or makes a database of its own on the server of \`DATABASE_URL\`; \`--help\` lists what can be chosen. For CI there is \`npm run bench -- --gate\`, which
compares bifrons with the hand-written servers only, in less than a minute, and fails when a ratio is more than [gate.json](../bench/gate.json) allows.
`
}
