// Rows over the bound of an answer: the caller is answered at once, the statement is cancelled, and the connection serves on.
import { expect, test } from 'vitest'
import { boundAnswer } from '../../src/answer-bytes.ts'
import type { Database, RunOptions } from '../../src/db/database.ts'
import { onDatabase } from '../support/databases.ts'

const MAX_BYTES = 100_000
/** Ten seconds of rows; the bound is reached after a tenth of them. */
const slow = {
  text: `select repeat('x', 1000), pg_sleep(0.004) from generate_series(1, 1000) as too_many`,
  values: [],
}

const bounded = (): Pick<Required<RunOptions>, 'signal'> => {
  const { signal } = new AbortController()
  boundAnswer(signal, MAX_BYTES)
  return { signal }
}

const ways: Readonly<Record<string, (database: Database) => Promise<unknown>>> = {
  'a read': (database) => database.read(slow, ({ starts }) => starts.length, bounded()),
  'a query': (database) => database.query(slow, bounded()),
  'a transaction': (database) => database.transaction((tx) => tx.query(slow), bounded()),
}

onDatabase('postgres', (open) => {
  test.each(Object.entries(ways))('%s', async (_name, run) => {
    const database = await open({ poolMax: 1 })
    const begin = performance.now()
    await expect(run(database)).rejects.toMatchObject({ code: 'TOO_COMPLEX' })
    const { rows } = await database.query({ text: 'select 1', values: [] }) // on the one connection
    expect(rows).toEqual([['1']])
    expect(performance.now() - begin).toBeLessThan(3500)
  })

  test('statements beside it on the same connection get their rows', async () => {
    const database = await open({ poolMax: 1 })
    const huge = { text: `select repeat('x', 3000000)`, values: [] }
    const beside = { text: 'select 1', values: [] }
    const answers = await Promise.allSettled([
      database.read(huge, () => 'huge', bounded()),
      ...[1, 2, 3].map(() => database.read(beside, ({ starts }) => starts.length, bounded())),
    ])
    expect(
      answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : answer.reason.code)),
    ).toEqual(['TOO_COMPLEX', 1, 1, 1])
  })
})
