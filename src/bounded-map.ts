// The bounded map behind every cache: entries that were used again survive a flood of keys that come once.
// Segmented FIFO with a second chance, as in S3-FIFO (Yang et al., SOSP 2023): see docs/decisions/0047 and 0059.
import { type Budget, type Member, PROTECTED_SHARE, type QueueName } from './cache-budget.ts'

export interface BoundedMap<K, V> {
  readonly get: (key: K) => V | undefined
  /** Keeps a value, in place of an earlier one. A value that is heavier than the bound is not kept. */
  readonly set: (key: K, value: V) => void
  readonly delete: (key: K) => void
  readonly size: number
  /** Estimated bytes of all entries; 0 where nothing weighs them. */
  readonly bytes: number
  readonly figures: Member['figures']
}

export interface BoundedMapOptions<K, V> {
  /** Names the cache in its figures. */
  readonly name?: string
  readonly maxEntries: number
  /** The estimated memory of one entry, in bytes. It is asked once, when the entry is set. */
  readonly weigh?: (key: K, value: V) => number
  readonly maxBytes?: number
  /** Shared with other maps: it bounds the bytes of all of them together. */
  readonly budget?: Budget
  /** Told of each entry that makes room for another. */
  readonly onEvict?: (key: K, value: V) => void
}

interface Entry<K, V> {
  readonly key: K
  readonly value: V
  readonly bytes: number
  /** Since the entry was queued. A flag costs a use less than a move to the end of the queue. */
  used: boolean
  queue: Queue<K, V>
  previous: Entry<K, V> | null
  next: Entry<K, V> | null
}

/** First in, first out. Linked, as a Map whose first entry is deleted over and over is slow to find the next first. */
interface Queue<K, V> {
  readonly name: QueueName
  size: number
  bytes: number
  first: Entry<K, V> | null
  last: Entry<K, V> | null
}

export function openBoundedMap<K, V>(options: BoundedMapOptions<K, V>): BoundedMap<K, V> {
  const { maxEntries, weigh = weightless, maxBytes = Infinity, budget } = options
  const store = openStore(options)
  const { entries, counts } = store
  budget?.join(store)
  const maxWeight = Math.min(maxBytes, budget?.maxBytes ?? Infinity)
  const hasRoomFor = (weight: number): boolean =>
    entries.size < maxEntries && store.bytes() + weight <= maxBytes
  return {
    get size() {
      return entries.size
    },
    get bytes() {
      return store.bytes()
    },
    figures: store.figures,
    get(key) {
      const entry = entries.get(key)
      if (entry === undefined) {
        counts.misses += 1
        return undefined
      }
      counts.hits += 1
      entry.used = true
      return entry.value
    },
    set(key, value) {
      const before = entries.get(key)
      if (before !== undefined) store.remove(before)
      const weight = weigh(key, value)
      if (weight > maxWeight) return store.drop(key, value)
      while (!hasRoomFor(weight)) store.evict()
      store.insert(key, value, weight, before?.queue)
    },
    delete(key) {
      const entry = entries.get(key)
      if (entry !== undefined) store.remove(entry)
    },
  }
}

/** The entries with their order, their bytes and their counters, and no bound. */
interface Store<K, V> extends Member {
  readonly entries: ReadonlyMap<K, Entry<K, V>>
  readonly counts: { hits: number; misses: number; evictions: number }
  readonly bytes: () => number
  /** @param queue of an earlier entry of the key; a new key is on probation */
  readonly insert: (key: K, value: V, bytes: number, queue: Queue<K, V> | undefined) => void
  readonly remove: (entry: Entry<K, V>) => void
  readonly evict: () => void
  /** Counts a value that is not kept. */
  readonly drop: (key: K, value: V) => void
}

function openStore<K, V>({ name = '', budget, onEvict }: BoundedMapOptions<K, V>): Store<K, V> {
  const entries = new Map<K, Entry<K, V>>()
  const queues = { probation: openQueue<K, V>('probation'), secured: openQueue<K, V>('secured') }
  const { probation, secured } = queues
  const counts = { hits: 0, misses: 0, evictions: 0 }
  const remove = (entry: Entry<K, V>): void => {
    unlink(entry)
    entries.delete(entry.key)
    budget?.spend(-entry.bytes, entry.queue.name)
  }
  const drop = (key: K, value: V): void => {
    counts.evictions += 1
    onEvict?.(key, value)
  }
  /** Whether the entry was evicted: one that was used since it was queued is secured anew. */
  const tryEvict = (entry: Entry<K, V>): boolean => {
    if (!entry.used) {
      remove(entry)
      drop(entry.key, entry.value)
      return true
    }
    secure(entry, secured, budget)
    return false
  }
  const bytes = (): number => probation.bytes + secured.bytes
  return {
    entries,
    counts,
    bytes,
    figures: () => ({ name, entries: entries.size, bytes: bytes(), ...counts }),
    bytesIn: (queue) => queues[queue].bytes,
    insert(key, value, weight, queue = probation) {
      const entry = { key, value, bytes: weight, used: false, queue, previous: null, next: null }
      entries.set(key, entry)
      append(queue, entry)
      budget?.spend(weight, queue.name)
      budget?.keep()
    },
    remove,
    drop,
    evict: () => evictOne(probation, secured, tryEvict),
    evictFrom(queue) {
      const { first } = queues[queue]
      if (first !== null) tryEvict(first)
    },
    clear: () => [...entries.values()].forEach(remove),
  }
}

/** Queues an entry anew, which was used. */
function secure<K, V>(entry: Entry<K, V>, secured: Queue<K, V>, budget: Budget | undefined): void {
  const { bytes, queue } = entry
  unlink(entry)
  append(secured, entry)
  budget?.spend(-bytes, queue.name)
  budget?.spend(bytes, secured.name)
}

const openQueue = <K, V>(name: QueueName): Queue<K, V> => ({
  name,
  size: 0,
  bytes: 0,
  first: null,
  last: null,
})

function evictOne<K, V>(
  probation: Queue<K, V>,
  secured: Queue<K, V>,
  tryEvict: (entry: Entry<K, V>) => boolean,
): void {
  let entry = nextVictim(probation, secured)
  while (entry !== null && !tryEvict(entry)) entry = nextVictim(probation, secured)
}

/** The entry that is looked at next: one on probation, unless secured ones have more than their share. */
function nextVictim<K, V>(probation: Queue<K, V>, secured: Queue<K, V>): Entry<K, V> | null {
  const share = costOf(secured) / (costOf(probation) + costOf(secured))
  return (share > PROTECTED_SHARE ? secured.first : probation.first) ?? secured.first
}

/** In bytes; where nothing weighs the entries, it is their number. */
const costOf = ({ bytes, size }: Queue<unknown, unknown>): number => bytes + size

const weightless = (): number => 0

function append<K, V>(queue: Queue<K, V>, entry: Entry<K, V>): void {
  entry.used = false
  entry.queue = queue
  entry.previous = queue.last
  if (queue.last === null) queue.first = entry
  else queue.last.next = entry
  queue.last = entry
  queue.size += 1
  queue.bytes += entry.bytes
}

/** The entry forgets its neighbours: one that is old and dead would keep them alive until the whole heap is collected. */
function unlink<K, V>(entry: Entry<K, V>): void {
  const { queue, previous, next } = entry
  if (previous === null) queue.first = next
  else previous.next = next
  if (next === null) queue.last = previous
  else next.previous = previous
  entry.previous = null
  entry.next = null
  queue.size -= 1
  queue.bytes -= entry.bytes
}
