// What processes cost, from /proc: CPU time and memory of a process and its children. Linux only.
import { existsSync, readdirSync, readFileSync } from 'node:fs'

/** The kernel's USER_HZ, which is 100 on every architecture that Node runs on. */
const ticksPerSecond = 100

interface Stat {
  readonly pid: number
  readonly parent: number
  /** utime and stime: of the process, all threads, those that have ended too. In seconds. */
  readonly own: number
  /** cutime and cstime: of its children that have ended and were waited for. In seconds. */
  readonly ended: number
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return undefined // the process ended meanwhile
  }
}

function readStat(pid: number): Stat | undefined {
  const text = readText(`/proc/${pid}/stat`)
  if (text === undefined) return undefined
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ').map(Number) // the name before may hold spaces; field 3 is the first here
  const [parent = 0] = fields.slice(1)
  const [utime = 0, stime = 0, cutime = 0, cstime = 0] = fields.slice(11, 15)
  return { pid, parent, own: (utime + stime) / ticksPerSecond, ended: (cutime + cstime) / ticksPerSecond }
}

/** The process and all that descends from it. */
function treeOf(root: number): readonly Stat[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map((name) => readStat(Number(name))).filter((stat) => stat !== undefined)
  const tree = all.filter(({ pid }) => pid === root)
  for (const { pid } of tree) tree.push(...all.filter(({ parent }) => parent === pid)) // grows while it is walked: breadth first
  return tree
}

/**
 * What utime and stime say, to the nanosecond: these two are whole hundredths, and a hundredth lost in each of ten backends would be a
 * tenth of a short sample. Where the kernel keeps no such statistics, they have to do.
 */
function ownSeconds({ pid, own }: Stat): number {
  const threads = existsSync(`/proc/${pid}/task`) ? readdirSync(`/proc/${pid}/task`) : []
  const nanoseconds = threads.map((thread) => Number(readText(`/proc/${pid}/task/${thread}/schedstat`)?.split(' ')[0] ?? 0))
  return nanoseconds.reduce((sum, one) => sum + one, 0) / 1e9 || own
}

/** CPU time so far, in seconds: of the process, its children, and theirs, with those that have ended. */
export function cpuSeconds(pid: number): number {
  const tree = treeOf(pid)
  const seconds = tree.reduce((sum, stat) => sum + ownSeconds(stat) + stat.ended, 0)
  const now = treeOf(pid) // a child that ended in between was counted twice, or not at all
  return now.length === tree.length && now.every((stat, index) => stat.pid === tree[index]?.pid) ? seconds : cpuSeconds(pid)
}

/** Memory that is in use now, in MiB. */
export function residentMebibytes(pid: number): number {
  const kibibytes = treeOf(pid).map((stat) => Number(/VmRSS:\s+(\d+)/.exec(readText(`/proc/${stat.pid}/status`) ?? '')?.[1] ?? 0))
  return Math.round(kibibytes.reduce((sum, one) => sum + one, 0) / 1024)
}

/** The parent of a process here, such as a backend's postmaster; undefined when there is no such process on this machine. */
export const parentOf = (pid: number, name: string): number | undefined => (
  readText(`/proc/${pid}/comm`)?.trim() === name ? readStat(pid)?.parent : undefined
)
