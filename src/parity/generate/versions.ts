// Versions of rows in random requests: a write that says which version it is about, and reads that tell it on both faces.
import * as fc from 'fast-check'
import type { Engine } from '../../engine/engine.ts'
import { cellText } from '../../engine/render/row-reader.ts'
import { execute } from '../../engine/execute.ts'
import { anonymous } from '../../schema/declare/caller.ts'
import type { Operation, StandardOperation } from '../../schema/model/model.ts'
import type { ParityRequest, ParityVersion } from '../request.ts'

/** Often the row's own, where a version has to be given nearly always. */
export function versionOf({
  resource,
  standard,
}: StandardOperation): fc.Arbitrary<Pick<ParityRequest, 'version'>> {
  if (resource.version === null || (standard !== 'update' && standard !== 'delete'))
    return fc.constant({})
  return fc.oneof(
    { weight: resource.version.required ? 1 : 6, arbitrary: fc.constant({}) },
    { weight: 6, arbitrary: fc.constant({ version: { of: 'row' } as const }) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom<ParityVersion>(
          { text: other },
          { text: '' },
          { text: 'no-version' },
          { text: `${other}.${'B'.repeat(8)}` },
          { text: '*' },
        )
        .map((version) => ({ version })),
    },
  )
}

const other = '0123456789abcdef'

export function versionText(version: ParityVersion): string {
  if ('text' in version) return version.text
  throw new Error('A version was sent that had not been looked up.')
}

/** The request with the version that its row has, whoever may see the row. */
export async function withVersion(
  everything: Engine,
  operation: Operation,
  request: ParityRequest,
): Promise<ParityRequest> {
  const { version, key } = request
  if (
    version === undefined ||
    'text' in version ||
    operation.standard === null ||
    key === undefined
  )
    return request
  const get: StandardOperation = { ...operation, kind: 'query', standard: 'get' }
  const resource = everything.model.resources.get(operation.resource.key) ?? operation.resource
  const text = await readVersion(everything, { ...get, resource }, key).catch(() => null) // a key that is none
  return { ...request, version: { text: text ?? other } }
}

async function readVersion(
  engine: Engine,
  operation: StandardOperation,
  key: object,
): Promise<string | null> {
  const result = await execute(engine, {
    operation,
    input: { key },
    selection: { fields: [], relations: [], version: true },
    caller: anonymous,
    denied: 'refuse',
  })
  return result.type !== 'row' || result.row === null || result.layout.version === undefined
    ? null
    : cellText(result.row, result.layout.version)
}

/** Whether GraphQL is asked for the version beside the row: where REST may have it in the row's tag. */
export const versionAsked = (operation: Operation, { style }: ParityRequest): string | null =>
  operation.standard === 'get' && !style.related ? (operation.resource.version?.name ?? null) : null

/** The tag of a row, where it is a strong one, must hold the version that GraphQL tells. */
export function versionDifference(
  operation: Operation,
  request: ParityRequest,
  graphql: string,
  tag: string | undefined,
): string | null {
  const name = versionAsked(operation, request)
  if (name === null || tag?.startsWith('"') !== true) return null
  const { data } = JSON.parse(graphql) as {
    readonly data?: Readonly<Record<string, Readonly<Record<string, unknown>> | null>> | null
  } // GraphQL's response format
  const version = data?.[operation.name]?.[name]
  return version === tag.slice(1).split('.', 1)[0]
    ? null
    : `GraphQL tells the version ${String(version)}, REST's tag is ${tag}.`
}
