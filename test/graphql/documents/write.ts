// Documents as text: literals and variables by the types of their places, fragments by name, aliases that never conflict.
import {
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql'
import {
  absent,
  ASKED,
  type Directive,
  isLeaf,
  type Item,
  type Leaf,
  type ListArguments,
} from './parts.ts'

export interface Written {
  readonly query: string
  readonly variables: readonly Readonly<Record<string, unknown>>[]
}

interface Writing {
  readonly schema: GraphQLSchema
  /** `$v1: Int`, with its default or directives. */
  readonly definitions: Map<string, { readonly name: string; readonly text: string }>
  readonly variables: readonly Record<string, unknown>[]
  /** Names by the text of the fragment. */
  readonly fragments: Map<string, string>
  /** For a field that takes arguments, those that it was given so far: each has an alias of its own. */
  readonly given: Map<string, string[]>
}

/** The position of items: the type's name, and the prefix of their keys (fields of different types under one Node). */
interface Under {
  readonly type: string
  readonly prefix: string
}

export function writeDocument(
  schema: GraphQLSchema,
  kind: 'query' | 'mutation',
  items: readonly Item[],
): Written {
  const variables = Array.from({ length: ASKED }, () => ({}))
  const writing: Writing = {
    schema,
    variables,
    definitions: new Map(),
    fragments: new Map(),
    given: new Map(),
  }
  const root = writeItems(
    writing,
    { type: kind === 'query' ? 'Query' : 'Mutation', prefix: '' },
    items,
  )
  const definitions = [...writing.definitions.values()].map(({ text }) => text)
  const fragments = [...writing.fragments].map(([text, name]) => ` fragment ${name} ${text}`)
  return {
    query: `${kind}${definitions.length === 0 ? '' : `(${definitions.join(' ')})`} ${root}${fragments.join('')}`,
    variables,
  }
}

const writeItems = (writing: Writing, under: Under, items: readonly Item[]): string =>
  `{ ${items.map((item) => writeItem(writing, under, item)).join(' ')} }`

function writeItem(writing: Writing, under: Under, item: Item): string {
  switch (item.kind) {
    case 'fragment':
      return writeFragment(writing, under, item)
    case 'field': {
      const type = typeOf(writing, under.type, item.name)
      const alias =
        item.alias === 0
          ? under.prefix === ''
            ? ''
            : `${under.prefix}${item.name}: `
          : `a${item.alias}_${under.prefix}${item.name}: `
      return `${item.name.startsWith('__') ? '' : alias}${item.name}${directive(writing, item.directive)}${item.of === null ? '' : ` ${writeItems(writing, below(type), item.of)}`}`
    }
    case 'called': {
      const args = writeArguments(writing, argumentsOf(writing, under.type, item.name), item.args)
      const [same, turned] = [args, args.toReversed()].map((list) =>
        list.length === 0 ? '' : `(${list.join(', ')})`,
      )
      const number = numberOf(writing, `${under.type}.${item.name}`, args.toSorted().join())
      const type = typeOf(writing, under.type, item.name)
      return item.uses
        .map((use) => {
          const bare = use.alias === 0 && number === 0 && under.prefix === ''
          const alias = bare ? '' : `${under.prefix}a${use.alias}_${item.name}_${number}: `
          return `${alias}${item.name}${use.turned ? turned : same}${directive(writing, use.directive)} ${writeItems(writing, below(type), use.of)}`
        })
        .join(' ')
    }
  }
}

const below = (type: string): Under => ({ type, prefix: '' })

function writeFragment(
  writing: Writing,
  under: Under,
  { on, named, directive: condition, of }: Extract<Item, { kind: 'fragment' }>,
): string {
  const type = on ?? under.type
  // under a Node, fields of different types would meet under one key
  const prefix = under.type === 'Node' && type !== 'Node' ? `${type}_` : under.prefix
  const items = writeItems(writing, { type, prefix }, of)
  if (!named) return `...${on === null ? '' : ` on ${on}`}${directive(writing, condition)} ${items}`
  const text = `on ${type} ${items}`
  const name = writing.fragments.get(text) ?? `F${writing.fragments.size + 1}`
  writing.fragments.set(text, name)
  return `...${name}${directive(writing, condition)}`
}

function numberOf({ given }: Writing, field: string, args: string): number {
  const known = given.get(field) ?? []
  given.set(field, known)
  const number = known.indexOf(args)
  return number === -1 ? known.push(args) - 1 : number
}

const fieldOf = ({ schema }: Writing, type: string, name: string) => {
  const object = schema.getType(type)
  return isObjectType(object) ? object.getFields()[name] : undefined
}

function typeOf(writing: Writing, type: string, name: string): string {
  const field = fieldOf(writing, type, name)
  if (field === undefined) return 'String'
  const named = getNamedType(field.type)
  return isCompositeType(named) ? named.name : 'String'
}

const argumentsOf = (writing: Writing, type: string, name: string): readonly GraphQLArgument[] =>
  fieldOf(writing, type, name)?.args ?? []

const directive = (writing: Writing, one: Directive | null): string => {
  const type = writing.schema.getDirective('skip')?.args[0]?.type
  return one === null || type === undefined
    ? ''
    : ` @${one.name}(if: ${toValue(writing, type, one.condition)})`
}

function writeArguments(
  writing: Writing,
  types: readonly GraphQLArgument[],
  { values, whole }: ListArguments,
): readonly string[] {
  return Object.entries(values).map(([name, value]) => {
    const type = types.find((one) => one.name === name)?.type
    if (type === undefined) throw new Error(`There is no argument ${name}.`)
    return `${name}: ${whole && !isLeaf(value) ? toVariable(writing, type, { by: 'variable', variants: variantsOf(value) }) : toValue(writing, type, value)}`
  })
}

/** A tree with leaves in it, as the values that it has each time. */
const variantsOf = (value: unknown): readonly unknown[] =>
  Array.from({ length: ASKED }, (_, i) => variantOf(value, i))

/** A tree with leaves in it, as the value that it has one of those times. */
export function variantOf(value: unknown, i: number): unknown {
  if (isLeaf(value)) return value.variants[i]
  if (Array.isArray(value))
    return value.map((one) => variantOf(one, i)).filter((one) => one !== absent)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, one]) => [name, variantOf(one, i)] as const)
      .filter(([, one]) => one !== absent),
  )
}

const memberOf = (
  type: GraphQLInputType | undefined,
  name: string,
): GraphQLInputType | undefined => {
  const object = type === undefined ? undefined : getNullableType(type)
  return isInputObjectType(object) ? object.getFields()[name]?.type : undefined
}

const elementOf = (type: GraphQLInputType | undefined): GraphQLInputType | undefined => {
  const list = type === undefined ? undefined : getNullableType(type)
  return isListType(list) ? list.ofType : undefined
}

/** A value in its place; the leaves in it are variables or literals, as each of them says. */
function toValue(writing: Writing, type: GraphQLInputType | undefined, value: unknown): string {
  if (isLeaf(value))
    return value.by === 'literal' || type === undefined
      ? toValue(writing, type, value.variants[0])
      : toVariable(writing, type, value)
  if (value === absent) return 'null'
  if (Array.isArray(value))
    return `[${value.map((one) => toValue(writing, elementOf(type), one)).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([name, one]) => `${name}: ${toValue(writing, memberOf(type, name), one)}`)
      .join(', ')}}`
  }
  const label = toWire(type, value)
  return isEnumType(type === undefined ? type : getNamedType(type)) &&
    typeof label === 'string' &&
    /^\w+$/.test(label)
    ? label
    : JSON.stringify(label)
}

/** An enum's name in place of its label. */
function toWire(type: GraphQLInputType | undefined, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => toWire(elementOf(type) ?? type, one))
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name, toWire(memberOf(type, name), one)]),
    )
  const named = type === undefined ? undefined : getNamedType(type)
  return isEnumType(named)
    ? (named.getValues().find((one) => one.value === value)?.name ?? value)
    : value
}

/** Equal leaves share a variable, so that equal arguments are equal text. */
function toVariable(writing: Writing, type: GraphQLInputType, { by, variants }: Leaf): string {
  const nullable = getNullableType(type)
  const declared =
    by === 'default'
      ? `${String(nullable)} = ${toValue(writing, type, variants[0])}`
      : by === 'required' || isNonNullType(type)
        ? `${String(nullable)}!`
        : String(nullable)
  const key = JSON.stringify([declared, variants.map((one) => (one === absent ? ['absent'] : one))])
  const known = writing.definitions.get(key)
  if (known !== undefined) return `$${known.name}`
  const name = `v${writing.definitions.size + 1}`
  writing.definitions.set(key, { name, text: `$${name}: ${declared}` })
  for (const [i, variant] of variants.entries()) {
    const values = writing.variables[i]
    if (variant !== absent && values !== undefined) values[name] = toWire(type, variant)
  }
  return `$${name}`
}
