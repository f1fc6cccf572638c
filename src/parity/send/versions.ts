// Versions of rows as they are sent: looked up in the database, written as text, asked for beside the row.
import type { Engine } from '../../engine/engine.ts'
import { execute } from '../../engine/execute.ts'
import { cellText } from '../../engine/render/row-reader.ts'
import { anonymous } from '../../schema/declare/caller.ts'
import type { Operation, StandardOperation } from '../../schema/model/model.ts'
import { UNUSED_VERSION } from '../generate/writes/versions.ts'
import type { ParityRequest, ParityVersion } from '../request.ts'

/** The text of a version, or undefined. */
export function versionText(version: ParityVersion | undefined): string | undefined {
  if (version === undefined) return undefined
  if ('text' in version) return version.text
  throw new Error('A version was sent before it was looked up.')
}

/**
 * The request with the version that its row has.
 * @param everything an engine that shows every row
 */
export async function withFoundVersion(
  everything: Engine,
  operation: Operation,
  request: ParityRequest,
): Promise<ParityRequest> {
  const { version, key } = request
  if (version === undefined || key === undefined || operation.standard === null) return request
  if ('text' in version) return request
  const resource = everything.model.resources.get(operation.resource.key) ?? operation.resource
  const get: StandardOperation = { ...operation, kind: 'query', standard: 'get', resource }
  const text = await readVersion(everything, get, key).catch(() => null) // a faulty key is refused
  return { ...request, version: { text: text ?? UNUSED_VERSION } }
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
  if (result.type !== 'row' || result.row === null) return null
  const { version } = result.layout
  return version === undefined ? null : cellText(result.row, version)
}

/** The field of the version, where GraphQL is asked for it beside the row; REST has it in the ETag. */
export const versionFieldOf = (operation: Operation, { style }: ParityRequest): string | null =>
  operation.standard === 'get' && !style.related ? (operation.resource.version?.name ?? null) : null
