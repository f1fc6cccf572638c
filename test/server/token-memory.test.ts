// The cache of verified tokens: bounded in number and time, and never past a token's expiry.
import { expect, test } from 'vitest'
import { buildTokenMemory, type Clocks } from '../../src/server/auth/token-cache.ts'
import type { Caller } from '../../src/schema/declare/caller.ts'

const clockAt = (now: () => number): Clocks => ({ date: now, monotonic: now })

const caller = (id: string): Caller => ({ via: 'jwt', id, roles: [], claims: {} })

test('a token is forgotten when it expires, and after a minute in any case', () => {
  let now = 1_000_000
  const memory = buildTokenMemory(clockAt(() => now))
  memory.remember('short', caller('jane'), 1010)
  memory.remember('long', caller('joe'), 9999)
  expect([memory.recall('short')?.id, memory.recall('long')?.id, memory.recall('other')]).toEqual([
    'jane',
    'joe',
    undefined,
  ])
  now = 1_010_000
  expect([memory.recall('short'), memory.recall('long')?.id]).toEqual([undefined, 'joe'])
  now = 1_060_000
  expect(memory.recall('long')).toBe(undefined)
})

test('a clock that is set back keeps no token longer than a minute', () => {
  let date = 1_000_000
  let monotonic = 0
  const memory = buildTokenMemory({ date: () => date, monotonic: () => monotonic })
  memory.remember('long', caller('joe'), 9999)
  date = 0
  monotonic = 59_999
  expect(memory.recall('long')?.id).toBe('joe')
  monotonic = 60_000
  expect(memory.recall('long')).toBe(undefined)
})

test('the cache holds a thousand tokens and evicts the oldest', () => {
  const memory = buildTokenMemory(clockAt(() => 0))
  for (let i = 0; i <= 1000; i += 1) memory.remember(`token ${i}`, caller(String(i)), 60)
  expect([
    memory.recall('token 0'),
    memory.recall('token 1')?.id,
    memory.recall('token 1000')?.id,
  ]).toEqual([undefined, '1', '1000'])
})

test('a flood of one-time tokens leaves one that is used again', () => {
  const memory = buildTokenMemory(clockAt(() => 0))
  memory.remember('in use', caller('jane'), 60)
  memory.recall('in use')
  for (let i = 0; i < 20_000; i += 1) memory.remember(`token ${i}`, caller(String(i)), 60)
  expect(memory.recall('in use')?.id).toBe('jane')
})
