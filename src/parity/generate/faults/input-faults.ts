// Faults of the inputs of writes: unknown, missing, null and closed fields, values of the wrong type, wrong keys.
import { writable } from '../../../schema/inputs/standard-inputs.ts'
import type { Operation, StandardOperation } from '../../../schema/model/model.ts'
import { isJsonObject, type JsonMembers } from '../../objects.ts'
import type { ParityRequest } from '../../request.ts'
import { type FaultPlace, pick, UNKNOWN_NAME } from './fault.ts'
import { wrongFor } from './wrong-values.ts'

export function faultyInput(
  request: ParityRequest,
  operation: StandardOperation,
  place: FaultPlace,
): unknown {
  const input = toObject(request.input)
  switch (operation.standard) {
    case 'createMany':
      return faultyRows(request.input, place)
    case 'upsert':
      return faultyUpsert(input, operation, place)
    case 'update':
    case 'updateMany':
      return faultyRow(input, place, 'update')
    default:
      return faultyRow(input, place, 'create')
  }
}

const toObject = (value: unknown): JsonMembers => (isJsonObject(value) ? value : {})

function faultyRow(
  input: JsonMembers,
  { resource, at, which }: FaultPlace,
  verb: 'create' | 'update',
): JsonMembers {
  const fields = writable(resource, verb)
  const field = pick(fields, at)
  const wrong = field && pick(wrongFor(field), which)
  const required = fields.filter((one) => verb === 'create' && one.create === 'required')
  const notNull = fields.filter((one) => !one.nullable)
  const closed = [...resource.fields.values()].filter((one) => one[verb] === 'never')
  const faults: readonly JsonMembers[] = [
    { ...input, [UNKNOWN_NAME]: 1 },
    wrong === undefined ? {} : withMember(input, field?.name, wrong),
    withoutMember(input, pick(required, at)?.name),
    withMember(input, pick(notNull, at)?.name, null),
    {},
    closed.length === 0 ? { [UNKNOWN_NAME]: null } : withMember(input, pick(closed, at)?.name, 1),
  ]
  return pick(faults, which) ?? {}
}

/** The input with a member; nothing at all where there is no name for it. */
const withMember = (input: JsonMembers, name: string | undefined, value: unknown): JsonMembers =>
  name === undefined ? {} : { ...input, [name]: value }

/** The input without a member; nothing at all where there is no name for it. */
const withoutMember = (input: JsonMembers, name: string | undefined): JsonMembers =>
  name === undefined
    ? {}
    : Object.fromEntries(Object.entries(input).filter(([member]) => member !== name))

/** One row has a fault, is no row, or there are too many rows. */
function faultyRows(input: unknown, place: FaultPlace): readonly unknown[] {
  const rows: readonly unknown[] = Array.isArray(input) ? input : []
  const row = toObject(rows[0])
  const faults: readonly (readonly unknown[])[] = [
    [...rows, faultyRow(row, place, 'create')],
    [faultyRow(row, place, 'create'), ...rows],
    [...rows, null],
    [5, ...rows],
    Array.from({ length: place.resource.page.max + 1 }, () => row),
  ]
  return pick(faults, place.which) ?? []
}

/** The key stays in the input: REST has it in the path, which cannot leave it out. */
function faultyUpsert(
  input: JsonMembers,
  operation: StandardOperation,
  place: FaultPlace,
): JsonMembers {
  const { fields } = operation.by ?? operation.resource.primaryKey
  const key = Object.fromEntries(fields.map(({ name }) => [name, input[name]]))
  if (place.which % 3 === 0) return { ...input, ...faultyKey(key, operation, place) }
  return { ...faultyRow(input, place, 'create'), ...key }
}

/** The key with a wrong value in one field: a text, because REST has keys in its paths. */
export function faultyKey(
  key: JsonMembers,
  operation: Operation,
  { at, which }: FaultPlace,
): JsonMembers {
  if (operation.standard === null) return key
  const field = pick(operation.by?.fields ?? [], at)
  if (field === undefined) return key
  const wrong = wrongFor(field).filter(
    (value) => typeof value === 'string' && !/^\.{0,2}$/.test(value),
  )
  return wrong.length === 0 ? key : { ...key, [field.name]: pick(wrong, which) }
}
