// What was promised: the ratios of CPU time per request that bifrons is to stay below, and which of them it does.
import type { Figure } from './matrix.ts'
import type { ServerName } from './servers.ts'
import type { WorkloadId } from './workloads.ts'

interface Target {
  readonly title: string
  readonly of: readonly WorkloadId[]
  readonly against: ServerName
  readonly server: number
  /** Of server and PostgreSQL together. */
  readonly total?: number
}

const graphql: readonly WorkloadId[] = ['G1', 'G2', 'G3', 'G4', 'G5', 'G6', 'G7', 'G8']

const targets: readonly Target[] = [
  { title: 'REST lists', of: ['R2', 'R3'], against: 'hand-rest', server: 0.65, total: 0.7 },
  { title: 'REST one row, nested', of: ['R1', 'R4'], against: 'hand-rest', server: 1, total: 0.9 },
  { title: 'REST insert', of: ['R5'], against: 'hand-rest', server: 1.1, total: 1.05 },
  { title: 'GraphQL lists', of: ['G2', 'G3'], against: 'hand-graphql', server: 0.7, total: 0.75 },
  {
    title: 'GraphQL one row, nested, aliases, insert',
    of: ['G1', 'G4', 'G6', 'G7', 'G8', 'G5'],
    against: 'hand-graphql',
    server: 0.95,
    total: 0.85,
  },
  { title: 'every operation', of: graphql, against: 'postgraphile', server: 0.4, total: 0.6 },
  { title: 'lists', of: ['R2', 'R3', 'G2', 'G3'], against: 'platformatic', server: 0.3 },
  { title: 'nested GraphQL', of: ['G4', 'G6'], against: 'platformatic', server: 0.06 },
]

/** GraphQL against REST for the same content. */
const twins: readonly (readonly [WorkloadId, WorkloadId])[] = [
  ['G1', 'R1'],
  ['G2', 'R2'],
  ['G3', 'R3'],
  ['G5', 'R5'],
  ['G8', 'R4'],
]
const twinTarget = 1.15

export interface Judged {
  readonly title: string
  readonly workload: string
  readonly against: ServerName
  readonly server: number
  readonly total: number | undefined
  readonly targets: Pick<Target, 'server' | 'total'>
}

const totalOf = ({ server, postgres }: Figure) =>
  postgres === undefined ? Number.NaN : server + postgres

function compare(
  one: Figure | undefined,
  other: Figure | undefined,
): { server: number; total: number | undefined } | undefined {
  if (one === undefined || other === undefined) return undefined
  const total = totalOf(one) / totalOf(other)
  return { server: one.server / other.server, total: Number.isNaN(total) ? undefined : total }
}

/** The ratios of every target that this run can say something about, at that number of connections. */
export function judge(figures: readonly Figure[], connections: number): readonly Judged[] {
  const find = (of: ServerName, workload: WorkloadId) =>
    figures.find(
      (figure) =>
        figure.of === of && figure.workload === workload && figure.connections === connections,
    )
  const others = targets.flatMap(({ title, of, against, server, total }) =>
    of.flatMap((workload): Judged[] => {
      const ratio = compare(find('bifrons', workload), find(against, workload))
      return ratio === undefined
        ? []
        : [
            {
              title,
              workload,
              against,
              ...ratio,
              targets: { server, ...(total === undefined ? {} : { total }) },
            },
          ]
    }),
  )
  const own = twins.flatMap(([graphqlOne, restOne]): Judged[] => {
    const ratio = compare(find('bifrons', graphqlOne), find('bifrons', restOne))
    if (ratio === undefined) return []
    return [
      {
        title: 'GraphQL for the content of REST',
        workload: `${graphqlOne}/${restOne}`,
        against: 'bifrons',
        ...ratio,
        targets: { server: twinTarget },
      },
    ]
  })
  return [...others, ...own]
}

export const isReached = ({
  server,
  total,
  targets: { server: most, total: mostOfBoth },
}: Judged): boolean =>
  server <= most && (mostOfBoth === undefined || total === undefined || total <= mostOfBoth)
