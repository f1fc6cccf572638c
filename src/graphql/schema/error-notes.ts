// What the schema's document says of the errors that an operation declares: GraphQL has no place for them but the description.
import type { DeclaredError } from '../../schema/declare/declared-errors.ts'
import type { Operation } from '../../schema/model/model.ts'
import { describeZod, type Member, type ValueType } from '../../schema/values/zod-types.ts'
import type { About } from '../../schema/values/value-types.ts'
import { toScalarName } from './scalars.ts'

/** An operation with its errors behind its description. */
export function withErrors(operation: Operation): About {
  if (operation.standard !== null || operation.errors.length === 0) return operation
  const { description, errors } = operation
  const notes = `Errors of its own, by \`extensions.code\`:\n${errors.map(noteOf).join('\n')}`
  return {
    ...operation,
    description: description === undefined ? notes : `${description}\n\n${notes}`,
  }
}

const noteOf = ({ code, message, details }: DeclaredError): string =>
  `- \`${code}\`: ${message}${details === null ? '' : ` \`extensions.details\` is \`${textOf(describeZod(details).value)}\`.`}`

/** A type as the schema definition language would have it, written in its place. */
function textOf(value: ValueType): string {
  switch (value.type) {
    case 'scalar':
      return toScalarName(value.kind)
    case 'enum':
      return value.labels.map((label) => JSON.stringify(label)).join(' | ')
    case 'list':
      return `[${memberText(value.of)}]`
    case 'object':
      return `{ ${[...value.members].map(([name, member]) => `${name}: ${memberText(member)}`).join(', ')} }`
  }
}

const memberText = ({ value, nullable, optional }: Member): string =>
  `${textOf(value)}${nullable || optional ? '' : '!'}`
