// One request of a compiled operation on its way.
import type { Engine } from '../../engine/engine.ts'
import type { EngineResult } from '../../engine/result.ts'
import type { GraphqlContext } from '../schema/builder.ts'
import type { VariableValues } from './coerce.ts'
import type { RootField } from './compiled.ts'

/** What the engine has executed before graphql-js resolves the rest, by root keys: it must not be executed again. */
export type Done = Map<string, Promise<EngineResult>>

export interface OperationRun {
  readonly engine: Engine
  readonly context: GraphqlContext
  readonly variables: VariableValues
  readonly done: Done
  /** Root fields whose statement ran and had no value for a field that is never null: graphql-js asks again, for the error. */
  readonly repeated: RootField[]
}
