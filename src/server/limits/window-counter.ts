// Hits per key within a window of time. The keys are bounded: those that have not been seen for longest go first.

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

/** @param most keys remembered at once; one that is among the last half of them to be seen is never forgotten */
export function buildWindowCounter({ milliseconds, most }: { readonly milliseconds: number, readonly most: number }, now: () => number = Date.now): WindowCounter {
  // Two halves in place of one table in order of use: with that, every hit would move its key, and leave old tables to the collector.
  let recent = new Map<string, Entry>()
  let former = new Map<string, Entry>()
  const remember = (key: string, entry: Entry): Entry => {
    if (recent.size >= most / 2) {
      former = recent
      recent = new Map()
    }
    recent.set(key, entry)
    return entry
  }
  return {
    count(key) {
      const at = now()
      const entry = recent.get(key) ?? remember(key, former.get(key) ?? { hits: 0, begun: at })
      if (entry.begun + milliseconds <= at) {
        entry.hits = 0
        entry.begun = at
      }
      entry.hits += 1
      return { hits: entry.hits, left: entry.begun + milliseconds - at }
    },
    look(key) {
      const entry = recent.get(key) ?? former.get(key)
      const left = entry === undefined ? 0 : entry.begun + milliseconds - now()
      return entry === undefined || left <= 0 ? { hits: 0, left: 0 } : { hits: entry.hits, left }
    },
  }
}
