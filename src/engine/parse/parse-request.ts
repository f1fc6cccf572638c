// The check of shape: everything a request says, against the model, before anybody asks who is calling.
import { addIssue, type Issue, isFull, onlyMessage, Problem } from '../../errors.ts'
import {
  type CustomOperation,
  type Model,
  type Operation,
  type Resource,
  targetOf,
} from '../../schema/model/model.ts'
import { allowedIn } from '../../schema/inputs/validation-issues.ts'
import { textsTooLong } from '../../schema/values/text-bounds.ts'
import { areValidatorsOff } from '../../schema/values/validators.ts'
import type { InputSchemas } from '../../schema/inputs/input-schemas.ts'
import { checkDepth, type Limits } from './limits.ts'
import type { ParsedAggregate } from './parse-aggregate.ts'
import { parseList, type ParsedList, type ParseContext } from './parse-list.ts'
import type { Expected } from '../row-version.ts'
import { parsePart, parseStandard } from './parse-standard-input.ts'
import type { OperationInput, Selection, Total } from '../request.ts'

/** A request whose shape is right. */
export interface ParsedRequest {
  readonly key: Readonly<Record<string, unknown>> | null
  readonly input: unknown
  readonly list: ParsedList | null
  readonly aggregate: ParsedAggregate | null
  readonly selection: ParsedSelection | null
  /** What an update or a delete says of the row's version. */
  readonly version: Expected
  /** updateMany, deleteMany: the most rows that are to be written. */
  readonly atMost: number
  /** What validators say of the input: judged after access. */
  readonly invalid: readonly Issue[]
}

export interface ParsedSelection {
  readonly fields: readonly string[] | 'default'
  readonly relations: readonly ParsedRelation[]
  readonly version?: true
}

export interface ParsedRelation {
  readonly id: string
  readonly relation: string
  readonly list: ParsedList | null
  readonly selection: ParsedSelection
  readonly rows: boolean
  readonly total: Total
}

export interface RequestParser {
  readonly model: Model
  readonly inputSchemas: InputSchemas
  readonly limits: Limits
  /** The list that is exported: see ParseContext. */
  readonly whole?: number
}

/**
 * Checks the shape of a request: names, types, limits.
 * @throws Problem TOO_COMPLEX, BAD_REQUEST (unknown fields, bad cursors), VALIDATION_FAILED with every issue of shape
 */
export function parseRequest(
  checker: RequestParser,
  operation: Operation,
  input: OperationInput,
  selection: Selection | null,
): ParsedRequest {
  const context: ParseContext = { ...checker, issues: [], unreadable: [], relatedLists: 0 }
  if (selection !== null) checkDepth(selection, checker.limits)
  const resource = resourceOf(operation)
  const parsedSelection =
    selection === null || resource === null
      ? null
      : parseSelection(context, resource, selection, [])
  const parsed =
    operation.standard === null
      ? parseCustom(context, operation, input)
      : parseStandard(context, operation, input, selection)
  if (context.unreadable.length > 0)
    throw new Problem(
      'BAD_REQUEST',
      onlyMessage(context.unreadable) ?? 'The request cannot be read.',
      { issues: context.unreadable },
    )
  if (context.issues.length > 0) throw invalid(context.issues)
  return {
    key: null,
    input: undefined,
    list: null,
    aggregate: null,
    version: null,
    atMost: 0,
    invalid: [],
    ...parsed,
    selection: parsedSelection,
  }
}

export const invalid = (issues: readonly Issue[], cause?: unknown): Problem =>
  new Problem(
    'VALIDATION_FAILED',
    onlyMessage(issues) ?? `The request has ${isFull(issues) ? 'many' : issues.length} faults.`,
    { issues, cause },
  )

function resourceOf(operation: Operation): Resource | null {
  if (operation.standard === 'aggregate') return null // its fields are those of groups
  if (operation.standard !== null) return operation.resource
  return operation.output.type === 'value' ? null : operation.output.resource
}

function parseCustom(
  context: ParseContext,
  operation: CustomOperation,
  input: OperationInput,
): Partial<ParsedRequest> {
  if (operation.input === null) {
    if (input.input !== undefined && Object.keys(input.input as object).length > 0) {
      // faces give an object or nothing
      addIssue(context.issues, {
        in: 'input',
        path: [],
        code: 'unknown_member',
        message: 'This operation takes no input.',
      })
    }
    return {}
  }
  const tooLong = textsTooLong(operation.input, input.input)
  if (tooLong.length > 0) return { input: input.input, invalid: tooLong } // the team's own schema does not see them
  const schema = areValidatorsOff() ? operation.inputShape : operation.input
  const data = parsePart(context, schema ?? operation.input, input.input ?? {}, 'input')
  return { input: data.value, invalid: data.invalid }
}

/** A field or relation that rows of a resource do not have. */
export function unknownMember(resource: Resource, path: Issue['path'], name: string): Issue {
  const allowed = [...resource.fields.keys(), ...resource.relations.keys()]
  return {
    in: 'fields',
    path: [...path, name],
    code: 'unknown_member',
    message: `There is no ${name} here. ${allowedIn(allowed)}`,
  }
}

function parseSelection(
  context: ParseContext,
  resource: Resource,
  selection: Selection,
  path: Issue['path'],
): ParsedSelection {
  const unknown = (name: string): void => {
    if (!isFull(context.unreadable)) context.unreadable.push(unknownMember(resource, path, name))
  }
  if (selection.fields !== 'default')
    for (const name of selection.fields) if (!resource.fields.has(name)) unknown(name)
  const relations = selection.relations.flatMap((asked): readonly ParsedRelation[] => {
    const relation = resource.relations.get(asked.relation)
    if (relation === undefined) {
      unknown(asked.relation)
      return []
    }
    const target = targetOf(context.model, relation)
    const inner = [...path, relation.name]
    return [
      {
        id: asked.id,
        relation: relation.name,
        list: relation.many ? parseList(context, target, asked.list, inner) : null,
        selection: parseSelection(context, target, asked.selection, inner),
        rows: asked.rows,
        total: asked.total,
      },
    ]
  })
  return {
    fields: selection.fields,
    relations,
    ...(selection.version === true ? { version: true } : {}),
  }
}
