// Hits per key within a window of time. The keys are bounded: the least recently seen goes first.

export interface Count {
  readonly hits: number
  /** Milliseconds until the window ends. */
  readonly left: number
}

export interface WindowCounter {
  /** Counts a hit; the first one of a key, and the first after its window, begin a window. */
  readonly count: (key: string) => Count
  /** What has been counted, this aside. */
  readonly look: (key: string) => Count
}

interface Entry {
  hits: number
  begun: number
}

export function buildWindowCounter({ milliseconds, most }: { readonly milliseconds: number, readonly most: number }, now: () => number = Date.now): WindowCounter {
  const entries = new Map<string, Entry>() // in the order in which they were seen last
  return {
    count(key) {
      const at = now()
      let entry = entries.get(key)
      if (entry === undefined) {
        const oldest = entries.keys().next().value
        if (entries.size >= most && oldest !== undefined) entries.delete(oldest)
        entry = { hits: 0, begun: at }
      } else entries.delete(key)
      if (entry.begun + milliseconds <= at) {
        entry.hits = 0
        entry.begun = at
      }
      entry.hits += 1
      entries.set(key, entry)
      return { hits: entry.hits, left: entry.begun + milliseconds - at }
    },
    look(key) {
      const entry = entries.get(key)
      const left = entry === undefined ? 0 : entry.begun + milliseconds - now()
      return entry === undefined || left <= 0 ? { hits: 0, left: 0 } : { hits: entry.hits, left }
    },
  }
}
