// The pages of the admin port that only the process knows: what its database lacks, and its metrics.
import { toProblem } from '../../errors.ts'
import type { DriftWatch } from '../drift.ts'
import type { MetricsPage } from '../observe/serve-metrics.ts'
import { type AdminAnswer, answer, refuse, unknownPage } from './routes.ts'
import type { AskedPage } from './thread.ts'

/** What a process has for them; each is absent where it has none. */
export interface PageSources {
  readonly drift?: Pick<DriftWatch, 'missing'> | undefined
  readonly metrics?: MetricsPage | null | undefined
}

/** Never rejects. */
export type TellPage = (asked: Omit<AskedPage, 'id'>) => Promise<AdminAnswer>

/** Metrics are for those who may have them on the port of callers, as the admin port has no authentication. */
export const openPages =
  ({ drift, metrics }: PageSources): TellPage =>
  async ({ page, ip, authorization }) => {
    if (page === 'drift')
      return drift === undefined ? unknownPage : answer(200, { missing: drift.missing() })
    if (metrics == null) return unknownPage
    try {
      metrics.refuse({ ip, headers: { authorization } })
      return { status: 200, type: metrics.contentType, body: await metrics.print() }
    } catch (error) {
      const { status, title, message } = toProblem(error)
      return {
        ...refuse(message),
        status,
        body: JSON.stringify({ title, status, detail: message }),
      }
    }
  }
