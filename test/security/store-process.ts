// A process that serves the store, for tests with a small heap.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { openStore } from './support.ts'

const CLEAR = '/proc/self/clear_refs'

/** Begins a new peak of resident memory (proc_pid_clear_refs(5)). Where the system has none, the peak is that of all time. */
function collect(): void {
  globalThis.gc?.()
  if (existsSync(CLEAR)) writeFileSync(CLEAR, '5')
}

const peakOf = (): number =>
  existsSync(CLEAR)
    ? Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024
    : process.resourceUsage().maxRSS * 1024

const store = await openStore({}, process.argv[2])
process.on('message', (what) => {
  if (what === 'collect') collect()
  process.send?.({ resident: process.memoryUsage.rss(), peak: peakOf() })
})
process.send?.({
  url: await store.app.listen({ port: 0, host: '127.0.0.1' }),
  token: store.staff,
  resident: 0,
  peak: 0,
})
