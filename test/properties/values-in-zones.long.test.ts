// Values of every kind come back exactly, by both faces and from both databases, wherever in the world process and session are.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, inject, test } from 'vitest'
import { administer, createDatabase } from '../support/databases.ts'
import { inTier } from '../support/tier.ts'

const script = fileURLToPath(new URL('./zone-process.ts', import.meta.url))
const runs = Number(process.env['VALUES_RUNS'] ?? inTier({ short: 5, long: 50 }))
const seed = Number(process.env['VALUES_SEED'] ?? 2026)

interface Said {
  /** What the process's own clock is behind UTC in July 2026. */
  readonly minutes: number
  /** What differs, for each database. */
  readonly differences: readonly (string | null)[]
}

function inZone(zone: string, urls: readonly string[]): Promise<Said> {
  const child = fork(script, [inject('pgliteSnapshot'), String(runs), String(seed), ...urls], {
    execArgv: ['--conditions=source'],
    env: { PATH: process.env['PATH'] ?? '', TZ: zone },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  return new Promise((resolve, reject) => {
    let complaints = ''
    child.stderr?.on('data', (chunk) => {
      complaints += String(chunk)
    })
    child.on('message', (said) => resolve(said as Said)) // as the process says
    child.on('exit', (code) => reject(new Error(`The process ended with ${code}. ${complaints}`)))
  })
}

test.each([
  ['UTC', 0],
  ['America/New_York', -240],
  ['Asia/Kathmandu', 345],
])('in %s', { timeout: 180_000 }, async (zone, minutes) => {
  const [embedded, server] = [await createDatabase('pglite'), await createDatabase('postgres')]
  try {
    await administer(
      `alter database ${new URL(server.url).pathname.slice(1)} set timezone to '${zone}'`,
    )
    const said = await inZone(zone, [embedded.url, server.url])
    expect(said).toEqual({ minutes: minutes === 0 ? 0 : -minutes, differences: [null, null] })
  } finally {
    await server.drop()
  }
})
