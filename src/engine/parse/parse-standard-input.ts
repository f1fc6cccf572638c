// The inputs of the standard operations, checked: keys, lists, rows to write, and filters of rows to write.
import { addIssue, addIssues, type Issue, isFull } from '../../errors.ts'
import { parseInput } from '../../schema/inputs/validation-issues.ts'
import type { Resource, StandardOperation } from '../../schema/model/model.ts'
import { type ParsedAggregate, parseAggregate } from './parse-aggregate.ts'
import type { Expected } from '../row-version.ts'
import { parseExpected } from './parse-version.ts'
import type { ParseContext } from './parse-context.ts'
import { isAlwaysTrue } from './parse-filter.ts'
import { parseList, type ParsedList } from './parse-list.ts'
import { type ParsedRow, toParsedRow } from './parse-rows.ts'
import { checkNestedInput } from './parse-nested-input.ts'
import type { OperationInput, Selection } from '../request.ts'

type Values = Readonly<Record<string, unknown>>

/** The parts of a parsed request that an operation's input gives. */
interface ParsedInput {
  readonly key?: Values | null
  readonly rows?: readonly ParsedRow[]
  readonly list?: ParsedList
  readonly aggregate?: ParsedAggregate
  readonly version?: Expected
  readonly atMost?: number
  readonly invalid?: readonly Issue[]
}

// oxlint-disable-next-line complexity -- one arm for each standard operation
export function parseStandard(
  context: ParseContext,
  operation: StandardOperation,
  input: OperationInput,
  selection: Selection | null,
): ParsedInput {
  const { inputSchemas } = context
  const { resource, standard } = operation
  switch (standard) {
    case 'list':
      return { list: parseList(context, resource, input.list ?? {}, []) }
    case 'aggregate':
      return { aggregate: parseAggregate(context, resource, input.aggregate ?? {}, selection) }
    case 'get':
      return { key: parseKey(context, operation, input) }
    case 'delete':
      return {
        key: parseKey(context, operation, input),
        version: parseExpected(input.version, context.issues),
      }
    case 'create': {
      const data = parseRow(context, resource, inputSchemas.create(resource), input.input)
      checkNestedInput(
        context,
        resource,
        data.rows.map((row) => [[], row]),
      )
      return data
    }
    case 'update':
      return {
        key: parseKey(context, operation, input),
        version: parseExpected(input.version, context.issues),
        ...parseRow(context, resource, inputSchemas.update(resource), input.input),
      }
    case 'createMany':
      return parseRows(context, resource, input.input)
    case 'upsert':
      return parseUpsert(context, operation, input.input)
    case 'updateMany':
      return {
        ...parseFiltered(context, resource, input),
        ...parseRow(context, resource, inputSchemas.update(resource), input.input),
      }
    case 'deleteMany':
      return parseFiltered(context, resource, input)
  }
}

const parseKey = (
  context: ParseContext,
  { by }: StandardOperation,
  { key }: OperationInput,
): Values | null =>
  by === null
    ? null
    : (parsePart(context, context.inputSchemas.key(by), key ?? {}, 'key').value as Values | null) // the schema's output

type WrittenRows = Required<Pick<ParsedInput, 'rows' | 'invalid'>>

/** No row where the shape of the input is wrong. */
function parseRow(
  context: ParseContext,
  resource: Resource,
  schema: Parameters<typeof parseInput>[0],
  input: unknown,
): WrittenRows {
  const { value, invalid } = parsePart(context, schema, input ?? {}, 'input')
  return { rows: value === null ? [] : [toParsedRow(context.model, resource, value)], invalid }
}

export function parsePart(
  context: ParseContext,
  schema: Parameters<typeof parseInput>[0],
  value: unknown,
  part: Issue['in'],
) {
  const parsed = parseInput(schema, value, part)
  if (parsed.ok) return { value: parsed.value, invalid: [] }
  if (parsed.stage === 'validators') return { value, invalid: parsed.issues }
  addIssues(context.issues, parsed.issues)
  return { value: null, invalid: [] }
}

/** The rows of one write are as many as those of a page, at most. */
function parseRows(context: ParseContext, resource: Resource, rows: unknown): ParsedInput {
  const { max } = resource.page
  if (Array.isArray(rows) && rows.length > max) {
    // before any work is done for each of them
    addIssue(context.issues, {
      in: 'input',
      path: [],
      code: 'too_big',
      message: `At most ${max} rows at once.`,
    })
    return {}
  }
  const { value, invalid } = parsePart(
    context,
    context.inputSchemas.createMany(resource),
    rows,
    'input',
  )
  const inputs: readonly unknown[] = Array.isArray(value) ? value : []
  const parsed = inputs.map((input) => toParsedRow(context.model, resource, input))
  checkNestedInput(
    context,
    resource,
    parsed.map((row, i) => [[i], row]),
  ) // as for a create
  return { rows: parsed, invalid }
}

/** The key is the input's values of its fields, on both faces. */
function parseUpsert(
  context: ParseContext,
  { resource, by }: StandardOperation,
  input: unknown,
): ParsedInput {
  const key = by ?? resource.primaryKey
  const data = parseRow(context, resource, context.inputSchemas.upsert(resource, key), input)
  const values = data.rows[0]?.values
  return {
    ...data,
    key: Object.fromEntries(key.fields.map((field) => [field.name, values?.get(field)])),
  }
}

function parseFiltered(
  context: ParseContext,
  resource: Resource,
  { list = {}, atMost }: OperationInput,
): ParsedInput {
  const { where } = list
  const missing = (message: string, code: string): void => {
    addIssue(context.issues, { in: 'where', path: [], code, message })
  }
  if (where === undefined) missing('This is required: it says which rows.', 'required')
  const faults = context.issues.length
  const parsed = parseList(context, resource, where === undefined ? {} : { where }, [])
  if (
    where !== undefined &&
    context.issues.length === faults &&
    !isFull(context.issues) &&
    isAlwaysTrue(parsed.where)
  )
    missing('This filter would match every row; name what it compares.', 'wrong_type')
  return { list: parsed, atMost: parseAtMost(context, resource, atMost) }
}

function parseAtMost(
  { issues }: ParseContext,
  { page: { max } }: Resource,
  atMost: unknown,
): number {
  const fault = (code: string, message: string): number => {
    addIssue(issues, { in: 'page', path: ['atMost'], code, message })
    return 0
  }
  if (atMost === undefined)
    return fault('required', 'This is required: the most rows that are to be written.')
  if (typeof atMost !== 'number' || !Number.isInteger(atMost) || atMost < 1 || atMost >= 2 ** 31)
    return fault('wrong_type', 'Expected a whole number from 1.')
  return atMost > max ? fault('too_big', `At most ${max} rows at once.`) : atMost
}
