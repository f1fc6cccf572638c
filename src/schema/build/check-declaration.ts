// A declaration held against its members: every unknown, undefined or wrong one is reported, with its place and the nearest right name.
import { z } from 'zod'
import {
  isOperation,
  isResource,
  operationRules,
  resourceRules,
  vocabularyOptions,
} from '../declare/declaration-members.ts'
import type { OperationDeclaration, ResourceDeclaration } from '../declare/declare.ts'
import { didYouMean, shown } from '../declare/did-you-mean.ts'
import type { Report } from '../declare/model-error.ts'

type Path = readonly PropertyKey[]

/** A schema without what is around it. */
function unwrapped(schema: unknown): unknown {
  return schema instanceof z.ZodExactOptional ? unwrapped(schema.unwrap()) : schema
}

/** The schema of what stands at a step of a path; undefined where a schema has no parts. */
function partOf(schema: unknown, step: PropertyKey): unknown {
  const inner = unwrapped(schema)
  if (inner instanceof z.ZodObject) return inner.shape[String(step)]
  if (inner instanceof z.ZodRecord) return inner.valueType
  if (inner instanceof z.ZodArray && typeof step === 'number') return inner.element
  if (!(inner instanceof z.ZodUnion)) return undefined
  return inner.options.map((option) => partOf(option, step)).find((part) => part !== undefined)
}

const schemaAt = (schema: z.ZodType, path: Path): unknown => unwrapped(path.reduce(partOf, schema))

/** Of a value that may be one of several, the object among them, for it has members. */
const asObject = (schema: unknown): unknown =>
  schema instanceof z.ZodUnion
    ? schema.options.find((option) => option instanceof z.ZodObject)
    : schema

function valueAt(given: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, step) => Object(at)[step], given)
}

/** The issues of one alternative where there are several: of the one that the value is nearest to. */
function plainIssues(
  issues: readonly z.core.$ZodIssue[],
  at: Path = [],
): readonly z.core.$ZodIssue[] {
  return issues.flatMap((issue) => {
    const path = [...at, ...issue.path]
    if (issue.code !== 'invalid_union') return [{ ...issue, path }]
    const fitting = issue.errors.find((alternative) =>
      alternative.every((one) => one.path.length > 0 || one.code === 'unrecognized_keys'),
    )
    return fitting === undefined ? [{ ...issue, path }] : plainIssues(fitting, path)
  })
}

const placeOf = (where: string, path: Path): string => [where, ...path.map(String)].join('.')

/** Reports everything that the schema does not allow; the paths of what is there and cannot be used. */
export function checkMembers(
  where: string,
  schema: z.ZodType,
  given: unknown,
  report: Report,
): readonly Path[] {
  const parsed = schema.safeParse(given)
  const wrong: Path[] = []
  for (const issue of parsed.success ? [] : plainIssues(parsed.error.issues)) {
    const at = schemaAt(schema, issue.path)
    if (issue.code === 'unrecognized_keys')
      reportUnknown(placeOf(where, issue.path), at, issue.keys, report)
    else {
      report(
        placeOf(where, issue.path),
        wrongValue(at, valueAt(given, issue.path), isThere(given, issue.path)),
      )
      wrong.push(issue.path)
    }
  }
  return wrong
}

const isThere = (given: unknown, path: Path): boolean =>
  path.length === 0 || Object.hasOwn(Object(valueAt(given, path.slice(0, -1))), path.at(-1) ?? '')

function reportUnknown(
  where: string,
  schema: unknown,
  unknown: readonly string[],
  report: Report,
): void {
  const object = asObject(schema)
  const known = object instanceof z.ZodObject ? object : null
  const allowed = Object.keys(known?.shape ?? {})
  for (const name of unknown) {
    report(
      `${where}.${name}`,
      `is no member of ${known?.description ?? 'this'}.${didYouMean(name, allowed)} Allowed are ${allowed.join(', ')}.`,
    )
  }
}

function wrongValue(schema: unknown, given: unknown, there: boolean): string {
  const expected = schema instanceof z.ZodType ? schema.description : undefined
  const names = schema instanceof z.ZodEnum ? schema.options.map(String) : []
  const nearest = typeof given === 'string' ? didYouMean(given, names) : ''
  return `is ${there ? shown(given) : 'missing'}; it must be ${expected ?? 'something else'}.${nearest}`
}

/** The parts of a declaration that a model can be built of, once their mistakes are reported. */
export interface CheckedDeclaration {
  readonly resources: Readonly<Record<string, ResourceDeclaration>>
  readonly operations: Readonly<Record<string, OperationDeclaration>>
}

/** Reports what no type would have let through, and leaves it out, so that the build finds what else is wrong. */
export function checkDeclaration(
  declaration: { readonly resources?: unknown; readonly operations?: unknown },
  report: Report,
): CheckedDeclaration {
  const resources = entriesOf(declaration.resources).flatMap(([key, resource]) =>
    checkResource(key, resource, report),
  )
  const operations = entriesOf(declaration.operations).flatMap(([name, operation]) =>
    checkOperation(name, operation, report),
  )
  for (const vocabulary of new Set(resources.map(([, resource]) => resource.vocabulary))) {
    checkMembers('declare', vocabularyOptions, vocabulary.given, report)
  }
  return { resources: Object.fromEntries(resources), operations: Object.fromEntries(operations) }
}

const entriesOf = (given: unknown): readonly (readonly [string, unknown])[] =>
  typeof given === 'object' && given !== null ? Object.entries(given) : []

function checkResource(
  key: string,
  given: unknown,
  report: Report,
): readonly (readonly [string, ResourceDeclaration])[] {
  if (!isResource(given)) {
    report(`resources.${key}`, `is ${shown(given)}; it must be what \`resource\` returned.`)
    return []
  }
  const declared = given as ResourceDeclaration // as its mark says
  const wrong = checkMembers(key, resourceRules, declared.rules, report)
  const rules = wrong.some((path) => path.length === 0) ? {} : wrong.reduce(without, declared.rules)
  return [[key, { ...declared, rules: { access: {}, ...(rules as object) } }]] // an object: its schema says so
}

/** Without the member at the path, or the member of a resource's or a field's that it lies in. */
function without(rules: unknown, [name, part]: Path): unknown {
  const { [String(name)]: member, ...rest } = rules as Readonly<Record<string, unknown>> // an object, or the path would be empty
  if (part === undefined || typeof member !== 'object' || member === null || Array.isArray(member))
    return rest
  const { [String(part)]: _wrong, ...others } = member as Readonly<Record<string, unknown>> // as above
  return { ...rest, [String(name)]: others }
}

function checkOperation(
  name: string,
  given: unknown,
  report: Report,
): readonly (readonly [string, OperationDeclaration])[] {
  if (!isOperation(given)) {
    report(`operations.${name}`, `is ${shown(given)}; it must be what \`operation\` returned.`)
    return []
  }
  const declared = given as OperationDeclaration // as its mark says
  const wrong = checkMembers(`operations.${name}`, operationRules, declared.given, report)
  return wrong.length === 0 ? [[name, declared]] : []
}
