// What processes cost, from /proc: CPU time and memory of a process and its children. Linux only.
import { existsSync, readdirSync, readFileSync } from 'node:fs'

/** The kernel's USER_HZ, which is 100 on every architecture that Node runs on. */
const ticksPerSecond = 100

interface Stat {
  readonly pid: number
  readonly parent: number
  /** utime and stime: of the process, all threads, those that have ended too. In seconds. */
  readonly own: number
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
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number) // the name before may hold spaces; field 3 is the first here
  const [parent = 0] = fields.slice(1)
  const [utime = 0, stime = 0] = fields.slice(11, 13)
  return { pid, parent, own: (utime + stime) / ticksPerSecond }
}

/** The process and all that descends from it. */
function treeOf(root: number): readonly Stat[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readStat(Number(name)))
    .filter((stat) => stat !== undefined)
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
  const nanoseconds = threads.map((thread) =>
    Number(readText(`/proc/${pid}/task/${thread}/schedstat`)?.split(' ')[0] ?? 0),
  )
  return nanoseconds.reduce((sum, one) => sum + one, 0) / 1e9 || own
}

/** CPU time so far, in seconds, by process: of this one, its children, and theirs. */
export type CpuTimes = ReadonlyMap<number, number>

export const cpuTimes = (pid: number): CpuTimes =>
  new Map(treeOf(pid).map((stat) => [stat.pid, ownSeconds(stat)]))

/**
 * CPU time between two looks, in seconds. What a process that has ended since has used is in its parent's count of children, but in whole
 * hundredths, which for one of many short turns is far from what it was: it is left out.
 */
export const cpuBetween = (before: CpuTimes, after: CpuTimes): number =>
  [...after].reduce((sum, [pid, seconds]) => sum + Math.max(0, seconds - (before.get(pid) ?? 0)), 0)

/** Memory that is in use now, in MiB. */
export function residentMebibytes(pid: number): number {
  const kibibytes = treeOf(pid).map((stat) =>
    Number(/VmRSS:\s+(\d+)/.exec(readText(`/proc/${stat.pid}/status`) ?? '')?.[1] ?? 0),
  )
  return Math.round(kibibytes.reduce((sum, one) => sum + one, 0) / 1024)
}

/** The parent of a process here, such as a backend's postmaster; undefined when there is no such process on this machine. */
export const parentOf = (pid: number, name: string): number | undefined =>
  readText(`/proc/${pid}/comm`)?.trim() === name ? readStat(pid)?.parent : undefined
