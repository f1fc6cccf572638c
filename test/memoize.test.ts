// Memoized values are computed once, and their number is bounded.
import { expect, test } from 'vitest'
import { memoize } from '../src/memoize.ts'

function openMemory(most: number) {
  const asked: string[] = []
  const toLength = memoize(most, (text) => {
    asked.push(text)
    return text.length
  })
  return { asked, toLength }
}

test('a value is computed once for each text', () => {
  const { asked, toLength } = openMemory(10)
  expect([toLength('née'), toLength('née'), toLength('')]).toEqual([3, 3, 0])
  expect(asked).toEqual(['née', ''])
})

test('past the bound, texts that came once are evicted first, and long texts are never cached', () => {
  const { asked, toLength } = openMemory(2)
  for (const text of ['a', 'b', 'a', 'c', 'a', 'b']) toLength(text)
  expect(asked).toEqual(['a', 'b', 'c', 'b'])
  const long = 'x'.repeat(600)
  expect([toLength(long), toLength(long)]).toEqual([600, 600])
  expect(asked.slice(4)).toEqual([long, long])
})
