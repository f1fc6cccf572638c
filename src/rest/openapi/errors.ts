// Errors that operations declare, in the OpenAPI document: a schema for each code, a response for each of their statuses.
import { problemType } from '../../errors.ts'
import {
  type DeclaredError,
  detailsName,
  problemName,
} from '../../schema/declare/declared-errors.ts'
import type { CustomOperation, Model } from '../../schema/model/model.ts'
import { errorRefs, headerRefs, responseOfStatus } from './components.ts'
import { type JsonSchema, refTo } from './schemas.ts'

type Part = Readonly<Record<string, unknown>>

/** Every declared error once, whichever operations answer it; of writes alone where asked. */
export const declaredErrors = (model: Model, of?: 'mutation'): readonly DeclaredError[] => [
  ...new Map(
    model.operations
      .flatMap((operation) =>
        operation.standard === null &&
        operation.only?.face !== 'graphql' &&
        (of ?? operation.kind) === operation.kind
          ? operation.errors
          : [],
      )
      .map((error) => [error.code, error]),
  ).values(),
]

/** Schemas of declared errors, beside `Problem`, whose codes are those of the catalogue. */
export function declaredSchemas(
  model: Model,
  { Problem: problem = {} }: Readonly<Record<string, JsonSchema>>,
): Readonly<Record<string, JsonSchema>> {
  const { properties = {} } = problem as {
    readonly properties?: Readonly<Record<string, JsonSchema>>
  } // an object schema
  return Object.fromEntries(
    declaredErrors(model).map(({ code, status, message, details }) => [
      problemName(code),
      {
        type: 'object',
        description: message,
        required: [
          'type',
          'title',
          'status',
          'detail',
          'code',
          ...(details === null ? [] : ['details']),
          'instance',
        ],
        properties: {
          ...properties,
          type: { type: 'string', const: problemType(code) },
          title: { type: 'string', const: message },
          status: { type: 'integer', const: status },
          code: { type: 'string', const: code },
          ...(details === null ? {} : { details: refTo(detailsName(code)) }),
        },
      },
    ]),
  )
}

/** Responses of errors: those that any operation may answer, and the operation's own beside them. */
export function customErrorResponses(
  { errors }: Pick<CustomOperation, 'errors'>,
  ...more: readonly number[]
): Part {
  const catalogue = errorRefs(...more)
  const own = [...Map.groupBy(errors, ({ status }) => status)].map(([status, declared]) => {
    const usual = catalogue[String(status)] === undefined ? null : responseOfStatus(status)
    const schemas = [
      ...(usual === null ? [] : [refTo('Problem')]),
      ...declared.map(({ code }) => refTo(problemName(code))),
    ]
    return [
      String(status),
      {
        description: [
          ...(usual === null ? [] : [usual.description]),
          ...declared.map(({ code, message }) => `${code}: ${message}`),
        ].join(' '),
        headers: usual?.headers ?? headerRefs(),
        content: {
          'application/problem+json': {
            schema: schemas.length === 1 ? schemas[0] : { oneOf: schemas },
          },
        },
      },
    ]
  })
  return { ...catalogue, ...(Object.fromEntries(own) as Part) }
}
