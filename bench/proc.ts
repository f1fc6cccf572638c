// What processes cost, from /proc: CPU time and memory of a process and its children. Linux only.
import { existsSync, readdirSync, readFileSync } from 'node:fs'

/** The kernel's USER_HZ, which is 100 on every architecture that Node runs on. */
const ticksPerSecond = 100

interface Stat {
  readonly pid: number
  readonly parent: number
  /** Of the process, all threads, and of its children that have ended and were waited for. In ticks. */
  readonly ticks: number
}

function readStat(pid: number): Stat | undefined {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return undefined // it ended meanwhile
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ').map(Number) // the name before may hold spaces; field 3 is the first here
  const [parent = 0] = fields.slice(1)
  return { pid, parent, ticks: fields.slice(11, 15).reduce((sum, ticks) => sum + ticks, 0) } // utime, stime, cutime, cstime
}

/** The process and all that descends from it. */
function treeOf(root: number): readonly Stat[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map((name) => readStat(Number(name))).filter((stat) => stat !== undefined)
  const tree = all.filter(({ pid }) => pid === root)
  for (const { pid } of tree) tree.push(...all.filter(({ parent }) => parent === pid)) // grows while it is walked: breadth first
  return tree
}

/** CPU time so far, in seconds, in steps of a hundredth. */
export const cpuSeconds = (pid: number): number => treeOf(pid).reduce((sum, { ticks }) => sum + ticks, 0) / ticksPerSecond

/** Memory that is in use now, in MiB. */
export function residentMebibytes(pid: number): number {
  const kibibytes = treeOf(pid).map((stat) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${stat.pid}/status`, 'latin1'))?.[1] ?? 0))
  return Math.round(kibibytes.reduce((sum, one) => sum + one, 0) / 1024)
}

/** The parent of a process here, such as a backend's postmaster; undefined when there is no such process on this machine. */
export const parentOf = (pid: number, name: string): number | undefined => (
  existsSync(`/proc/${pid}/comm`) && readFileSync(`/proc/${pid}/comm`, 'latin1').trim() === name ? readStat(pid)?.parent : undefined
)
