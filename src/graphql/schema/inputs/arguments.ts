// The arguments of every standard operation, described: inputs by their types, keys, pages.
import type { InputTypes } from '../../../schema/inputs/input-types.ts'
import type { Resource, StandardOperation } from '../../../schema/model/model.ts'
import {
  type Member,
  type Members,
  optional,
  required,
  type ValueType,
} from '../../../schema/values/value-types.ts'

type Named = readonly [string, Member]

const wholeNumber: ValueType = { type: 'scalar', kind: 'integer' }
const text: ValueType = { type: 'scalar', kind: 'text' }

const whereAbsent = ({ plural }: Resource): string =>
  `Which ${plural} to take; absent: all that you may see.`

/** The arguments of a list, at the root and in a relation alike. */
export function listArguments(types: InputTypes, resource: Resource): Members {
  const { plural, search } = resource
  return new Map([
    ['where', optional(types.where(resource), { description: whereAbsent(resource) })],
    [
      'orderBy',
      optional(types.orderBy(resource), {
        description: 'The order; the key is always the last tie-breaker.',
      }),
    ],
    [
      'distinctOn',
      optional(types.distinctOn(resource), {
        description:
          'The first row of each group that is equal in these fields; the order begins with them.',
      }),
    ],
    ...(search === null ? [] : [searchArgument(plural)]),
    ...pageArguments(resource),
  ])
}

const searchArgument = (plural: string): Named => [
  'search',
  optional(text, {
    description: `Words to find in ${plural}, as search engines take them: "a phrase", or, -without. The best matches come first unless an order is given.`,
  }),
]

const pageArguments = ({ page }: Resource): readonly Named[] => [
  [
    'first',
    optional(wholeNumber, {
      description: `Rows of the page: ${page.default} unless given, ${page.max} at most.`,
    }),
  ],
  ['after', optional(text, { description: 'The cursor to begin after.' })],
  ['last', optional(wholeNumber, { description: 'Rows of the page, counted from the end.' })],
  ['before', optional(text, { description: 'The cursor to end before.' })],
  [
    'offset',
    optional(wholeNumber, {
      description: 'Rows to leave out at the beginning; not together with a cursor.',
    }),
  ],
]

/** The arguments of an aggregate. */
function groupArguments(types: InputTypes, resource: Resource): Members {
  const { page } = resource
  return new Map([
    ['where', optional(types.where(resource), { description: whereAbsent(resource) })],
    [
      'groupBy',
      optional(types.groupBy(resource), {
        description: 'What to group by; absent: one group of all.',
      }),
    ],
    ['having', optional(types.having(resource), { description: 'Which groups to take.' })],
    [
      'orderBy',
      optional(types.groupOrder(resource), {
        description: 'The order of the groups; the key is always the last tie-breaker.',
      }),
    ],
    [
      'first',
      optional(wholeNumber, {
        description: `Groups to answer, ${page.groups} at most. Absent: all of them, and an error where there are more than that.`,
      }),
    ],
    ['offset', optional(wholeNumber, { description: 'Groups to leave out at the beginning.' })],
  ])
}

/** The arguments of an operation, by name. */
export function operationArguments(types: InputTypes, operation: StandardOperation): Members {
  const { standard, resource } = operation
  const update = (): Named => ['input', required(types.update(resource))]
  switch (standard) {
    case 'get':
      return keyOf(types, operation)
    case 'list':
      return listArguments(types, resource)
    case 'aggregate':
      return groupArguments(types, resource)
    case 'create':
      return new Map([['input', required(types.create(resource))]])
    case 'update':
      return new Map([...keyOf(types, operation), update(), ...versionOf(resource)])
    case 'delete':
      return new Map([...keyOf(types, operation), ...versionOf(resource)])
    case 'createMany':
      return new Map([newRows(types, resource)])
    case 'upsert':
      return new Map([upsertedRow(types, operation)])
    case 'updateMany':
      return new Map([...filtered(types, resource), update()])
    case 'deleteMany':
      return new Map(filtered(types, resource))
  }
}

const keyOf = (types: InputTypes, { by }: StandardOperation): Members =>
  by === null ? new Map() : types.key(by).members

function versionOf({ version }: Resource): readonly Named[] {
  if (version === null) return []
  const given = version.required ? '; it must be given' : ''
  const description = `The version that the row must still have${given}.`
  return [['ifVersion', optional(text, { description })]]
}

const newRows = (types: InputTypes, resource: Resource): Named => [
  'inputs',
  required(types.createMany(resource), {
    description: `The new rows, ${resource.page.max} at most.`,
  }),
]

function upsertedRow(types: InputTypes, { resource, by }: StandardOperation): Named {
  const key = by?.fields.map(({ name }) => name).join(' and ') ?? 'key'
  const alone = resource.nested.length === 0 ? '' : ' Nothing is written along relations here.'
  const description = `The row, with its ${key}; where it is there, what is absent stays.${alone}`
  return ['input', required(types.create(resource), { description })]
}

/** A filter with the most rows that it may find. */
function filtered(types: InputTypes, resource: Resource): readonly Named[] {
  const { plural, page } = resource
  return [
    [
      'where',
      required(types.where(resource), {
        description: `Which ${plural} to write, of those that you may see. An empty filter is refused.`,
      }),
    ],
    [
      'atMost',
      required(wholeNumber, {
        description: `The most rows to write, up to ${page.max}. Where more match, none is written.`,
      }),
    ],
  ]
}
