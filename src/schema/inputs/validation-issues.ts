// From Zod's issues to ours, told apart by stage: a fault of shape is judged before access, a validator's after it.
import { z } from 'zod'
import { addIssues, type Issue, isFull, type IssuePart, MAX_ISSUES, plainly } from '../../errors.ts'
import { allowedIn, listing } from '../../told-names.ts'
import { boundLists } from './bounded-lists.ts'
import { isShapeIssue, isWholeNumber } from '../values/issue-stage.ts'
import { expectedFormat } from '../values/kinds.ts'

type ZodIssue = z.core.$ZodIssue

export type ParsedInput =
  | { readonly ok: true; readonly value: unknown }
  /** `shape`: the first stage failed; else a validator, which is judged after access. */
  | {
      readonly ok: false
      readonly stage: 'shape' | 'validators'
      readonly issues: readonly Issue[]
    }

/** Parses a value of a request; `prefix` leads to the value inside its part. Of many issues it makes one more than an error tells. */
export function parseInput(
  schema: z.ZodType,
  value: unknown,
  part: IssuePart,
  prefix: Issue['path'] = [],
): ParsedInput {
  boundLists(schema)
  const context = { ...options } // Zod keeps what it has seen in it
  const parsed = schema._zod.run({ value, issues: [] }, context)
  if (parsed instanceof Promise) throw new Error('The schema of an input is asynchronous.')
  if (parsed.issues.length === 0) return { ok: true, value: parsed.value }
  const shape = parsed.issues.filter(isShapeIssue)
  const issues: Issue[] = []
  for (const raw of shape.length > 0 ? shape : parsed.issues) {
    if (isFull(issues)) break
    addIssues(
      issues,
      toIssue(z.core.util.finalizeIssue(raw, context, z.core.config()), part, prefix),
    )
  }
  return { ok: false, stage: shape.length > 0 ? 'shape' : 'validators', issues }
}

const options: z.core.ParseContextInternal<z.core.$ZodIssue> = {
  async: false,
  reportInput: true,
  error: tell,
}

/** Our words where the schema has none of its own; they need to know the schema that met the value. */
function tell(issue: z.core.$ZodRawIssue): string | undefined {
  const def = defOf(issue)
  switch (issue.code) {
    case 'unrecognized_keys':
      return allowedIn(Object.keys(def.shape ?? {}))
    case 'invalid_type':
      return def.format === 'int32' ? WHOLE_NUMBER : formatWords(def.format)
    case 'invalid_format':
      return formatWords(issue.format)
    case 'not_multiple_of':
      return `A multiple of ${issue.divisor}.`
    case 'too_big':
      return bound(issue.inclusive === false ? 'Less than' : 'At most', issue.maximum, issue.origin)
    case 'too_small':
      return bound(
        issue.inclusive === false ? 'More than' : 'At least',
        issue.minimum,
        issue.origin,
      )
    default:
      return undefined
  }
}

function formatWords(format: string | undefined): string | undefined {
  const words = format === undefined ? undefined : expectedFormat(format)
  return words === undefined ? undefined : `Expected ${words}.`
}

const WHOLE_NUMBER = 'Expected a whole number of 32 bits.'

interface MetDef {
  readonly shape?: object
  readonly format?: string
}

/** The definition of the schema that met the value, of whatever class of Zod's. */
const defOf = ({ inst }: z.core.$ZodRawIssue): MetDef =>
  (inst as { readonly _zod?: { readonly def?: MetDef } } | undefined)?._zod?.def ?? {}

const units: Readonly<Record<string, string>> = { array: ' member', string: ' character' }

const bound = (words: string, limit: number | bigint, origin: string): string =>
  `${words} ${limit}${units[origin] ?? ''}${units[origin] === undefined || Number(limit) === 1 ? '' : 's'}.`

/** All issues of a failed parse, each with the path inside `part`. `prefix` leads to the parsed value in its part. */
export function toIssues(
  error: z.core.$ZodError,
  part: IssuePart,
  prefix: Issue['path'] = [],
): readonly Issue[] {
  return error.issues.flatMap((issue) => toIssue(issue, part, prefix))
}

function toIssue(issue: ZodIssue, part: IssuePart, prefix: Issue['path']): readonly Issue[] {
  const path = [
    ...prefix,
    ...issue.path.map((step) => (typeof step === 'number' ? step : String(step))),
  ]
  if (issue.code !== 'unrecognized_keys') return [{ in: part, path, ...factsOf(issue) }]
  return issue.keys.slice(0, MORE_THAN_TOLD).map((key) =>
    listing(
      {
        in: part,
        path: [...path, key],
        code: 'unknown_member',
        message: `There is no ${key} here.`,
      },
      issue.message,
    ),
  )
}

type Facts = Omit<Issue, 'in' | 'path'>

function factsOf(issue: Exclude<ZodIssue, z.core.$ZodIssueUnrecognizedKeys>): Facts {
  const { message } = issue
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return { code: 'required', message: 'This is required.' }
      return { code: 'wrong_type', message: wordsOf(issue) }
    case 'invalid_value': {
      const values = issue.values.map((value) => JSON.stringify(value)).join(', ')
      return {
        code: 'wrong_type',
        message: `Expected one of ${values}.`,
        [plainly]: 'This is none of the values that are expected here.',
      }
    }
    case 'invalid_format':
      return { code: isShapeIssue(issue) ? 'wrong_type' : 'invalid', message }
    case 'too_big':
    case 'too_small':
      if (!isWholeNumber(issue)) return { code: issue.code, message }
      return {
        code: 'wrong_type',
        message: message.startsWith('Expected ') ? message : WHOLE_NUMBER,
      }
    case 'custom':
      return { code: codeOf(issue), message }
    default:
      return { code: 'invalid', message }
  }
}

/** The schema's own words, where it has some; Zod's do not begin so. */
const wordsOf = ({ message, expected }: z.core.$ZodIssueInvalidType): string =>
  message.startsWith('Expected ') ? message : `Expected ${names[expected] ?? expected}.`

/** One more than an error tells, so that it says there are more; a hostile body has tens of thousands. */
const MORE_THAN_TOLD = MAX_ISSUES + 1

function codeOf(issue: z.core.$ZodIssueCustom): string {
  const code: unknown = issue.params?.['code']
  if (typeof code === 'string') return code
  return isShapeIssue(issue) ? 'wrong_type' : 'invalid'
}

const names: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  never: 'nothing',
}
