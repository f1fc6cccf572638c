// Exports as streams: constant memory, short turns, slow and disconnected clients, errors after the first rows, other callers meanwhile.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { fileURLToPath } from 'node:url'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { openDatabase } from '../../src/db/open.ts'
import { createDatabase, eachDatabase, onDatabase } from '../support/databases.ts'
import type { Measured } from './export-process.ts'
import { fillReadings, relations, serveReadings } from './readings.ts'

const MEGABYTE = 1024 * 1024

/** All of an answer, chunk by chunk. */
async function readAll(
  url: string,
  accept: string,
  take: (chunk: Buffer) => void | Promise<void>,
): Promise<void> {
  const { body, status } = await fetch(url, { headers: { accept } })
  if (status !== 200 || body === null) throw new Error(`${url} answers ${status}.`)
  for await (const chunk of body) await take(Buffer.from(chunk))
}

const textOf = async (url: string, accept = 'text/csv'): Promise<string> =>
  (await fetch(url, { headers: { accept } })).text()

/** An answer of which nothing is read. */
function openUnread(url: string): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  get(url, { headers: { accept: 'application/x-ndjson' }, agent: false }, resolve).on(
    'error',
    reject,
  )
  return promise
}

describe('in a process of its own', () => {
  const script = fileURLToPath(new URL('./export-process.ts', import.meta.url))
  const children: ChildProcess[] = []
  const cleanups: (() => Promise<void>)[] = []
  afterAll(async () => {
    for (const child of children) {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    }
    for (const cleanUp of cleanups) await cleanUp()
  })

  async function start(
    url: string,
    ...fill: string[]
  ): Promise<{ readonly url: string; readonly measure: () => Promise<Measured> }> {
    const child = fork(script, [inject('pgliteSnapshot'), ...fill], {
      execArgv: ['--conditions=source'],
      env: { PATH: process.env['PATH'] ?? '', DATABASE_URL: url },
    })
    children.push(child)
    const message = async (): Promise<unknown> => {
      const [said] = (await once(child, 'message')) as unknown[]
      return said
    }
    const listening = String(await message())
    return {
      url: listening,
      async measure() {
        const said = message()
        child.send('measure')
        return (await said) as Measured // the process sends this type
      },
    }
  }

  async function measureExport(
    server: Awaited<ReturnType<typeof start>>,
    accept: string,
    rows: number,
  ): Promise<Measured & { readonly idle: number }> {
    const url = `${server.url}?fields=id,sensor,value,takenAt,note`
    for (let times = 0; times < 3; times += 1) await readAll(`${url}&limit=2000`, accept, () => {}) // compiled, and its pools are there
    await delay(200)
    const { rss: idle } = await server.measure()
    let lines = 0
    let last = Buffer.alloc(0)
    await readAll(url, accept, (chunk) => {
      for (let at = chunk.indexOf(0x0a); at !== -1; at = chunk.indexOf(0x0a, at + 1)) lines += 1
      last = Buffer.concat([last, chunk]).subarray(-300)
    })
    const measured = await server.measure()
    expect(lines).toBe(rows + (accept === 'text/csv' ? 1 : 0))
    expect(last.toString()).toContain(`sensor ${rows % 97}`)
    return { ...measured, idle }
  }

  /** A full garbage collection, or growth of the embedded database, falls into one turn of one run; the export's own cost is in every run. */
  async function within(measure: () => ReturnType<typeof measureExport>): Promise<void> {
    const least = { memory: Infinity, turn: Infinity }
    for (let times = 0; times < 3 && (least.memory >= 100 || least.turn >= 10); times += 1) {
      const { peak, idle, longestTurn } = await measure()
      least.memory = Math.min(least.memory, (peak - idle) / MEGABYTE)
      least.turn = Math.min(least.turn, longestTurn)
    }
    expect(least.memory).toBeLessThan(100)
    expect(least.turn).toBeLessThan(10)
  }

  test(
    '200,000 rows of PostgreSQL take less than 100 MB, and turns of less than 10 ms',
    { timeout: 180_000 },
    async () => {
      const { url, drop } = await createDatabase('postgres')
      cleanups.push(drop)
      const database = await openDatabase({
        url,
        poolMax: 1,
        statementTimeout: 60_000,
        lockTimeout: 2000,
        idleInTransactionTimeout: 10_000,
        connectTimeout: 2000,
      })
      await fillReadings(database, 200_000)
      await database.close()
      const server = await start(url)
      for (const accept of ['text/csv', 'application/x-ndjson'])
        await within(() => measureExport(server, accept, 200_000))
    },
  )

  test('10,000 rows of PGlite stay within the same bounds', { timeout: 180_000 }, async () => {
    const server = await start('pglite:memory', '10000')
    await within(() => measureExport(server, 'text/csv', 10_000))
  })
})

/** A table's text in one line of CSV each, without the header. */
const idsOf = (csv: string): readonly number[] =>
  csv
    .trimEnd()
    .split('\r\n')
    .slice(1)
    .map((line) => Number(line.split(',', 1)[0]))

const ROWS = 1000

onDatabase('postgres', (open) => {
  let database: Database
  let server: Awaited<ReturnType<typeof serveReadings>>
  beforeAll(async () => {
    database = await open({ relations, poolMax: 4, idleInTransactionTimeout: 1000 })
    await fillReadings(database, ROWS)
    server = await serveReadings(database, {
      REQUEST_TIMEOUT: '1000',
      STATEMENT_TIMEOUT: '900',
      EXPORT_TIMEOUT: '8000',
    })
  })
  afterAll(() => server.app.close())

  /** The states of sessions that have a cursor. */
  const cursors = async (): Promise<readonly string[]> => {
    const { rows } = await database.query({
      values: [],
      text: `select state from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
      and state <> 'idle' and query ~ '^(fetch|declare|BEGIN)'`,
    })
    return rows.map(([state]) => state ?? '')
  }
  const gone = () => expect.poll(cursors, { interval: 10, timeout: 5000 }).toEqual([])

  test('a caller who disconnects ends the statement in the database', async () => {
    const leaving = new AbortController()
    const { body } = await fetch(`${server.url}?fields=id,slow`, {
      headers: { accept: 'text/csv' },
      signal: leaving.signal,
    })
    const reader = body?.getReader()
    await reader?.read()
    await expect.poll(cursors, { interval: 10 }).toEqual(['active'])
    leaving.abort()
    await gone()
    await expect(reader?.read()).rejects.toThrow()
    expect(await textOf(`${server.url}?fields=id&limit=1`)).toBe('id\r\n1\r\n')
    expect(server.log.join('')).not.toContain('defect')
  })

  test('may take longer than a request, but not longer than EXPORT_TIMEOUT', async () => {
    const slow = `${server.url}?fields=id,slow`
    expect(idsOf(await textOf(`${slow}&limit=150`))).toHaveLength(150) // 1.5 s, in fetches of 0.5 and 1
    const quick = await serveReadings(database, {
      REQUEST_TIMEOUT: '1000',
      STATEMENT_TIMEOUT: '900',
      EXPORT_TIMEOUT: '700',
    })
    await expect(textOf(`${quick.url}?fields=id,slow`)).rejects.toThrow()
    await gone()
    expect(quick.log.join('')).toContain('"code":"TIMEOUT"')
    await quick.app.close()
  })

  test('an error after the first rows cuts the stream, and is logged', async () => {
    for (const accept of ['text/csv', 'application/x-ndjson'])
      await expect(textOf(`${server.url}?fields=id,broken&sort=id`, accept)).rejects.toThrow()
    expect(server.log.filter((line) => line.includes('"22012"')).length).toBeGreaterThan(0)
    await gone()
  })

  test('an error before the first row is a status', async () => {
    const { status, headers } = await fetch(`${server.url}?fields=id,broken&sort=-id&offset=90`, {
      headers: { accept: 'text/csv' },
    })
    expect([status, headers.get('content-type')]).toEqual([422, 'application/problem+json'])
    await gone()
  })

  test('the rows are from one snapshot', async () => {
    const { body } = await fetch(`${server.url}?fields=id,sensor,slow&id[lte]=150`, {
      headers: { accept: 'text/csv' },
    })
    const reader = body?.getReader()
    let text = Buffer.from((await reader?.read())?.value ?? []).toString()
    await database.query({ text: 'delete from readings where id = 149', values: [] })
    await database.query({
      text: 'update readings set sensor = $1 where id = 150',
      values: ['changed'],
    })
    for (
      let read = await reader?.read();
      read !== undefined && !read.done;
      read = await reader?.read()
    )
      text += Buffer.from(read.value).toString()
    expect(idsOf(text)).toEqual(Array.from({ length: 150 }, (_, i) => i + 1))
    expect(text).not.toContain('changed')
  })

  test('at most half of the connections run exports, further ones get 503, and lists are still served', async () => {
    const many = `${server.url}?fields=id,slow&limit=100`
    const [one, two] = [textOf(many), textOf(many)]
    await expect.poll(cursors).toHaveLength(2)
    const third = await fetch(many, { headers: { accept: 'text/csv' } })
    expect([third.status, third.headers.get('retry-after'), await third.json()]).toMatchObject([
      503,
      '5',
      { code: 'UNAVAILABLE', detail: 'At most 2 exports run at a time. Try again.' },
    ])
    expect((await fetch(`${server.url}?fields=id`)).status).toBe(200)
    expect(idsOf(await one)).toEqual(idsOf(await two))
    expect(idsOf(await textOf(`${server.url}?fields=id`)).length).toBeGreaterThan(ROWS - 2)
  })

  test('HEAD leaves no cursor behind', async () => {
    expect(
      (await fetch(`${server.url}?fields=id`, { method: 'HEAD', headers: { accept: 'text/csv' } }))
        .status,
    ).toBe(200)
    await gone()
  })
})

onDatabase('postgres', (open) => {
  test(
    'a client that stops reading holds neither memory nor a connection, and never gets a complete answer',
    { timeout: 60_000 },
    async () => {
      const database = await open({
        relations,
        poolMax: 2,
        idleInTransactionTimeout: 500,
        statementTimeout: 20_000,
      })
      await fillReadings(database, 100_000)
      const { app, url } = await serveReadings(database)
      const unread = await openUnread(`${url}?fields=id,sensor,takenAt,note,value`)
      const busy = async () =>
        (
          await database.query({
            text: "select 1 from pg_stat_activity where datname = current_database() and state <> 'idle' and pid <> pg_backend_pid()",
            values: [],
          })
        ).rows.length
      await expect.poll(busy).toBe(1)
      await expect.poll(busy, { timeout: 5000 }).toBe(0)
      expect(idsOf(await textOf(`${url}?fields=id&limit=3`))).toEqual([1, 2, 3])
      const { promise, resolve } = Promise.withResolvers<boolean>()
      unread
        .on('aborted', () => resolve(false))
        .on('error', () => resolve(false))
        .on('end', () => resolve(unread.complete))
        .resume()
      expect(await promise).toBe(false)
      await app.close()
    },
  )
})

eachDatabase((kind, open) => {
  test(
    'an export from the embedded database takes turns with other requests',
    { timeout: 120_000 },
    async () => {
      const database = await open({ relations })
      await fillReadings(database, 20_000)
      const { app, url } = await serveReadings(database)
      const askList = async (): Promise<void> => {
        // read to its end: a connection in use holds the server's close
        const list = await fetch(`${url}?fields=id&limit=1`)
        expect(list.status).toBe(200)
        await list.text()
      }
      await askList() // planned and connected
      const exporting = { over: false }
      const whole = textOf(`${url}?fields=id,sensor&sort=-sensor`).finally(() => {
        exporting.over = true
      })
      let answered = -1 // the last one may end behind it
      for (; !exporting.over; answered += 1) await askList()
      const ids = idsOf(await whole)
      expect(new Set(ids).size).toBe(20_000)
      expect(ids).toHaveLength(20_000)
      expect(answered, kind).toBeGreaterThan(0)
      await app.close()
    },
  )

  test(
    "an export from the embedded database has the list's rows in every order",
    { timeout: 120_000 },
    async () => {
      const database = await open({ relations })
      await fillReadings(database, 300)
      const { app, url } = await serveReadings(database)
      const query = async (path: string): Promise<readonly { readonly id: number }[]> => {
        const { data, page } = (await (await fetch(path)).json()) as {
          data: readonly { id: number }[]
          page: { next: string | null }
        } // a page
        return page.next === null
          ? data
          : [...data, ...(await query(`${path.replace(/&after=.*/, '')}&after=${page.next}`))]
      }
      for (const list of [
        'sort=sensor,-value',
        'sort=-note:nullsLast,id',
        'sort=note:nullsFirst',
        'sort=same.count,-takenAt',
        'distinctOn=sensor&sort=sensor,-id',
        'distinctOn=note&sort=-note',
        'search=say&sort=-id',
        'search=say',
      ]) {
        expect(idsOf(await textOf(`${url}?fields=id&${list}`)), list).toEqual(
          (await query(`${url}?fields=id&limit=100&${list}`)).map(({ id }) => id),
        )
      }
      for (const related of ['', '?sort=-value&distinctOn=value'])
        expect(idsOf(await textOf(`${url}/7/same${related}`)), related).toEqual([7])
      await app.close()
    },
  )

  test('a caller who stops reading is cut, and the place is free again', async () => {
    const database = await open({ relations })
    await fillReadings(database, 20)
    await database.query({ text: 'update readings set note = repeat($1, 800000)', values: ['x'] })
    const { app, url, log } = await serveReadings(
      database,
      {},
      { perAccount: 1, stalledAfter: 300 },
    )
    const unread = await openUnread(url)
    const status = async () => {
      const { status: one, body } = await fetch(`${url}?limit=1`, {
        headers: { accept: 'text/csv' },
      })
      await body?.cancel()
      return one
    }
    expect(await status()).toBe(429)
    await expect.poll(status, { timeout: 5000 }).toBe(200)
    expect(log.join('')).toContain('"code":"TIMEOUT"')
    unread.destroy()
    await app.close()
  })

  test('a long row is fetched alone', async () => {
    const database = await open({ relations })
    await fillReadings(database, 400)
    await database.query({
      text: 'update readings set note = repeat($1, 30000) where id % 50 = 0',
      values: ['é"\n'],
    })
    const { app, url } = await serveReadings(database)
    const rows = (await textOf(`${url}?fields=id,note`, 'application/x-ndjson'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: number; note: string | null })
    expect(rows.map(({ id }) => id)).toEqual(Array.from({ length: 400 }, (_, i) => i + 1))
    expect(rows.filter(({ note }) => note === 'é"\n'.repeat(30_000))).toHaveLength(8)
    await app.close()
  })
})
