// The inputs of the standard operations, checked: keys, lists, rows to write, and filters of rows to write.
import { addIssue, addIssues, type Issue, isFull } from '../../errors.ts'
import type { FilterTree } from '../../schema/declare/access.ts'
import { parseInput } from '../../schema/inputs/validation-issues.ts'
import type { Resource, StandardOperation } from '../../schema/model/model.ts'
import { type ParsedAggregate, parseAggregate } from './parse-aggregate.ts'
import type { Expected } from '../row-version.ts'
import { parseExpected } from './parse-version.ts'
import { parseList, type ParsedList, type ParseContext } from './parse-list.ts'
import { checkNestedInput } from './parse-nested-input.ts'
import type { OperationInput, Selection } from '../request.ts'

type Values = Readonly<Record<string, unknown>>

/** What of a parsed request an operation's input comes to. */
interface ParsedInput {
  readonly key?: Values | null
  readonly input?: unknown
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
      const data = parsePart(context, inputSchemas.create(resource), input.input ?? {}, 'input')
      if (data.value !== null) checkNestedInput(context, resource, [[[], data.value as Values]]) // the schema's output
      return written(data)
    }
    case 'update': {
      const key = parseKey(context, operation, input)
      const version = parseExpected(input.version, context.issues)
      return {
        key,
        version,
        ...written(parsePart(context, inputSchemas.update(resource), input.input ?? {}, 'input')),
      }
    }
    case 'createMany':
      return parseRows(context, resource, input.input)
    case 'upsert':
      return parseUpsert(context, operation, input.input ?? {})
    case 'updateMany':
      return {
        ...parseFiltered(context, resource, input),
        ...written(parsePart(context, inputSchemas.update(resource), input.input ?? {}, 'input')),
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

const written = ({ value, invalid }: ReturnType<typeof parsePart>): ParsedInput => ({
  input: value,
  invalid,
})

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
    // before anything looks at each of them
    addIssue(context.issues, {
      in: 'input',
      path: [],
      code: 'too_big',
      message: `At most ${max} rows at once.`,
    })
    return {}
  }
  const data = parsePart(context, context.inputSchemas.createMany(resource), rows, 'input')
  if (data.value !== null)
    checkNestedInput(
      context,
      resource,
      (data.value as readonly Values[]).map((row, i) => [[i], row]),
    ) // as for a create
  return written(data)
}

/** The key is what the input says of its fields, whichever face it came by. */
function parseUpsert(
  context: ParseContext,
  { resource, by }: StandardOperation,
  input: unknown,
): ParsedInput {
  const key = by ?? resource.primaryKey
  const { value, invalid } = parsePart(
    context,
    context.inputSchemas.upsert(resource, key),
    input,
    'input',
  )
  const values = (value ?? {}) as Values // an object by its schema
  return {
    input: value,
    invalid,
    key: Object.fromEntries(key.fields.map(({ name }) => [name, values[name]])),
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

/** Whether a checked filter holds whatever the row: it has words of logic and compares nothing, or nothing that matters. */
function isAlwaysTrue(filter: FilterTree): boolean {
  return membersOf(filter).every(([name, value]) => {
    const trees = value as readonly FilterTree[] // as its schema has it
    if (name === 'AND') return trees.every(isAlwaysTrue)
    if (name === 'OR') return trees.some(isAlwaysTrue)
    if (name === 'NOT') return isNeverTrue(value as FilterTree)
    return holdsOfAny(value as FilterTree)
  })
}

/** Of any related rows: whatever they are, all of them match, or none does what nothing does. */
function holdsOfAny(quantifiers: FilterTree): boolean {
  return membersOf(quantifiers).every(
    ([name, value]) =>
      (name === 'every' && isAlwaysTrue(value as FilterTree)) ||
      (name === 'none' && isNeverTrue(value as FilterTree)),
  ) // no comparison has such a name
}

function isNeverTrue(filter: FilterTree): boolean {
  return membersOf(filter).some(([name, value]) => {
    const trees = value as readonly FilterTree[] // as above
    if (name === 'AND') return trees.some(isNeverTrue)
    if (name === 'OR') return trees.every(isNeverTrue)
    return name === 'NOT' && isAlwaysTrue(value as FilterTree)
  })
}

const membersOf = (filter: FilterTree): readonly (readonly [string, unknown])[] =>
  Object.entries(filter).filter(([, value]) => value !== undefined)
