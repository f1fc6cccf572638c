// The check of form: everything that a request says, against the model, before any question of who is calling.
import { addIssue, type Issue, isFull, onlyMessage, Problem } from '../../errors.ts'
import {
  type CustomOperation,
  type Field,
  type Model,
  type Operation,
  type Relation,
  type Resource,
  targetOf,
} from '../../schema/model/model.ts'
import { allowedIn, listing } from '../../told-names.ts'
import { textsTooLong } from '../../schema/values/text-bounds.ts'
import { areValidatorsOff } from '../../schema/values/validators.ts'
import type { InputSchemas } from '../../schema/inputs/input-schemas.ts'
import { checkDepth, type Limits } from './limits.ts'
import type { ParsedAggregate } from './parse-aggregate.ts'
import { givenMembers } from './members.ts'
import type { ParseContext } from './parse-context.ts'
import { parseList, type ParsedList } from './parse-list.ts'
import type { ParsedRow } from './parse-rows.ts'
import type { Expected } from '../row-version.ts'
import { parsePart, parseStandard } from './parse-standard-input.ts'
import type { EngineRequest, OperationInput, Selection, Total } from '../request.ts'

/** A request whose shape is right. */
export interface ParsedRequest {
  readonly key: Readonly<Record<string, unknown>> | null
  /** Of a custom operation: as its schema gives it. */
  readonly input: unknown
  /** Rows to be written: one, or those of a createMany. */
  readonly rows: readonly ParsedRow[]
  readonly list: ParsedList | null
  readonly aggregate: ParsedAggregate | null
  readonly selection: ParsedSelection | null
  /** What an update or a delete says of the row's version. */
  readonly version: Expected
  /** updateMany, deleteMany: the most rows that are to be written. */
  readonly atMost: number
  /** Faults that validators found in the input. They are reported after access was checked. */
  readonly invalid: readonly Issue[]
}

export interface ParsedSelection {
  readonly fields: readonly Field[] | 'default'
  readonly relations: readonly ParsedRelation[]
  readonly version?: true
}

/** Shows nothing of a row. */
export const NO_SELECTION: ParsedSelection = { fields: [], relations: [] }

export interface ParsedRelation {
  readonly id: string
  readonly relation: Relation
  readonly target: Resource
  readonly list: ParsedList | null
  readonly selection: ParsedSelection
  readonly rows: boolean
  readonly total: Total
}

export interface RequestParser {
  readonly model: Model
  readonly inputSchemas: InputSchemas
  readonly limits: Limits
  /** The number of the list that is exported: see ParseContext. */
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
  const parsed = parseParts(context, operation, input, selection)
  if (context.unreadable.length > 0)
    throw new Problem(
      'BAD_REQUEST',
      onlyMessage(context.unreadable) ?? 'The request cannot be read.',
      { issues: context.unreadable },
    )
  if (context.issues.length > 0) throw invalid(context.issues)
  return parsed
}

/** All parts of a request. Its faults are noted in the context; a part that is wrong is parsed as far as it goes. */
function parseParts(
  context: ParseContext,
  operation: Operation,
  input: OperationInput,
  selection: Selection | null,
): ParsedRequest {
  if (selection !== null) checkDepth(selection, context.limits)
  const resource = resourceOf(operation)
  const shown =
    selection === null || resource === null
      ? null
      : parseSelection(context, resource, selection, [])
  const parsed =
    operation.standard === null
      ? parseCustom(context, operation, input)
      : parseStandard(context, operation, input, selection)
  return { ...EMPTY, ...parsed, selection: shown }
}

const EMPTY: ParsedRequest = {
  key: null,
  input: undefined,
  rows: [],
  list: null,
  aggregate: null,
  selection: null,
  version: null,
  atMost: 0,
  invalid: [],
}

/**
 * A request that was parsed before, whose limits and cursors are of no interest any more.
 * @throws Problem TOO_COMPLEX
 */
export const parseAgain = (
  checker: RequestParser,
  { operation, input, selection }: EngineRequest,
): ParsedRequest =>
  parseParts(
    { ...checker, issues: [], unreadable: [], relatedLists: 0 },
    operation,
    input,
    selection,
  )

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
    if (givenMembers(input.input).length > 0) {
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
  return listing(
    {
      in: 'fields',
      path: [...path, name],
      code: 'unknown_member',
      message: `There is no ${name} here.`,
    },
    allowedIn(allowed),
  )
}

function parseSelection(
  context: ParseContext,
  resource: Resource,
  selection: Selection,
  path: Issue['path'],
): ParsedSelection {
  const unknown = (name: string): [] => {
    if (!isFull(context.unreadable)) context.unreadable.push(unknownMember(resource, path, name))
    return []
  }
  const fields =
    selection.fields === 'default'
      ? 'default'
      : selection.fields.flatMap((name) => resource.fields.get(name) ?? unknown(name))
  const relations = selection.relations.flatMap((asked): readonly ParsedRelation[] => {
    const relation = resource.relations.get(asked.relation)
    if (relation === undefined) return unknown(asked.relation)
    const target = targetOf(context.model, relation)
    const inner = [...path, relation.name]
    return [
      {
        id: asked.id,
        relation,
        target,
        list: relation.many ? parseList(context, target, asked.list, inner) : null,
        selection: parseSelection(context, target, asked.selection, inner),
        rows: asked.rows,
        total: asked.total,
      },
    ]
  })
  return { fields, relations, ...(selection.version === true ? { version: true } : {}) }
}
