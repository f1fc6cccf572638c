// The stages that look at a request before any work, the same for every operation of both faces: parse, authorize.
import type { ReadRequest } from '../db/plan/read-request.ts'
import type { Operation, StandardOperation } from '../schema/model/model.ts'
import { withoutValidators } from '../schema/values/validators.ts'
import { type OpenedRequest, startAuthorization } from './authorize/authorization.ts'
import { type EachKey, authorizeRead } from './authorize/authorize-read.ts'
import { isSurelyRefused } from './authorize/surely-refused.ts'
import type { Engine } from './engine.ts'
import { parseRequest, type ParsedRequest } from './parse/parse-request.ts'
import type { EngineRequest } from './request.ts'

/** A request of one kind of operation. */
export type RequestOf<O extends Operation> = EngineRequest & { readonly operation: O }

/**
 * Parses a request, and opens its authorization. The policies are evaluated later, by the code that runs the operation.
 * @param whole the number of the list that is exported, which has no pages
 * @throws Problem TOO_COMPLEX, BAD_REQUEST or VALIDATION_FAILED, with every issue of shape
 */
export function openRequest<O extends Operation>(
  engine: Engine,
  request: RequestOf<O>,
  whole?: number,
): OpenedRequest<O> {
  const { operation, input, selection, caller } = request
  const checker = whole === undefined ? engine : { ...engine, whole }
  const parse = (): ParsedRequest => parseRequest(checker, operation, input, selection)
  return {
    request,
    operation,
    parsed: isSurelyRefused(engine, operation, caller) ? withoutValidators(parse) : parse(),
    authorization: startAuthorization(engine.model, engine.inner, caller),
  }
}

/** A read that may be run. */
export interface PreparedRead {
  readonly running: OpenedRequest<StandardOperation>
  readonly read: ReadRequest
}

export interface ReadOptions {
  /** See `openRequest`. */
  readonly whole?: number
  /** Several keys, for one row of each. */
  readonly each?: EachKey
}

/**
 * Parses and authorizes a read.
 * @throws Problem as `openRequest` does; UNAUTHENTICATED or FORBIDDEN
 */
export function prepareRead(
  engine: Engine,
  request: RequestOf<StandardOperation>,
  { whole, each }: ReadOptions = {},
): PreparedRead {
  const running = openRequest(engine, request, whole)
  return { running, read: authorizeRead(running, each) }
}
