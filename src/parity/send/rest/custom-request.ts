// A request of a team's own operation, with its input in path, query string or body.
import type { CustomOperation } from '../../../schema/model/model.ts'
import { describeZod, type Member, type ValueType } from '../../../schema/values/zod-types.ts'
import { isJsonObject, type JsonMembers } from '../../objects.ts'
import type { ParityRequest, RestRequest } from '../../request.ts'
import { encode, type Parameter, toSelectionParameters, withQuery } from './parameters.ts'
import { quoted } from './short-filter.ts'

export function customRequest(
  prefix: string,
  operation: CustomOperation,
  { input: given, selection }: ParityRequest,
): RestRequest {
  const { method, path } = operation.rest
  const input: JsonMembers = isJsonObject(given) ? given : {}
  const members = membersOf(operation)
  const isInPath = (name: string): boolean => path.includes(`{${name}}`)
  const filled = path.replaceAll(/\{(\w+)\}/g, (_match, name: string) =>
    encode(String(input[name])),
  )
  const rest = Object.entries(input).filter(([name]) => !isInPath(name))
  const url = (parameters: readonly Parameter[]): string =>
    withQuery(prefix + filled, [...parameters, ...toSelectionParameters(selection)])
  if (operation.kind === 'query') {
    const parameters = rest.map(
      ([name, value]) => [name, queryText(members.get(name), value)] as const,
    )
    return { method, url: url(parameters), headers: {}, body: null }
  }
  const hasBody = [...rest.map(([name]) => name), ...members.keys()].some((name) => !isInPath(name))
  if (hasBody)
    return {
      method,
      url: url([]),
      headers: JSON_BODY,
      body: JSON.stringify(Object.fromEntries(rest)),
    }
  return { method, url: url([]), headers: {}, body: null }
}

export const JSON_BODY = Object.freeze({ 'content-type': 'application/json' })

function membersOf({ input }: CustomOperation): ReadonlyMap<string, Member> {
  const type = input === null ? null : describeZod(input).value
  return type?.type === 'object' ? type.members : new Map()
}

/** Scalars as they are, lists of scalars separated by commas, anything deeper as JSON. */
function queryText(member: Member | undefined, value: unknown): string {
  if (member !== undefined && isDeep(member.value)) return JSON.stringify(value)
  return Array.isArray(value) ? value.map((one) => quoted(String(one))).join(',') : String(value)
}

const isDeep = (type: ValueType): boolean =>
  type.type === 'object' || (type.type === 'list' && !isScalar(type.of.value))

const isScalar = ({ type }: ValueType): boolean => type === 'enum' || type === 'scalar'
