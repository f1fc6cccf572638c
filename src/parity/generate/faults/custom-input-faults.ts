// Faults of the inputs of a team's own operations, found by the shape of a valid input.
import type { CustomOperation } from '../../../schema/model/model.ts'
import { isJsonObject, type JsonMembers } from '../../objects.ts'
import { type FaultPlace, pick, UNKNOWN_NAME } from './fault.ts'

/** More members than a list of an operation takes. */
const TOO_MANY = 60

export function faultyCustomInput(
  input: unknown,
  { kind, rest: { path } }: CustomOperation,
  { at, which }: FaultPlace,
): unknown {
  if (!isJsonObject(input)) return input
  // A path cannot leave its parameters out.
  const removable = pick(
    Object.keys(input).filter((name) => !path.includes(`{${name}}`)),
    at,
  )
  // GraphQL accepts a single value where a list is expected, so lists keep their values.
  const scalar = pick(
    Object.keys(input).filter((name) => !Array.isArray(input[name])),
    at,
  )
  // A query string cannot express null.
  const nulled =
    kind === 'query' || removable === undefined ? [] : [{ ...input, [removable]: null }]
  const faults: readonly unknown[] = [
    { ...input, [UNKNOWN_NAME]: 'x' },
    Object.fromEntries(Object.entries(input).filter(([name]) => name !== removable)),
    scalar === undefined ? input : { ...input, [scalar]: 'not what it takes' },
    ...nulled,
    withInnerFault(input),
  ]
  return pick(faults, which)
}

/** The input with a fault in its first object or list; the input as it is where it has none. */
function withInnerFault(input: JsonMembers): JsonMembers {
  for (const [name, value] of Object.entries(input)) {
    if (Array.isArray(value)) return { ...input, [name]: faultyList(value) }
    if (isJsonObject(value)) return { ...input, [name]: { ...value, [UNKNOWN_NAME]: 1 } }
  }
  return input
}

/** A list of objects with an unknown member in the first; any other list with too many members. */
function faultyList(list: readonly unknown[]): readonly unknown[] {
  const [first, ...others] = list
  if (isJsonObject(first)) return [{ ...first, [UNKNOWN_NAME]: 1 }, ...others]
  return first === undefined ? list : Array.from({ length: TOO_MANY }, () => first)
}
