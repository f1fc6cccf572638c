// The stage of the pipeline: a request stands on its bill before anything is done for it.
import type { Model } from '../../schema/model/model.ts'
import type { EngineRequest } from '../request.ts'
import { type Charging, chargeBill, openBill } from './bill.ts'
import type { Estimate } from './cost.ts'

/** What requests are charged with: the engine. */
export interface ChargingEngine extends Charging {
  readonly model: Model
}

/**
 * Charges a request that does not stand on its bill yet, then does the work: at once where the budget answers at once.
 * @throws Problem TOO_COMPLEX, RATE_LIMITED
 */
export function charged<T>(
  engine: ChargingEngine,
  { bill, isCharged, caller }: Pick<EngineRequest, 'bill' | 'isCharged' | 'caller'>,
  toEstimate: () => Estimate,
  work: () => Promise<T>,
): Promise<T> {
  if (isCharged === true) return work()
  const paying = chargeBill(engine, bill ?? openBill(engine, caller), [toEstimate()])
  return paying === null ? work() : paying.then(work)
}
