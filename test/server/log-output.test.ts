// Log lines are collected, and written in time, completely and in order.
import { fastify } from 'fastify'
import { execFile } from 'node:child_process'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openLogOutput } from '../../src/server/log/log-output.ts'

/** A log into a file, and the pieces that it was written in. */
function openLog() {
  const folder = fs.mkdtempSync(join(tmpdir(), 'bifrons-log-'))
  const writes = vi.spyOn(fs, 'writeSync')
  onTestFinished(() => {
    writes.mockRestore()
    fs.rmSync(folder, { recursive: true })
  })
  const { log } = fastify({
    logger: {
      level: 'info',
      base: null,
      timestamp: false,
      stream: openLogOutput(join(folder, 'log')),
    },
  })
  const written = (): string[] =>
    writes.mock.calls.map(([, text]) => text).filter((text) => text !== '')
  return { log, written, text: () => fs.readFileSync(join(folder, 'log'), 'utf8') }
}

test('lines are collected and written together', () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const { log, written, text } = openLog()
  log.info('one')
  log.info('two')
  expect(text()).toBe('')
  vi.advanceTimersByTime(100)
  expect(text()).toBe('{"level":30,"msg":"one"}\n{"level":30,"msg":"two"}\n')
  vi.advanceTimersByTime(1000)
  expect(written()).toHaveLength(1)
})

test('an error is written at once, with the lines before it', () => {
  const { log, written, text } = openLog()
  log.warn('before')
  log.error('now')
  expect(text()).toBe('{"level":40,"msg":"before"}\n{"level":50,"msg":"now"}\n')
  expect(written()).toHaveLength(1)
})

test('an error that does not fit with the lines before it is written at once', () => {
  const { log, text } = openLog()
  log.info('x'.repeat(3000))
  log.error('y'.repeat(3000))
  log.error('z'.repeat(10_000))
  expect(
    text()
      .match(/[xyz]+"}\n/g)
      ?.map((end) => end.length),
  ).toEqual([3003, 3003, 10_003])
})

test('no write is longer than a pipe takes at once, and no line is cut', () => {
  const { log, written, text } = openLog()
  for (let i = 0; i < 100; i += 1) log.info({ text: 'é'.repeat(50) }, `${i}`)
  log.error('last')
  expect(Math.max(...written().map((piece) => Buffer.byteLength(piece)))).toBeLessThanOrEqual(4096)
  expect(written().length).toBeLessThan(6)
  expect(written().every((piece) => piece.endsWith('}\n'))).toBe(true)
  expect(text().match(/"msg":"\d+"/g)).toEqual(
    Array.from({ length: 100 }, (_, i) => `"msg":"${i}"`),
  )
})

test('a process that exits in any of its own ways has written all lines', async () => {
  const file = new URL('../../src/server/log/log-output.ts', import.meta.url).href
  for (const end of ['', 'process.exit(0)', 'throw new Error("end")']) {
    const script = `import { toStandardOutput } from '${file}'\nfor (let i = 0; i < 3; i += 1) toStandardOutput().write(i + '\\n')\n${end}`
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--input-type=module',
      '-e',
      script,
    ]).catch((error: { stdout: string }) => error)
    expect(stdout, end).toBe('0\n1\n2\n')
  }
})
