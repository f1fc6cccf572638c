// Connections for heavy reads: a part of the pool. The rest is left for light reads, however many heavy ones there are.
import type { Connections, Lease } from '../run/connection.ts'
import { poolExhausted } from './pool-exhausted.ts'

/** The share of the pool that heavy reads leave to others. */
const LEFT = 0.25

interface Options {
  readonly poolMax: number
  /** Milliseconds that a read waits at most. */
  readonly connectTimeout: number
}

/** A lease for a heavy read. It waits in line while as many are lent as may be. */
export function openHeavyLeases(
  { lease }: Pick<Connections, 'lease'>,
  { poolMax, connectTimeout }: Options,
): Connections['lease'] {
  const most = Math.max(1, poolMax - Math.ceil(poolMax * LEFT))
  const line = new Set<() => void>()
  let lent = 0
  const leave = (): void => {
    const [next] = line
    if (next === undefined) lent -= 1
    else next() // has the place
  }
  const enter = (): Promise<void> | void => {
    if (lent < most) {
      lent += 1
      return
    }
    return new Promise((resolve, reject) => {
      const enterNow = (): void => {
        clearTimeout(timer)
        line.delete(enterNow)
        resolve()
      }
      const timer = setTimeout(() => {
        line.delete(enterNow)
        reject(
          poolExhausted('All connections for heavy requests are in use. Try again.', {
            open: most,
            idle: 0,
            waiting: line.size + 1,
          }),
        )
      }, connectTimeout)
      line.add(enterNow)
    })
  }
  return async (since) => {
    await enter()
    try {
      return leavingWith(await lease(since), leave)
    } catch (error) {
      leave()
      throw error
    }
  }
}

const leavingWith = (lease: Lease, leave: () => void): Lease => ({
  ...lease,
  release(broken) {
    lease.release(broken)
    leave()
  },
})
