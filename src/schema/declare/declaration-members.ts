// The members of a declaration as data, beside their types: what check-declaration.ts holds a declaration against.
import { z } from 'zod'
import { isPolicyWord } from './access.ts'
import type {
  ComputedField,
  ExportRules,
  FieldRules,
  OperationDeclaration,
  ResourceRules,
  VocabularyOptions,
} from './declare.ts'
import type { ErrorRules } from './declared-errors.ts'
import { kinds } from '../values/kinds.ts'

/** One schema for each member of `T`: the compiler refuses one too few and one too many. */
export type MembersOf<T> = {
  readonly [M in keyof T]-?: {} extends Pick<T, M> ? z.ZodExactOptional : z.ZodType
}

/** An object without other members than these; the description is what messages call it. */
export const members = <S extends z.ZodRawShape>(what: string, shape: S) =>
  z.strictObject(shape).describe(what)

/** A value that is looked at elsewhere, or taken as it is. */
export const value = <T>(what: string, holds: (given: unknown) => boolean) =>
  z.custom<T>(holds).describe(what)

export const text = z.string().describe('text')
export const isObject = (given: unknown): boolean =>
  typeof given === 'object' && given !== null && !Array.isArray(given)
const isFunction = (given: unknown): boolean => typeof given === 'function'
export const functionValue = value<never>('a function', isFunction)
const only = <const V extends readonly [z.core.util.Literal, ...z.core.util.Literal[]]>(
  ...values: V
) => z.literal([...values]).describe(listed(values))
const oneOf = <const V extends readonly [string, ...string[]]>(...values: V) =>
  z.enum(values).describe(listed(values))
const texts = z.array(text).describe('a list of names')
const whole = z.number().describe('a number')

function listed(values: readonly unknown[]): string {
  const shown = values.map((one) => JSON.stringify(one))
  return shown.length === 1 ? shown.join() : `${shown.slice(0, -1).join(', ')} or ${shown.at(-1)}`
}

/** Only that it is given: check-policies.ts looks at the policy itself. */
const policy = value<never>('a policy', (given) => given !== undefined).exactOptional()
const description = text.exactOptional()
const yes = only(true).exactOptional()

/** Of a resource or an operation, and of the gateway for all of them. */
export const auditRule = z.boolean().describe('true or false').exactOptional()

const described = { description, deprecated: description }

const fieldMembers = {
  ...described,
  hidden: yes,
  read: policy,
  write: policy,
  settable: yes,
  validate: functionValue.exactOptional(),
} satisfies MembersOf<FieldRules<never, never, never, never>>

const kindNames = Object.keys(kinds).filter((name) => name !== 'enum') as [string, ...string[]] // there are some

const computedMembers = {
  ...described,
  type: z.enum(kindNames).describe(listed(kindNames)),
  sql: functionValue,
  nullable: z.boolean().describe('true or false').exactOptional(),
  read: policy,
} satisfies MembersOf<ComputedField<never, never, never>>

type Nested<M extends keyof ResourceRules<never, never, never>> = NonNullable<
  ResourceRules<never, never, never>[M]
>
type SearchRules = Exclude<Nested<'search'>, readonly unknown[]>

const accessMembers = {
  read: policy,
  create: policy,
  update: policy,
  delete: policy,
} satisfies MembersOf<Nested<'access'>>
const relationMembers = { hidden: yes, description } satisfies MembersOf<{
  readonly hidden?: true
  readonly description?: string
}>
const nameMembers = {
  plural: text.exactOptional(),
  type: text.exactOptional(),
  path: text.exactOptional(),
  nodeId: text.exactOptional(),
  version: text.exactOptional(),
} satisfies MembersOf<Nested<'names'>>
const pageMembers = {
  default: whole.exactOptional(),
  max: whole.exactOptional(),
  groups: whole.exactOptional(),
} satisfies MembersOf<Nested<'page'>>
const searchMembers = {
  columns: texts,
  language: text.exactOptional(),
  weights: z
    .record(z.string(), oneOf('A', 'B', 'C', 'D'))
    .describe('an object of weights')
    .exactOptional(),
} satisfies MembersOf<SearchRules>

const exportMembers = {
  access: policy,
  rows: whole.exactOptional(),
} satisfies MembersOf<Extract<ExportRules<never>, { readonly rows?: number }>>

/** Of a resource, and of the gateway for all of them. */
export const exportRules = z
  .union([value<never>('a policy', isPolicyWord), members('`export`', exportMembers)])
  .describe('a policy, or an object of `access` and `rows`')
  .exactOptional()

const record = <S extends z.ZodType>(what: string, one: S) =>
  z.record(z.string(), one).describe(what).exactOptional()

const resourceMembers = {
  ...described,
  access: members('`access`', accessMembers),
  fields: record('an object of rules by column', members('the rules of a field', fieldMembers)),
  computed: record('an object of computed fields', members('a computed field', computedMembers)),
  relations: record(
    'an object of rules by relation',
    members('the rules of a relation', relationMembers),
  ),
  key: texts.exactOptional(),
  names: members('`names`', nameMembers).exactOptional(),
  nested: texts.exactOptional(),
  search: z
    .union([texts, members('`search`', searchMembers)])
    .describe('a list of columns, or an object')
    .exactOptional(),
  version: z
    .union([text, z.literal(false)])
    .describe('a column, or false')
    .exactOptional(),
  requireVersion: yes,
  writes: z
    .array(oneOf('upsert', 'updateMany', 'deleteMany'))
    .describe('a list of writes')
    .exactOptional(),
  export: exportRules,
  audit: auditRule,
  page: members('`page`', pageMembers).exactOptional(),
} satisfies MembersOf<ResourceRules<never, never, never>>

const zodObject = value<z.ZodObject>('a Zod object', (given) => given instanceof z.ZodObject)
const declares =
  (what: string) =>
  (given: unknown): boolean =>
    isObject(given) && (given as { readonly declares?: unknown }).declares === what // as resource(), list(), operation() mark it
export const isResource = declares('resource')
export const isOperation = declares('operation')
const isList = (given: unknown): boolean =>
  declares('list')(given) && isResource((given as { readonly of?: unknown }).of) // as above
const isOutput = (given: unknown): boolean =>
  given instanceof z.ZodObject || isResource(given) || isList(given)

const errorMembers = {
  status: z.number().describe('a status of HTTP'),
  message: text,
  details: zodObject.exactOptional(),
} satisfies MembersOf<ErrorRules<z.ZodObject>>
const onlyMembers = { face: oneOf('graphql', 'rest'), reason: text } satisfies MembersOf<
  NonNullable<OperationDeclaration['rules']['only']>
>

const operationMembers = {
  ...described,
  kind: oneOf('query', 'mutation'),
  input: zodObject.exactOptional(),
  output: value<never>('a resource, list(resource) or a Zod object', isOutput),
  rest: text,
  status: only(200, 201, 202).exactOptional(),
  audit: auditRule,
  only: members('`only`', onlyMembers).exactOptional(),
  errors: record('an object of errors by code', members('an error', errorMembers)),
  access: policy, // an operation without one is closed
  handle: functionValue,
} satisfies MembersOf<
  OperationDeclaration['rules'] & { readonly access?: unknown; readonly handle: unknown }
>

const vocabularyMembers = {
  relations: value<never>('what `defineRelations` returned', isObject),
  caller: zodObject.exactOptional(),
} satisfies MembersOf<VocabularyOptions>

export const resourceRules = members('the rules of a resource', resourceMembers)
export const operationRules = members('an operation', operationMembers)
export const vocabularyOptions = members('the options of `declare`', vocabularyMembers)
