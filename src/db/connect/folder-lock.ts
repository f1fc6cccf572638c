// One process per folder: two PGlites on one folder silently lose each other's rows. A lock file beside the folder names its holder.
import {
  linkSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { Problem } from '../../errors.ts'

export interface FolderLock {
  release(): void
}

/** Who holds a folder. A pid alone is not enough: it is given to others later, and every container has its own 1. */
interface Holder {
  readonly pid: number
  readonly host: string
  /** What tells this process from a later one with the same pid; null where the system does not say. */
  readonly birth: string | null
  /** Tells two attempts of the same process apart. */
  readonly token: string
}

/** The holder touches its file that often; from another host, a file untouched for ten times as long is abandoned. */
const HEARTBEAT = 3000
/** Long enough to see another process that took the same abandoned lock at the same moment. */
const SETTLE_MS = 100

/** Locks `folder` (an absolute path) by the file `folder.lock`, or throws UNAVAILABLE naming the process that has it. */
export async function lockFolder(
  folder: string,
  onError: (error: unknown) => void,
): Promise<FolderLock> {
  const file = `${folder}.lock`
  const me: Holder = {
    pid: process.pid,
    host: hostname(),
    birth: birthOf(process.pid),
    token: crypto.randomUUID(),
  }
  const draft = `${file}.${me.token}`
  writeFileSync(draft, JSON.stringify(me))
  try {
    await takeLock({ file, draft, folder, token: me.token })
  } finally {
    rmSync(draft, { force: true })
  }
  return keepLock(file, me.token, onError)
}

interface Attempt {
  readonly file: string
  readonly draft: string
  readonly folder: string
  readonly token: string
}

async function takeLock({ file, draft, folder, token }: Attempt): Promise<void> {
  if (linked(draft, file)) return
  const holder = readHolder(file)
  if (holder !== null && isAlive(holder, file)) throw inUse(folder, holder, file)
  renameSync(draft, file)
  await sleep(SETTLE_MS)
  const winner = readHolder(file)
  if (winner !== null && winner.token !== token) throw inUse(folder, winner, file)
}

/** Makes the lock with its content in one step; false when there is one already. */
function linked(draft: string, file: string): boolean {
  try {
    linkSync(draft, file)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

function keepLock(file: string, token: string, onError: (error: unknown) => void): FolderLock {
  const beat = setInterval(() => {
    try {
      utimesSync(file, new Date(), new Date())
    } catch (error) {
      onError(error) // it was removed: another process may open the folder now
    }
  }, HEARTBEAT)
  beat.unref()
  const release = (): void => {
    clearInterval(beat)
    process.off('exit', release)
    if (readHolder(file)?.token === token) rmSync(file, { force: true })
  }
  process.on('exit', release)
  return { release }
}

/** The holder that the file names; null for a file that is not there, or was not written whole. */
function readHolder(file: string): Holder | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder // written by lockFolder, whole or not at all
  } catch {
    return null
  }
}

function isAlive(holder: Holder, file: string): boolean {
  if (holder.host !== hostname()) return Date.now() - statSync(file).mtimeMs < HEARTBEAT * 10
  if (holder.birth !== null) return birthOf(holder.pid) === holder.birth
  try {
    process.kill(holder.pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM' // it lives, and belongs to another user
  }
}

/** On Linux: which boot, and when in it the process began (field 22 of /proc/PID/stat, behind the name in parentheses). */
function birthOf(pid: number): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state = '', ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (state === 'Z' || state === 'X') return null // it has ended, and its parent has not asked for its exit code yet
    return `${boot} ${fields[18] ?? ''}`
  } catch {
    return null
  }
}

const inUse = (folder: string, holder: Holder, file: string): Problem =>
  new Problem(
    'UNAVAILABLE',
    `The folder ${folder} of the embedded database is in use by process ${holder.pid} on ${holder.host}. ` +
      `Stop that process, or use another folder. (If there is no such process, delete ${file}.)`,
  )
