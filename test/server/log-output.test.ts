// Log lines are gathered, and written in time, whole and in order.
import { fastify } from 'fastify'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test, vi } from 'vitest'
import { openLogOutput } from '../../src/server/log/log-output.ts'

function openLog() {
  const written: string[] = []
  const { log } = fastify({ logger: { level: 'info', base: null, timestamp: false, stream: openLogOutput((text) => written.push(text)) } })
  return { log, written }
}

test('lines are written together, a moment later', () => {
  vi.useFakeTimers()
  const { log, written } = openLog()
  log.info('one')
  log.info('two')
  expect(written).toEqual([])
  vi.advanceTimersByTime(100)
  expect(written).toEqual(['{"level":30,"msg":"one"}\n{"level":30,"msg":"two"}\n'])
  vi.advanceTimersByTime(1000)
  expect(written).toHaveLength(1)
  vi.useRealTimers()
})

test('an error is written at once, with what came before it', () => {
  const { log, written } = openLog()
  log.warn('before')
  log.error('now')
  expect(written).toEqual(['{"level":40,"msg":"before"}\n{"level":50,"msg":"now"}\n'])
})

test('no piece is longer than a pipe takes at once, and no line is cut', () => {
  const { log, written } = openLog()
  for (let i = 0; i < 100; i += 1) log.info({ text: 'x'.repeat(100) }, `${i}`)
  log.error('last')
  expect(Math.max(...written.map((text) => text.length))).toBeLessThanOrEqual(4096)
  expect(written.length).toBeLessThan(6)
  expect(written.every((text) => text.endsWith('}\n'))).toBe(true)
  expect(written.join('').match(/"msg":"\d+"/g)).toEqual(Array.from({ length: 100 }, (_, i) => `"msg":"${i}"`))
})

test('a process that ends in any way of its own has written everything', async () => {
  const file = new URL('../../src/server/log/log-output.ts', import.meta.url).href
  for (const end of ['', 'process.exit(0)', 'throw new Error("end")']) {
    const script = `import { toStandardOutput } from '${file}'\nfor (let i = 0; i < 3; i += 1) toStandardOutput().write(i + '\\n')\n${end}`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]).catch((error: { stdout: string }) => error)
    expect(stdout, end).toBe('0\n1\n2\n')
  }
})
