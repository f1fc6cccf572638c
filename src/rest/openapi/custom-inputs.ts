// The input of the team's own operations in the OpenAPI document: parameters of the path and the query string, and the body.
import { defined } from '../../defined.ts'
import type { CustomOperation } from '../../schema/model/model.ts'
import type { Member } from '../../schema/values/zod-types.ts'
import { type InputPlaces, textFormOf } from '../request/custom-inputs.ts'
import { type JsonObject, type OperationObject, propertiesOf, type Schemas } from './description.ts'
import { bodyContent } from './operation.ts'
import { jsonContent } from './responses.ts'
import { inputName, refTo } from './schemas.ts'

/** The input's values that stand in the path. */
export function describePathParameters(
  operation: CustomOperation,
  { path }: InputPlaces,
  schemas: Schemas,
): readonly JsonObject[] {
  const properties = propertiesOf(inputSchema(operation, schemas))
  return [...path].map(([name, member]) => {
    const { description, ...schema } = properties[name] ?? {}
    return { name, in: 'path', required: true, ...notesOf(member, description), schema }
  })
}

/** The rest of a query's input. */
export function describeQueryParameters(
  operation: CustomOperation,
  { other }: InputPlaces,
  schemas: Schemas,
): readonly JsonObject[] {
  const properties = propertiesOf(inputSchema(operation, schemas))
  return [...other].map(([name, member]) => {
    const { description, ...schema } = properties[name] ?? {}
    return {
      name,
      in: 'query',
      ...defined({ required: !member.optional || undefined }),
      ...notesOf(member, description),
      ...serialized(member, schema),
    }
  })
}

const inputSchema = (operation: CustomOperation, schemas: Schemas): JsonObject =>
  schemas[inputName(operation)] ?? {}

const notesOf = ({ deprecated }: Member, description: unknown): JsonObject =>
  defined({ description, deprecated: deprecated === true || undefined })

/** As values are written in a query string: see readQueryInput. */
function serialized(member: Member, schema: JsonObject): JsonObject {
  switch (textFormOf(member)) {
    case 'text':
      return { schema }
    case 'list':
      return { schema, style: 'form', explode: false }
    case 'json':
      return { content: jsonContent(schema) }
  }
}

/** The body of a mutation; none where its whole input stands in the path. */
export function inputBody(
  operation: CustomOperation,
  { path, other, required }: InputPlaces,
  schemas: Schemas,
): Pick<OperationObject, 'requestBody'> {
  if (other.size === 0) return {}
  const schema = bodySchema(operation, path, schemas)
  return { requestBody: { required, content: bodyContent(operation.rest.method, schema) } }
}

/** The input without the members that stand in the path. */
function bodySchema(
  operation: CustomOperation,
  path: InputPlaces['path'],
  schemas: Schemas,
): JsonObject {
  if (path.size === 0) return refTo(inputName(operation))
  const schema = inputSchema(operation, schemas)
  const { properties: _properties, required: names = [], ...rest } = schema
  const isLeft = (name: unknown): boolean => typeof name === 'string' && !path.has(name)
  const left = Object.entries(propertiesOf(schema)).filter(([name]) => isLeft(name))
  const required = [names].flat().filter(isLeft)
  const properties = Object.fromEntries(left)
  return required.length === 0 ? { ...rest, properties } : { ...rest, properties, required }
}
