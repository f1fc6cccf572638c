// Random keys: mostly of rows that exist, often of the caller's own rows.
import * as fc from 'fast-check'
import type { Field, Resource, UniqueKey } from '../../../schema/model/model.ts'
import type { JsonMembers } from '../../objects.ts'
import type { ParityCaller } from '../../request.ts'
import { columnsOfClaim } from '../callers.ts'
import type { Sample } from '../open-model.ts'
import { type SampledModel, valueOf } from '../values.ts'

export function randomKey(
  { model, samples }: SampledModel,
  resource: Resource,
  by: UniqueKey,
  { payload }: ParityCaller,
): fc.Arbitrary<JsonMembers> {
  const isOwn = (row: Sample): boolean =>
    Object.entries(payload ?? {}).some(([claim, value]) =>
      [...columnsOfClaim(model, claim)].some((column) => row[column] === value),
    )
  const rows = samples.get(resource.key) ?? []
  const found = keysOf(by, rows)
  const own = keysOf(by, rows.filter(isOwn))
  return fc
    .oneof(
      { weight: 1, arbitrary: edgeKeyOf(resource, by) },
      { weight: found.length === 0 ? 0 : 6, arbitrary: fc.constantFrom(...found, {}) },
      { weight: own.length === 0 ? 0 : 6, arbitrary: fc.constantFrom(...own, {}) },
    )
    .filter((key) => Object.keys(key).length > 0)
}

const keysOf = (by: UniqueKey, rows: readonly Sample[]): readonly JsonMembers[] =>
  rows
    .map((row) => Object.fromEntries(by.fields.map(({ name }) => [name, row[name]])))
    .filter((key) => Object.values(key).every((value) => value !== null))

/** A key of values at the edges of their kinds, which hardly a row has. */
const edgeKeyOf = (resource: Resource, by: UniqueKey): fc.Arbitrary<JsonMembers> =>
  fc.record(
    Object.fromEntries(
      by.fields.map((field) => [field.name, asSegment(field, valueOf(new Map(), resource, field))]),
    ),
  )

const asSegment = (field: Field, values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  field.kind.name === 'text' ? values.filter(isSegment) : values

/** Whether a value can stand in a path. An empty segment makes another path, and URL parsers drop `.` and `..`. */
export const isSegment = (value: unknown): boolean => !/^\.{0,2}$/.test(String(value))
