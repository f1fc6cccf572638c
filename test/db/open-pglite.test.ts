// The embedded database: in its own thread, which is ended and opened again when a statement hangs, with one process for each folder.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, symlink } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, inject, it, onTestFinished, vi } from 'vitest'
import type { DatabaseOptions } from '../../src/db/database.ts'
import { openDatabase } from '../../src/db/open.ts'
import { onDatabase } from '../support/databases.ts'

const ask = (text: string) => ({ text, values: [] })
const newFolder = async () => join(await mkdtemp(join(tmpdir(), 'bifrons-folder-')), 'deep', 'data')
/** pg_sleep blocks PGlite's thread as any long statement does. */
const HANG = 'select pg_sleep(60)'

const openFolder = (folder: string, options: Partial<DatabaseOptions> = {}) =>
  openDatabase({
    snapshot: inject('pgliteSnapshot'),
    url: `pglite:${folder}`,
    poolMax: 1,
    statementTimeout: 5000,
    lockTimeout: 1000,
    idleInTransactionTimeout: 5000,
    connectTimeout: 5000,
    ...options,
  })

onDatabase('pglite', (open) => {
  it('does not block this process while it works', async () => {
    const database = await open()
    let ticks = 0
    const timer = setInterval(() => {
      ticks += 1
    }, 10)
    await database.query(ask('select pg_sleep(2)'))
    clearInterval(timer)
    expect(ticks).toBeGreaterThan(50)
  })

  it('answers UNAVAILABLE when its connection is not released in time', async () => {
    const database = await open({ connectTimeout: 200 })
    const holding = database.transaction(async (tx) => {
      await tx.query(ask('create table held (id int)'))
      await sleep(600)
    })
    await expect(database.query(ask('select 1'))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      headers: { 'retry-after': '1' },
    })
    await holding
    expect((await database.query(ask('select count(*) from held'))).rows).toEqual([['0']])
  })

  it('answers an aborted caller at once, without ending the thread that others use', async () => {
    const database = await open()
    await database.query(ask('create table kept (id int)'))
    const start = Date.now()
    await expect(
      database.query(ask('select pg_sleep(1)'), { signal: AbortSignal.timeout(100) }),
    ).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect(Date.now() - start).toBeLessThan(700)
    const cut = database.transaction(
      async (tx) => {
        await tx.query(ask('insert into kept values (1)'))
        await tx.query(ask('select pg_sleep(0.5)'))
      },
      { signal: AbortSignal.timeout(1200) },
    )
    await expect(cut).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect((await database.query(ask('select count(*) from kept'))).rows).toEqual([['0']])
  })

  it('ends a read that runs on after its caller has left, at its deadline', async () => {
    const database = await open({ statementTimeout: 600, connectTimeout: 10_000 })
    const left = database.read(ask(HANG), () => null, { signal: AbortSignal.timeout(100) })
    await expect(left).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect((await database.query(ask('select 1'))).rows).toEqual([['1']])
  })

  it('ends a transaction that is idle for too long', async () => {
    const database = await open({ idleInTransactionTimeout: 150 })
    const idle = database.transaction(async (tx) => {
      await tx.query(ask('create table never (id int)'))
      await sleep(1500)
    })
    await expect(idle).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect((await database.query(ask("select to_regclass('never')"))).rows).toEqual([[null]])
  })

  it('warns at start that data is in memory, and reports when it was lost', async () => {
    const notices: string[] = []
    const database = await open({
      statementTimeout: 300,
      connectTimeout: 10_000,
      onNotice: (notice) => notices.push(notice),
    })
    expect(notices).toEqual([expect.stringMatching(/in memory.*gone.*timeout of 300 ms/)])
    await database.query(ask('create table lost (id int)'))
    await expect(database.query(ask(HANG))).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect((await database.query(ask("select to_regclass('lost')"))).rows).toEqual([[null]])
    expect(notices[1]).toMatch(/was lost/)
  })
})

describe('a folder', () => {
  it('keeps its rows over a hanging statement and over a restart', async () => {
    const folder = await newFolder()
    const first = await openFolder(folder, { statementTimeout: 1000, connectTimeout: 20_000 })
    await first.query(ask('create table kept (id int)'))
    await first.query(ask('insert into kept values (1)'))
    await expect(first.query(ask(HANG))).rejects.toMatchObject({ code: 'TIMEOUT' })
    await first.query(ask('insert into kept values (2)'))
    const hanging = first.transaction(async (tx) => {
      await tx.query(ask('insert into kept values (3)'))
      await tx.query(ask(HANG))
    })
    await expect(hanging).rejects.toMatchObject({ code: 'TIMEOUT' })
    await first.close()
    const again = await openFolder(folder)
    expect((await again.query(ask('select id from kept order by id'))).rows).toEqual([['1'], ['2']])
    await again.close()
    expect(await readdir(dirname(folder))).toEqual(['data'])
  })

  it('that cannot be opened again is UNAVAILABLE, as on a full disk, until it can', async () => {
    const folder = await newFolder()
    const errors: unknown[] = []
    const database = await openFolder(folder, {
      statementTimeout: 500,
      connectTimeout: 20_000,
      onError: (error) => errors.push(error),
    })
    onTestFinished(() => database.close())
    await database.query(ask('create table kept (id int)'))
    const control = join(folder, 'global/pg_control')
    renameSync(control, `${control}-away`)
    await expect(database.query(ask(HANG))).rejects.toMatchObject({ code: 'TIMEOUT' })
    for (const statement of ['select id from kept', 'insert into kept values (1)'])
      await expect(database.query(ask(statement))).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        headers: { 'retry-after': '1' },
        message: 'The database is not available just now. Try again.',
      })
    expect(errors.length).toBeGreaterThan(0)
    renameSync(`${control}-away`, control)
    expect((await database.query(ask('select id from kept'))).rows).toEqual([])
  })

  it(
    'is refused to a second process under each of its names, until the first is killed',
    { timeout: 90_000 },
    async () => {
      const folder = await newFolder()
      const holder = await holdInAnotherProcess(folder)
      const link = `${dirname(folder)}-link`
      await symlink(folder, link)
      const refusal = new RegExp(`${folder} .*is in use by process ${holder.pid}`)
      await expect(openFolder(folder)).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: refusal,
      })
      await expect(openFolder(link)).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: refusal,
      })
      holder.kill('SIGKILL')
      await once(holder, 'exit')
      expect(existsSync(`${folder}.lock`)).toBe(true)
      const database = await openFolder(folder)
      expect((await database.query(ask('select id from acknowledged'))).rows).toEqual([['1']])
      await expect(openFolder(folder)).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: new RegExp(`process ${process.pid} `),
      })
      await database.close()
    },
  )

  it('is unlocked when its process ends by itself', async () => {
    const folder = await newFolder()
    const holder = await holdInAnotherProcess(folder)
    holder.stdin.end() // it waits for this
    await once(holder, 'exit')
    expect(existsSync(`${folder}.lock`)).toBe(false)
  })

  it('is not held by a dead process whose id was reused, nor by a host that is gone', async () => {
    const folder = await newFolder()
    const database = await openFolder(folder)
    await database.close()
    const lock = (holder: object) =>
      writeFileSync(`${folder}.lock`, JSON.stringify({ token: 't', ...holder }))
    lock({ pid: process.pid, host: hostname(), birth: 'another boot 1' })
    await (await openFolder(folder)).close()
    lock({ pid: 1, host: 'another-host', birth: null })
    await expect(openFolder(folder)).rejects.toMatchObject({ message: /process 1 on another-host/ })
    const longAgo = new Date(Date.now() - 60_000) // its holder would have touched it since
    utimesSync(`${folder}.lock`, longAgo, longAgo)
    await (await openFolder(folder)).close()
  })

  it('is not held by a zombie: a process that was killed and that its parent has not reaped', async () => {
    const folder = await newFolder()
    const parent = spawn('sh', ['-c', 'sleep 1 & echo $!; exec sleep 30'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void parent.kill('SIGKILL'))
    const [line] = (await once(parent.stdout, 'data')) as [Buffer] // the id of its child
    await mkdir(folder, { recursive: true })
    const pid = Number(line.toString())
    const fields = (): readonly string[] => {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    }
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const holder = { pid, host: hostname(), birth: `${boot} ${fields()[19]}`, token: 't' }
    writeFileSync(`${folder}.lock`, JSON.stringify(holder))
    await expect(openFolder(folder)).rejects.toMatchObject({ message: /in use by process/ })
    await vi.waitFor(() => expect(fields()[0]).toBe('Z'), { timeout: 5000 })
    await (await openFolder(folder)).close()
  })

  it('with files of others in it is refused before anything is written, and an empty one is not', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bifrons-foreign-'))
    const names = ['a.txt', 'b.txt', 'c.txt', 'd.txt', 'e.txt', 'f.txt', 'g.txt']
    for (const name of names) writeFileSync(join(folder, name), name)
    await expect(openFolder(folder)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: `The folder ${folder} has other files in it (a.txt, b.txt, c.txt, d.txt, e.txt and 2 more) and is no embedded database. Name an empty folder or one that does not exist.`,
    })
    expect((await readdir(folder)).toSorted()).toEqual(names)
    expect(existsSync(`${folder}.lock`)).toBe(false)
    for (const name of names) rmSync(join(folder, name))
    await mkdir(join(folder, 'lost+found')) // as in the root of a volume
    await (await openFolder(folder)).close()
    await (await openFolder(folder)).close() // its own files now
  })

  it('that is unusable is refused with the reason', async () => {
    await expect(openFolder('/dev/null/data')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: /\/dev\/null\/data .*ENOTDIR/,
    })
    await expect(openFolder('/proc/x/db')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: /\/proc\/x\/db .*ENOENT/,
    })
  })
})

async function holdInAnotherProcess(folder: string) {
  const script = `
    import { openDatabase } from '${new URL('../../src/db/open.ts', import.meta.url).href}'
    const database = await openDatabase({ url: 'pglite:${folder}', poolMax: 1, statementTimeout: 5000, lockTimeout: 1000,
      idleInTransactionTimeout: 5000, connectTimeout: 5000 })
    await database.query({ text: 'create table acknowledged as select 1 as id', values: [] })
    process.stdout.write('open')
    process.stdin.on('data', () => {}).on('end', () => process.exit())`
  const holder = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await once(holder.stdout, 'data')
  return holder
}
