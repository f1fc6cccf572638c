// What every fault is made from: where it goes, and which of the wrong values it has.
import type { Model, Resource } from '../../../schema/model/model.ts'

/** A place for a fault. `at` chooses a field or a relation there, `which` chooses among the faults that it can have. */
export interface FaultPlace {
  readonly model: Model
  readonly resource: Resource
  readonly at: number
  readonly which: number
}

/** A name that no field, relation or function has. */
export const UNKNOWN_NAME = 'noSuchField'

/** The value at an index, counted round and round; undefined where there are none. */
export const pick = <T>(values: readonly T[], index: number): T | undefined =>
  values[index % Math.max(values.length, 1)]
