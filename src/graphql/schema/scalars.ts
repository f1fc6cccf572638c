// Scalars: the kinds that GraphQL has no type of its own for, as strict on the way in as the kind is everywhere.
import { GraphQLError, Kind as Ast, type ValueNode, valueFromASTUntyped } from 'graphql'
import { defined } from '../../defined.ts'
import { toIssues } from '../../schema/inputs/validation-issues.ts'
import { type CellForm, type KindName, kinds } from '../../schema/values/kinds.ts'
import { typeNames } from '../../schema/values/type-names.ts'
import type { GatewayBuilder } from './builder.ts'

/** Kinds whose scalar has another name. */
const otherNames = {
  enum: 'String',
  vector: 'Float',
  geometry: 'GeoJSON',
  other: 'String',
} as const

const scalarNames = { ...typeNames, ...otherNames }

export type ScalarName = (typeof scalarNames)[KindName]

/** The scalar of a kind, or of one element of it; enums have types of their own. */
export const toScalarName = (kind: KindName): ScalarName => scalarNames[kind]

interface CustomScalar {
  readonly name: Exclude<ScalarName, 'Int' | 'Float' | 'Boolean' | 'String'>
  readonly kind: KindName
  readonly description: string
  readonly specifiedBy?: string
}

const customScalars: readonly CustomScalar[] = [
  {
    name: 'BigInt',
    kind: 'bigint',
    description: 'A whole number of 64 bits, as a string with all digits.',
  },
  {
    name: 'Decimal',
    kind: 'decimal',
    description: 'A decimal number of any precision, as a string with all digits, such as "12.50".',
  },
  {
    name: 'UUID',
    kind: 'uuid',
    description: 'A UUID.',
    specifiedBy: 'https://www.rfc-editor.org/rfc/rfc9562',
  },
  {
    name: 'Date',
    kind: 'date',
    description: 'A date, such as "2026-11-23".',
    specifiedBy: 'https://www.rfc-editor.org/rfc/rfc3339#section-5.6',
  },
  {
    name: 'Time',
    kind: 'time',
    description: 'A time of day without offset, such as "13:45:00", up to microseconds.',
  },
  {
    name: 'LocalDateTime',
    kind: 'localDateTime',
    description:
      'A date and time without offset, such as "2026-11-23T13:45:00", up to microseconds.',
  },
  {
    name: 'DateTime',
    kind: 'dateTime',
    description:
      'A moment, such as "2026-11-23T13:45:00+00:00", up to microseconds; answered in UTC.',
    specifiedBy: 'https://www.rfc-editor.org/rfc/rfc3339#section-5.6',
  },
  {
    name: 'Duration',
    kind: 'duration',
    description: 'A duration of ISO 8601, such as "P1DT2H".',
    specifiedBy: 'https://www.rfc-editor.org/rfc/rfc3339#appendix-A',
  },
  {
    name: 'Bytes',
    kind: 'bytes',
    description: 'Bytes in base64.',
    specifiedBy: 'https://www.rfc-editor.org/rfc/rfc4648#section-4',
  },
  {
    name: 'GeoJSON',
    kind: 'geometry',
    description:
      'A geometry, such as {"type": "Point", "coordinates": [13.4, 52.5]}: longitude first.',
    specifiedBy: 'https://www.rfc-editor.org/rfc/rfc7946#section-3.1',
  },
  {
    name: 'JSON',
    kind: 'json',
    description: 'Any JSON value.',
    specifiedBy: 'https://www.rfc-editor.org/rfc/rfc8259',
  },
]

/** The TypeScript type of a value on the wire, by how its cell becomes JSON. */
const typescriptOf: Readonly<Record<CellForm, string>> = {
  raw: 'unknown',
  string: 'string',
  timestamp: 'string',
  timestamptz: 'string',
  float: 'number',
  floats: 'number',
  boolean: 'boolean',
}

/** The TypeScript type of each scalar, by its name: `scalars` of GraphQL Code Generator. */
export const scalarTypes = (): Record<string, string> =>
  Object.fromEntries(customScalars.map(({ name, kind }) => [name, typescriptOf[kinds[kind].form]]))

export function defineScalars(builder: GatewayBuilder): void {
  for (const { name, kind, description, specifiedBy } of customScalars) {
    builder.scalarType(name, {
      description,
      ...defined({ specifiedByURL: specifiedBy }),
      serialize: (value: unknown) => value,
      parseValue: (value) => parseWire(kind, value) as never, // the wire's schema has checked it
      parseLiteral: (node, variables) =>
        parseWire(kind, toWire(kind, node, variables), node) as never, // the same
    })
  }
}

function parseWire(kind: KindName, value: unknown, node?: ValueNode): unknown {
  const parsed = kinds[kind].wire.safeParse(value)
  if (parsed.success) return value
  throw new GraphQLError(
    toIssues(parsed.error, 'document')[0]?.message ?? 'Expected another type.',
    defined({ nodes: node }),
  )
}

/** A literal as the JSON value it stands for. A whole number is exact in a document, so it may stand for a BigInt. */
function toWire(
  kind: KindName,
  node: ValueNode,
  variables: Readonly<Record<string, unknown>> | null | undefined,
): unknown {
  if (kind === 'json' || kind === 'geometry') return valueFromASTUntyped(node, variables)
  if (node.kind === Ast.STRING || (kind === 'bigint' && node.kind === Ast.INT)) return node.value
  throw new GraphQLError(`Expected ${kind === 'bigint' ? 'a whole number or ' : ''}text.`, {
    nodes: node,
  })
}
