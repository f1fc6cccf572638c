// One request of a compiled operation on its way.
import type { Engine } from '../../engine/engine.ts'
import type { EngineResult } from '../../engine/result.ts'
import type { GraphqlContext } from '../schema/builder.ts'
import type { Values } from './coerce.ts'

/** What the engine has done already for a request that goes on in the ordinary way, by root keys: it must not be done again. */
export type Done = Map<string, Promise<EngineResult>>

export interface Running {
  readonly engine: Engine
  readonly context: GraphqlContext
  readonly variables: Values
  readonly done: Done
}
