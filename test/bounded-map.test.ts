// The map behind every cache: its bounds, its entries after a flood, and the budget that several maps share.
import { describe, expect, test } from 'vitest'
import { type BoundedMap, openBoundedMap } from '../src/bounded-map.ts'
import { openBudget } from '../src/cache-budget.ts'

const keysOf = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}-${i}`)
const fill = (map: BoundedMap<string, string>, keys: readonly string[]): void =>
  keys.forEach((key) => map.set(key, key))
const kept = (map: BoundedMap<string, string>, keys: readonly string[]): string[] =>
  keys.filter((key) => map.get(key) !== undefined)
/** As a cache is used: looked up, and set where it is missing. */
const use = (map: BoundedMap<string, string>, key: string): void => {
  if (map.get(key) === undefined) map.set(key, key)
}

describe('a flood', () => {
  const popular = keysOf('popular', 50)
  const warm = () => {
    const map = openBoundedMap<string, string>({ maxEntries: 100 })
    for (let round = 0; round < 3; round += 1) for (const key of popular) use(map, key)
    return map
  }

  test('of one-time keys, 20 times the capacity, leaves every popular key that is used in rotation', () => {
    const map = warm()
    keysOf('once', 2000).forEach((key, i) => {
      use(map, key)
      if (i % 10 === 0) use(map, popular[(i / 10) % popular.length] ?? '')
    })
    expect(kept(map, popular)).toEqual(popular)
    expect(map.size).toBe(100)
  })

  test('without a single use of a popular key in between leaves all of them', () => {
    const map = warm()
    for (const key of keysOf('once', 2000)) use(map, key)
    expect(kept(map, popular)).toEqual(popular)
  })

  test('of keys that come twice leaves popular keys that are used more often than once a round', () => {
    const map = warm()
    keysOf('twice', 2000).forEach((key, i) => {
      use(map, key)
      use(map, key)
      use(map, popular[i % 10] ?? '')
    })
    expect(kept(map, popular.slice(0, 10))).toEqual(popular.slice(0, 10))
  })

  test('does not keep new popular keys out', () => {
    const map = warm()
    const fashion = keysOf('fashion', 10)
    keysOf('once', 4000).forEach((key, i) => {
      use(map, key)
      use(map, fashion[i % fashion.length] ?? '')
    })
    expect(kept(map, fashion)).toEqual(fashion)
  })
})

describe('one map', () => {
  test('holds at most its number of entries, and evicts the oldest of the keys that came once', () => {
    const evicted: string[] = []
    const map = openBoundedMap<string, string>({
      maxEntries: 3,
      onEvict: (key) => evicted.push(key),
    })
    fill(map, ['a', 'b', 'c', 'd', 'e'])
    expect([map.size, evicted]).toEqual([3, ['a', 'b']])
  })

  test('holds at most its bytes, and subtracts the weight of evicted entries', () => {
    const map = openBoundedMap<string, string>({
      maxEntries: 100,
      maxBytes: 10,
      weigh: (_key, { length }) => length,
    })
    map.set('a', 'xxxx')
    map.set('b', 'xxxx')
    map.set('c', 'xxxx')
    expect([map.size, map.bytes, map.get('a')]).toEqual([2, 8, undefined])
    map.set('b', 'x')
    expect(map.bytes).toBe(5)
    map.delete('b')
    map.delete('b')
    expect([map.size, map.bytes]).toEqual([1, 4])
  })

  test('does not store an entry that is heavier than the bound, and evicts no other for it', () => {
    const map = openBoundedMap<string, string>({
      maxEntries: 100,
      maxBytes: 10,
      weigh: (_key, { length }) => length,
    })
    map.set('a', 'xxx')
    map.set('b', 'xxx')
    map.set('b', 'x'.repeat(11))
    expect([map.get('a'), map.get('b'), map.bytes]).toEqual(['xxx', undefined, 3])
  })

  test('calls onEvict for evicted entries, not for replaced or deleted ones', () => {
    const evicted: string[] = []
    const map = openBoundedMap<string, string>({
      maxEntries: 2,
      onEvict: (key, value) => evicted.push(`${key}=${value}`),
    })
    map.set('a', '1')
    map.set('a', '2')
    map.set('b', '1')
    map.delete('b')
    expect(evicted).toEqual([])
    fill(map, ['c', 'd'])
    expect(evicted).toEqual(['a=2'])
  })

  test('counts and weighs right after any sequence of uses', () => {
    let seed = 7
    const random = (below: number): number => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed % below
    }
    const shown = new Map<string, string>()
    const map = openBoundedMap<string, string>({
      maxEntries: 20,
      maxBytes: 100,
      weigh: (_key, { length }) => length,
      onEvict: (key, value) => {
        if (shown.get(key) === value) shown.delete(key)
      },
    })
    for (let i = 0; i < 20_000; i += 1) {
      const key = `${random(60)}`
      if (random(5) === 0) {
        map.delete(key)
        shown.delete(key)
      } else if (random(2) === 0) {
        const value = `${i}`.padEnd(random(30), 'x')
        shown.set(key, value)
        map.set(key, value)
      } else expect(map.get(key)).toBe(shown.get(key))
    }
    expect(map.size).toBe(shown.size)
    expect(map.bytes).toBe([...shown.values()].reduce((sum, { length }) => sum + length, 0))
    expect(map.size).toBeLessThanOrEqual(20)
    expect(map.bytes).toBeLessThanOrEqual(100)
  })
})

describe('a budget', () => {
  const weigh = (_key: string, { length }: string): number => length
  const open = (maxBytes: number) => {
    const budget = openBudget(maxBytes)
    const openMember = () => openBoundedMap<string, string>({ maxEntries: 1000, budget, weigh })
    return { budget, maps: [openMember(), openMember()] as const }
  }

  test('bounds its maps together, and one of them may use all of it', () => {
    const {
      budget,
      maps: [map],
    } = open(100)
    for (const key of keysOf('k', 50)) map.set(key, 'x'.repeat(10))
    expect([map.bytes, budget.bytes]).toEqual([100, 100])
  })

  test('evicts from the heaviest map, so a flood of one leaves smaller ones alone', () => {
    const {
      budget,
      maps: [small, flooded],
    } = open(100)
    for (const key of keysOf('small', 3)) small.set(key, 'x'.repeat(10))
    for (const key of keysOf('once', 500)) flooded.set(key, 'x'.repeat(10))
    expect([small.bytes, flooded.bytes, budget.bytes]).toEqual([30, 70, 100])
    small.delete('small-0')
    expect(budget.bytes).toBe(90)
  })

  test('makes room for an empty map when another map has used all of it', () => {
    const {
      budget,
      maps: [first, second],
    } = open(100)
    for (const key of keysOf('first', 10)) first.set(key, 'x'.repeat(10))
    for (const key of keysOf('second', 10)) second.set(key, 'x'.repeat(10))
    expect([first.bytes, second.bytes, budget.bytes]).toEqual([50, 50, 100])
  })

  test('keeps light popular entries through a flood of heavy ones', () => {
    const {
      maps: [map],
    } = open(10_000)
    const popular = keysOf('popular', 50)
    for (const key of [...popular, ...popular]) if (map.get(key) === undefined) map.set(key, key)
    keysOf('heavy', 200).forEach((key, i) => {
      map.set(key, 'x'.repeat(2000))
      if (i % 5 === 0) map.get(popular[(i / 5) % popular.length] ?? '')
    })
    expect(kept(map, popular)).toEqual(popular)
  })

  test('keeps popular entries of a large map through a flood over many small ones', () => {
    const budget = openBudget(1000)
    const openMember = () => openBoundedMap<string, string>({ maxEntries: 1000, budget, weigh })
    const large = openMember()
    const popular = keysOf('popular', 50)
    for (const key of [...popular, ...popular]) use(large, key) // half of the budget
    const small = Array.from({ length: 100 }, openMember)
    keysOf('once', 5000).forEach((key, i) => {
      small[i % 100]?.set(key, 'x'.repeat(10))
      if (i % 50 === 0) use(large, popular[(i / 50) % 50] ?? '')
    })
    expect(kept(large, popular)).toEqual(popular)
    expect(budget.bytes).toBeLessThanOrEqual(1000)
  })

  test('has the figures of each cache, maps of one name together, and empties it', () => {
    const budget = openBudget(25)
    const openMember = (name: string) =>
      openBoundedMap<string, string>({ name, maxEntries: 2, budget, weigh })
    const [first, second, other] = [openMember('routes'), openMember('routes'), openMember('other')]
    for (const key of ['a', 'b', 'c']) first.set(key, '12345')
    second.set('a', '12345')
    for (const key of ['c', 'c', 'z']) first.get(key)
    other.get('z')
    const figures = { entries: 3, bytes: 15, hits: 2, misses: 1, evictions: 1 }
    const none = { entries: 0, bytes: 0, hits: 0, evictions: 0 }
    expect(budget.figures()).toEqual([
      { name: 'routes', ...figures },
      { name: 'other', ...none, misses: 1 },
    ])
    budget.clear('routes')
    expect([first.size, second.size, budget.bytes]).toEqual([0, 0, 0])
  })
})
