// Starts process.ts, as the lifecycle's tests do, for tests that keep its loop busy.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { inject } from 'vitest'

export interface Child {
  readonly process: ChildProcessWithoutNullStreams
  readonly output: () => string
  readonly exited: Promise<number | null>
}

const script = fileURLToPath(new URL('./process.ts', import.meta.url))

/** The embedded database in memory; a heap of 256 MB. */
export function startChild(env: Readonly<Record<string, string>>): Child {
  const child = spawn(
    process.execPath,
    ['--max-old-space-size=256', '--conditions=source', script, inject('pgliteSnapshot')],
    { env: { PATH: process.env['PATH'] ?? '', DATABASE_URL: 'pglite:memory', PORT: '0', ...env } },
  )
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += String(chunk)
    })
  const exited = once(child, 'exit').then(([code]) => code as number | null) // the event's first argument
  return { process: child, output: () => output, exited }
}

/** The URL that the child says behind a word. */
export async function urlOf(child: Child, word: 'listening' | 'admin'): Promise<string> {
  const found = (): string | undefined =>
    new RegExp(`${word} (http://\\S+)`).exec(child.output())?.[1]
  for (;;) {
    const url = found()
    if (url !== undefined) return url
    if (child.process.exitCode !== null) throw new Error(`It ended: ${child.output()}`)
    await delay(25)
  }
}
