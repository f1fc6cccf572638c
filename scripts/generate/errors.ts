// docs/reference/errors.md, from the error table.
import { errorTable, issueParts, type ErrorCode } from '../../src/errors.ts'
import { problemType } from '../../src/problem-body.ts'
import { code, type Generated, madeFrom, toTable } from './markdown.ts'

export const errors = async (): Promise<Generated> => {
  const codes = (Object.keys(errorTable) as ErrorCode[]).toSorted(
    (a, b) => errorTable[a].status - errorTable[b].status,
  ) // its keys are the codes
  return {
    'docs/reference/errors.md': `# Errors

${madeFrom('src/errors.ts')}

Every error has a code from this table, the same on both faces. REST answers it as \`application/problem+json\` (RFC 9457) with the status;
GraphQL has it under \`extensions.code\` of an entry in \`errors\`. [Concepts](../concepts.md#errors) shows both forms.

${toTable(
  ['code', 'status', 'title', 'when'],
  codes.map((name) => [
    code(name),
    String(errorTable[name].status),
    errorTable[name].title,
    errorTable[name].when,
  ]),
)}
The \`type\` of an error is a URN made from its code: \`${problemType('NOT_FOUND')}\`.

## Errors of operations

An operation may declare its own errors too, \`errors: { OUT_OF_STOCK: { status, message, details } }\`, and throw them,
\`throw fail.OUT_OF_STOCK(details)\` ([Operations](../guides/operations.md#errors-of-its-own)). Both faces answer:

| member | REST, \`application/problem+json\` | GraphQL, \`extensions\` |
|---|---|---|
| the code | \`code\` | \`code\` |
| its URN, such as \`${problemType('OUT_OF_STOCK')}\` | \`type\` | \`type\` |
| the declared message | \`title\` | |
| the message of this occurrence | \`detail\` | \`message\` of the entry |
| the details | \`details\` | \`details\` |
| the status | \`status\` | |

A code means one thing in a gateway, and differs from those of the table. Its status and the schema of its details are in the OpenAPI document. In the
GraphQL schema, the description of the field names it.

## Issues

\`issues\` has an entry for each fault of the request, with these members:

| member | what |
|---|---|
| \`in\` | the part of the request: ${issueParts.map(code).join(', ')} |
| \`path\` | the path inside of that part, the same on both faces; an index of a list is a number |
| \`code\` | a stable word for programs, such as \`required\`, \`wrong_type\`, \`unknown_member\`, \`too_big\`, \`unauthenticated\` |
| \`message\` | a sentence for people |

An error has at most 20 issues. Where there are more, the last one has the code \`more\`, and does not say how many. Operations choose the codes of their own issues.
`,
  }
}
