// A process that serves exports and reports their cost: its memory and the longest turn of its event loop.
import { openDatabase } from '../../src/db/open.ts'
import { fillReadings, relations, serveReadings } from './readings.ts'

/** The figures between two messages, in bytes and milliseconds. */
export interface Measured {
  readonly rss: number
  readonly peak: number
  /** By the thread's own CPU time, so that other load of the machine does not count. */
  readonly longestTurn: number
}

const database = await openDatabase({
  url: process.env['DATABASE_URL'] ?? '',
  snapshot: process.argv[2] ?? '',
  poolMax: 4,
  relations,
  statementTimeout: 5000,
  lockTimeout: 2000,
  idleInTransactionTimeout: 10_000,
  connectTimeout: 2000,
})
if (process.argv[3] !== undefined) await fillReadings(database, Number(process.argv[3])) // an embedded one of its own
const { url } = await serveReadings(database, { LOG_LEVEL: 'silent' })

let peak = 0
let longestTurn = 0
let last = process.threadCpuUsage()
const turn = (): void => {
  const now = process.threadCpuUsage()
  longestTurn = Math.max(longestTurn, (now.user - last.user + now.system - last.system) / 1000)
  last = process.threadCpuUsage()
  setImmediate(turn)
}
turn()
setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss())
}, 5)
process.on('message', () => {
  const measured: Measured = { rss: process.memoryUsage.rss(), peak, longestTurn }
  peak = 0
  longestTurn = 0
  process.send?.(measured)
})
process.send?.(url)
