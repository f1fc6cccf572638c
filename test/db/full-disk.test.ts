// The embedded database on a disk that is full: writes are refused, no acknowledged write is lost, and room heals it.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, inject, onTestFinished, test, vi } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { openDatabase } from '../../src/db/open.ts'
import { Problem } from '../../src/errors.ts'

vi.setConfig({ testTimeout: 240_000 }) // while the disk is full, each call opens the folder again

const disk = mkdtempSync(join(tmpdir(), 'bifrons-disk-'))
const isMounted = mount()
afterAll(() => {
  if (isMounted) execFileSync('umount', ['-l', disk])
  rmSync(disk, { recursive: true, force: true })
})

/** A disk of 80 MB, of which a new database takes half. */
function mount(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=80m', 'tmpfs', disk], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const ask = (text: string) => ({ text, values: [] })
const open = (): Promise<Database> =>
  openDatabase({
    snapshot: inject('pgliteSnapshot'),
    url: `pglite:${join(disk, 'db')}`,
    poolMax: 1,
    statementTimeout: 10_000,
    lockTimeout: 1000,
    idleInTransactionTimeout: 5000,
    connectTimeout: 20_000,
  })

/** Leaves about a megabyte. */
function fill(): void {
  for (let i = 0; ; i += 1) {
    const { bavail, bsize } = statfsSync(disk)
    if (bavail * bsize < 2_000_000) return
    writeFileSync(join(disk, `ballast-${i}`), Buffer.alloc(1_000_000))
  }
}

function empty(): void {
  for (const name of readdirSync(disk)) if (name.startsWith('ballast')) rmSync(join(disk, name))
}

const ROW =
  "insert into kept (body) select string_agg(md5(random()::text), '') from generate_series(1, 3000)"
/** Takes room of the write-ahead log alone. */
const LOG = "select pg_logical_emit_message(false, 'x', repeat('x', 1000000))"

/** Undefined where it was done; any error but UNAVAILABLE fails the test. */
async function faultOf(running: Promise<unknown>): Promise<string | undefined> {
  try {
    await running
    return undefined
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    expect(error.code, String(error.cause)).toBe('UNAVAILABLE')
    return error.code
  }
}

async function untilRefused(database: Database, text: string): Promise<number> {
  for (let done = 0; done < 200; done += 1) {
    if ((await faultOf(database.query(ask(text)))) !== undefined) return done
  }
  throw new Error(`The disk was never full of: ${text}`)
}

describe.skipIf(!isMounted)('a full disk (not run where a tmpfs cannot be mounted)', () => {
  test.each([
    ['of tables', ROW],
    ['of the write-ahead log', LOG],
  ])('refuses writes with UNAVAILABLE and loses nothing: %s', async (_name, text) => {
    const database = await open()
    onTestFinished(async () => {
      empty()
      await database.close()
      rmSync(join(disk, 'db'), { recursive: true })
    })
    await database.query(ask('create table kept (body text)'))
    await database.query(ask(ROW))
    fill()
    const done = await untilRefused(database, text)
    let acknowledged = 1 + (text === ROW ? done : 0)
    for (let i = 0; i < 3; i += 1) {
      if ((await faultOf(database.query(ask(ROW)))) === undefined) acknowledged += 1
      await faultOf(database.query(ask('select count(*) from kept'))) // read, or UNAVAILABLE
      const both = database.transaction(async (tx) => {
        await tx.query(ask(ROW))
        await tx.query(ask(ROW))
      })
      if ((await faultOf(both)) === undefined) acknowledged += 2
    }
    empty()
    await expect.poll(() => faultOf(database.query(ask(ROW))), { timeout: 20_000 }).toBeUndefined()
    const count = async (from: Database) =>
      (await from.query(ask('select count(*) from kept'))).rows
    expect(await count(database)).toEqual([[String(acknowledged + 1)]])
  })
})
