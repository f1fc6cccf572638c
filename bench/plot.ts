// Draws the ratios of a run as bars, in SVG: how much of another server's CPU time bifrons takes for the same request.
import type { Figure } from './matrix.ts'
import { type ServerName, servers } from './servers.ts'
import { workloadIds } from './workloads.ts'

const colours: Readonly<Partial<Record<ServerName, string>>> = {
  'hand-rest': '#1f6feb',
  'hand-graphql': '#1f6feb',
  drizzle: '#7a8b99',
  postgraphile: '#bf5b17',
  platformatic: '#2f8f5b',
}

const left = 60
const width = 760
const barHeight = 13
const gap = 10
const most = 2 // longer bars are cut, their figure tells

const x = (ratio: number) => left + (Math.min(ratio, most) / most) * (width - left - 60)

interface Bar {
  readonly label: string
  readonly of: ServerName
  readonly ratio: number
}

function barsOf(figures: readonly Figure[], connections: number): readonly Bar[] {
  const at = figures.filter((figure) => figure.connections === connections)
  return workloadIds.flatMap((workload) => {
    const own = at.find(({ of, workload: id }) => of === 'bifrons' && id === workload)
    const others = at.filter(({ of, workload: id }) => of !== 'bifrons' && id === workload)
    return own === undefined
      ? []
      : others.map(({ of, server }) => ({ label: workload, of, ratio: own.server / server }))
  })
}

export function drawRatios(figures: readonly Figure[], connections: number): string {
  const bars = barsOf(figures, connections)
  const parts: string[] = []
  let y = 60
  let group = ''
  for (const { label, of, ratio } of bars) {
    if (label !== group) {
      y += gap
      parts.push(
        `<text x="${left - 10}" y="${y + barHeight - 2}" text-anchor="end" font-weight="bold">${label}</text>`,
      )
      group = label
    }
    const end = x(ratio)
    parts.push(
      `<rect x="${left}" y="${y}" width="${(end - left).toFixed(1)}" height="${barHeight - 2}" fill="${colours[of] ?? '#888888'}"/>`,
      `<text x="${(end + 5).toFixed(1)}" y="${y + barHeight - 3}">${ratio.toFixed(2)}</text>`,
    )
    y += barHeight
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y + 20}" viewBox="0 0 ${width} ${y + 20}" font-family="sans-serif" font-size="11" fill="#1f2328">
<title>CPU time per request of bifrons, as a share of the others'</title>
<rect width="100%" height="100%" fill="#ffffff"/>
<text x="${left}" y="18" font-size="13" font-weight="bold">CPU time per request of bifrons over that of the other server: shorter is better</text>
${legend(bars)}
${parts.join('\n')}
<line x1="${x(1)}" x2="${x(1)}" y1="56" y2="${y + 4}" stroke="#1f2328" stroke-dasharray="3 3"/>
<text x="${x(1)}" y="${y + 16}" text-anchor="middle">1: the same</text>
</svg>
`
}

function legend(bars: readonly Bar[]): string {
  const shown = [
    ...new Map(
      bars.map(({ of }) => [
        colours[of],
        of === 'hand-graphql' || of === 'hand-rest' ? 'hand-written' : servers[of].title,
      ]),
    ),
  ]
  return shown
    .map(
      ([colour, title], index) =>
        `<rect x="${left + index * 150}" y="32" width="11" height="11" fill="${colour ?? '#888888'}"/><text x="${left + 16 + index * 150}" y="42">${title}</text>`,
    )
    .join('\n')
}
