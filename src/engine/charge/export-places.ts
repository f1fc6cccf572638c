// Places for exports: an account that stops reading its own leaves places for others.
import { Problem } from '../../errors.ts'
import { accountOf, type Caller } from '../../schema/declare/caller.ts'

export interface ExportSettings {
  /** Exports that one account may run at a time; the anonymous are one account together. */
  readonly perAccount: number
  /** Milliseconds in which a reader has to take the next part of an export; then the stream is cut. */
  readonly stalledAfter: number
}

export const defaultExportSettings: ExportSettings = Object.freeze({
  perAccount: 2,
  stalledAfter: 10_000,
})

export interface ExportPlaces extends ExportSettings {
  /**
   * Takes a place for as long as an export runs.
   * @returns gives the place back; calls after the first do nothing
   * @throws Problem RATE_LIMITED where the account has none left
   */
  take(caller: Caller): () => void
}

export function openExportPlaces(settings: ExportSettings): ExportPlaces {
  const running = new Map<string, number>()
  const { perAccount } = settings
  return Object.freeze({
    ...settings,
    take(caller: Caller) {
      const account = accountOf(caller)
      const before = running.get(account) ?? 0
      if (before >= perAccount) throw noPlace(caller.via, perAccount)
      running.set(account, before + 1)
      let taken = true
      return () => {
        if (!taken) return
        taken = false
        const left = (running.get(account) ?? 1) - 1
        if (left === 0) running.delete(account)
        else running.set(account, left)
      }
    },
  })
}

const noPlace = (via: Caller['via'], most: number): Problem =>
  new Problem(
    'RATE_LIMITED',
    via === 'anonymous'
      ? `Callers who are not signed in run at most ${most} exports at a time, all together. Try again, or sign in.`
      : `You run ${most} exports, and more at a time are not allowed. Try again when one has ended.`,
    { headers: { 'retry-after': '5' } },
  )
