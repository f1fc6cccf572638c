// The cost of a request, before any work is done for it.
import type { ReadRequest } from '../../db/plan/read-request.ts'
import type { OpenedRequest } from '../authorize/authorization.ts'

/** What a request would have the database do. */
export interface ChargedWork {
  readonly request: OpenedRequest
  /** What is read, once it is authorized; null for writes and the team's own operations. */
  readonly read: ReadRequest | null
}

/** Charges the work to its caller. Work is free so far: no cost is estimated and no budget is kept. */
export function charge(_work: ChargedWork): void {}
