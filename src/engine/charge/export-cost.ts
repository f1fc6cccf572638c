// The cost of an export: that of one page of its rows. A stream of pages is read as slowly as its reader takes it.
import type { Model } from '../../schema/model/model.ts'
import { type AskedRead, estimateRead } from './estimate.ts'
import type { Estimate } from './cost.ts'

/** Exports have no page size of their own, so the largest page that a list has stands for each of their batches. */
export const estimateExport = (
  model: Model,
  { form, lists }: Pick<AskedRead, 'form' | 'lists'>,
): Estimate => {
  const whole = form.operation.standard === 'list' ? 0 : 1
  const asked = lists.map((list, at) =>
    at === whole ? { ...list, first: form.operation.resource.page.max } : list,
  )
  return estimateRead(model, { form, lists: asked, rows: true, total: false })
}
