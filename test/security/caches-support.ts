// Processes of their own that serve the store on a database of the run's PostgreSQL, and whose heap is measured.
import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { inject } from 'vitest'
import { administer } from '../support/databases.ts'

export interface StoreProcess {
  /** Sends a message, and gives the answer; rejects when the process ends. */
  ask<T>(message: object): Promise<T>
  close(): Promise<void>
}

/** Starts a file of this folder, which is given the URL of an empty database. */
export async function startProcess(file: string, heapMb?: number): Promise<StoreProcess> {
  const name = `caches_${randomBytes(6).toString('hex')}`
  await administer(`create database ${name}`)
  const url = new URL(inject('postgresUrl'))
  url.pathname = `/${name}`
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), ['', url.href], {
    execArgv: [
      '--conditions=source',
      '--expose-gc',
      ...(heapMb === undefined ? [] : [`--max-old-space-size=${heapMb}`]),
    ],
  })
  await next(child)
  return {
    async ask<T>(message: object) {
      const answer = next(child)
      child.send(message)
      return (await answer) as T // as the file sends it
    },
    async close() {
      child.kill('SIGKILL')
      await administer(`drop database ${name} with (force)`)
    },
  }
}

async function next(child: ChildProcess): Promise<unknown> {
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`The process has ended: ${String(code)} ${String(signal)}.`)
  })
  const [message] = (await Promise.race([once(child, 'message'), ended])) as [unknown]
  return message
}
