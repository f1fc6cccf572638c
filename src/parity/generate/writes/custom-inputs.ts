// Random inputs of a team's own operations, by their Zod types.
import * as fc from 'fast-check'
import { pathParameters } from '../../../schema/build/build-operations.ts'
import type { CustomOperation } from '../../../schema/model/model.ts'
import type { KindName } from '../../../schema/values/kinds.ts'
import { describeZod, type Member, type ValueType } from '../../../schema/values/zod-types.ts'
import { isJsonObject } from '../../objects.ts'
import { among, maybe, weighted } from '../arbitraries.ts'
import { edgesOf, type SampledModel, sampleValues } from '../values.ts'
import { isSegment } from './keys.ts'

/** The input of the operation. A query's has no null: on REST it is the query string, which cannot express null. */
export function randomCustomInput(
  source: SampledModel,
  operation: CustomOperation,
): fc.Arbitrary<unknown> {
  if (operation.input === null) return fc.constant(undefined)
  const inPath = pathParameters(operation.rest.path)
  const { value } = describeZod(operation.input)
  return inputOf({ source, nulls: operation.kind === 'mutation' }, value, operation.name).filter(
    (input) => isJsonObject(input) && inPath.every((name) => isSegment(input[name])),
  )
}

interface Inputs {
  readonly source: SampledModel
  readonly nulls: boolean
}

function inputOf(inputs: Inputs, value: ValueType, name: string): fc.Arbitrary<unknown> {
  switch (value.type) {
    case 'enum':
      return fc.constantFrom(...value.labels)
    case 'scalar':
      return scalarOf(inputs.source, value.kind, name)
    case 'list':
      return fc.array(inputOf(inputs, value.of.value, name), { maxLength: 3 })
    case 'object': {
      const members = [...value.members].map(([key, member]) =>
        memberOf(inputs, member, key).map((one) => [key, one] as const),
      )
      return fc
        .tuple(...members)
        .map((all) => Object.fromEntries(all.filter(([, one]) => one !== undefined)))
    }
  }
}

function memberOf(inputs: Inputs, member: Member, name: string): fc.Arbitrary<unknown> {
  const value = inputOf(inputs, member.value, name)
  return weighted(
    [4, member.optional ? maybe(value) : value],
    [1, member.nullable && inputs.nulls ? fc.constant(null) : null],
  )
}

const smallNumberKinds: ReadonlySet<KindName> = new Set(['integer', 'smallint', 'float'])

/** Values of columns that have this name and kind, ids where it is a UUID, small numbers. */
function scalarOf(source: SampledModel, kind: KindName, name: string): fc.Arbitrary<unknown> {
  const found = new Set([
    ...namesakesOf(source, kind, name),
    ...(kind === 'uuid' ? uuidKeysOf(source) : []),
    ...(smallNumberKinds.has(kind) ? [0, 1, 2, 3] : []),
  ])
  return weighted([6, among([...found])], [1, among(edgesOf(kind))])
}

const namesakesOf = (
  { model, samples }: SampledModel,
  kind: KindName,
  name: string,
): readonly unknown[] =>
  [...model.resources.values()].flatMap((resource) =>
    [...resource.fields.values()]
      .filter((field) => field.name === name && field.kind.name === kind && !field.list)
      .flatMap((field) => sampleValues(samples, resource, field)),
  )

const uuidKeysOf = ({ model, samples }: SampledModel): readonly unknown[] =>
  [...model.resources.values()].flatMap(({ key, primaryKey: { fields } }) =>
    fields
      .filter((field) => field.kind.name === 'uuid')
      .flatMap((field) => (samples.get(key) ?? []).map((row) => row[field.name])),
  )
