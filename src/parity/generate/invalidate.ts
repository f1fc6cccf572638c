// Faults that both faces can express, put into a request that was right: what each face says of them is compared.
import { COUNT } from '../../schema/model/counts.ts'
import type {
  Model,
  Operation,
  Resource,
  StandardKind,
  StandardOperation,
} from '../../schema/model/model.ts'
import { targetOf } from '../../schema/model/model.ts'
import { isMeasured } from '../../schema/model/nearest.ts'
import { sortableFields, writable } from '../../schema/inputs/standard-inputs.ts'
import { spoiledAggregate } from './generate-aggregate.ts'
import type { ParityList, ParityPage, ParityRequest, ParitySelection } from '../request.ts'
import { wrongFor } from './values.ts'

/** Which fault, where, and with which of the wrong values. */
export interface Spoil {
  readonly fault: FaultName
  readonly at: number
  readonly which: number
}

type Values = Readonly<Record<string, unknown>>

interface Spoiling {
  readonly model: Model
  readonly resource: Resource
  readonly at: number
  readonly which: number
}

const pick = <T>(values: readonly T[], index: number): T | undefined =>
  values[index % Math.max(values.length, 1)]

const noField = 'noSuchField'

/** Faults of a filter. */
function spoiledWhere(spoiling: Spoiling): unknown {
  const { resource, at, which } = spoiling
  const field = pick([...resource.fields.values()], at)
  const many = [...resource.relations.values()].find((relation) => relation.many)
  const json = [...resource.fields.values()].find(({ kind, list }) => kind.name === 'json' && !list)
  if (field === undefined) return undefined
  const operator = field.list ? 'has' : field.kind.name === 'json' ? 'isNull' : 'eq'
  const wrong =
    field.kind.name === 'json'
      ? 'yes'
      : pick(field.list ? wrongFor({ kind: field.kind, list: false }) : wrongFor(field), which)
  const faults: readonly unknown[] = [
    { [noField]: { eq: 1 } },
    { [field.name]: {} },
    { [field.name]: { [operator]: null } },
    { [field.name]: { [operator]: wrong } },
    { [field.name]: { almost: 1 } },
    { AND: [{ [field.name]: { [operator]: wrong } }, { [noField]: {} }] },
    { NOT: { OR: [{ [field.name]: {} }] } },
    many === undefined ? {} : { [many.name]: {} },
    many === undefined
      ? { OR: [{ [noField]: { eq: 1 } }] }
      : { [many.name]: { some: { [noField]: { isNull: true } } } },
    nested(field.name, 24),
    json === undefined ? {} : { [json.name]: pick(wrongJson, at) },
    many === undefined
      ? {}
      : { [many.name]: { count: pick([{}, { gte: 'two' }, { gt: null }, { like: '1' }, 3], at) } },
    { [field.name]: 5 },
  ]
  return pick(faults, which)
}

/** Faults of the operators of JSON. */
const wrongJson: readonly unknown[] = [
  { contains: null },
  { hasKey: 5 },
  { path: {} },
  { path: { at: [], eq: 1 } },
  { path: { at: ['a'] } },
  { path: { eq: 1 } },
  { path: { at: ['a'], gt: {} } },
  { path: { at: ['a'], in: [null] } },
  { path: { at: ['a', 5], lt: 1 } },
  { path: { at: ['a'], almost: 1 } },
  { path: { at: Array.from({ length: 33 }, () => 'a'), eq: 1 } },
]

const nested = (name: string, depth: number): unknown =>
  depth === 0 ? { [name]: { isNull: true } } : { NOT: nested(name, depth - 1) }

function spoiledPage({ resource, which }: Spoiling): ParityPage {
  const pages: readonly ParityPage[] = [
    { size: resource.page.max + 1 },
    { size: -1 },
    { size: 'ten' },
    { offset: -3 },
    { offset: 'two' },
    { after: { text: 'bm90IG91cnM' } },
    { before: { text: 'x y' } },
    { after: { row: 0, order: 'other' } },
    { after: { row: 0, order: 'own' }, before: { row: 1, order: 'own' } },
    { offset: 1, after: { row: 0, order: 'own' } },
    { offset: 1, before: { row: 0, order: 'own' } },
    { offset: 2, fromEnd: true },
    { size: resource.page.max + 1, after: { text: '' } },
  ]
  return pick(pages, which) ?? {}
}

/** The list of the request that the fault goes into: its own or a nested one. */
function withList(
  request: ParityRequest,
  spoiling: Spoiling,
  change: (list: ParityList, resource: Resource) => ParityList,
): ParityRequest {
  const inSelection = (selection: ParitySelection, resource: Resource): ParitySelection | null => {
    for (const [i, relation] of selection.relations.entries()) {
      const known = resource.relations.get(relation.name)
      if (known === undefined) continue
      const target = targetOf(spoiling.model, known)
      const changed = relation.list === null ? null : change(relation.list, target)
      if (changed !== null)
        return {
          ...selection,
          relations: selection.relations.with(i, { ...relation, list: changed }),
        }
      const below = inSelection(relation.selection, target)
      if (below !== null)
        return {
          ...selection,
          relations: selection.relations.with(i, { ...relation, selection: below }),
        }
    }
    return null
  }
  const nestedFirst = spoiling.at % 2 === 1 || request.list === undefined
  const inner =
    nestedFirst && request.selection !== null
      ? inSelection(request.selection, spoiling.resource)
      : null
  if (inner !== null) return { ...request, selection: inner }
  return request.list === undefined
    ? request
    : { ...request, list: change(request.list, spoiling.resource) }
}

function spoiledInput(
  request: ParityRequest,
  { resource, at, which }: Spoiling,
  verb: 'create' | 'update',
): unknown {
  const input = request.input as Values // creates and updates have an object
  const fields = writable(resource, verb)
  const field = pick(fields, at)
  const required = pick(
    fields.filter((one) => verb === 'create' && one.create === 'required'),
    at,
  )
  const solid = pick(
    fields.filter((one) => !one.nullable),
    at,
  )
  const closed = pick(
    [...resource.fields.values()].filter((one) => one[verb] === 'never'),
    at,
  )
  const wrong = field === undefined ? undefined : pick(wrongFor(field), which)
  const faults: readonly unknown[] = [
    { ...input, [noField]: 1 },
    field === undefined || wrong === undefined ? {} : { ...input, [field.name]: wrong },
    required === undefined
      ? {}
      : Object.fromEntries(Object.entries(input).filter(([name]) => name !== required.name)),
    solid === undefined ? {} : { ...input, [solid.name]: null },
    {},
    closed === undefined ? { [noField]: null } : { ...input, [closed.name]: 1 },
  ]
  return pick(faults, which)
}

function spoiledStandardInput(
  request: ParityRequest,
  operation: StandardOperation,
  spoiling: Spoiling,
): unknown {
  const { input } = request
  switch (operation.standard) {
    case 'createMany':
      return spoiledRows(request, spoiling)
    case 'upsert': {
      // the key stands in a path, which cannot leave it out
      const key = Object.fromEntries(
        (operation.by ?? operation.resource.primaryKey).fields.map(({ name }) => [
          name,
          (input as Values)[name],
        ]),
      )
      const wrong = spoiledKey({ ...request, key }, operation, spoiling)
      return spoiling.which % 3 === 0
        ? { ...(input as Values), ...wrong }
        : { ...(spoiledInput(request, spoiling, 'create') as Values), ...key }
    }
    case 'updateMany':
      return spoiledInput(request, spoiling, 'update')
    default:
      return spoiledInput(request, spoiling, operation.standard === 'update' ? 'update' : 'create')
  }
}

/** One row is spoiled, or is none, or there are too many. */
function spoiledRows(request: ParityRequest, spoiling: Spoiling): readonly unknown[] {
  const { resource, which } = spoiling
  const rows = request.input as readonly Values[] // a list, always
  const [row = {}] = rows
  const faults: readonly (readonly unknown[])[] = [
    [...rows, spoiledInput({ ...request, input: row }, spoiling, 'create')],
    [spoiledInput({ ...request, input: row }, spoiling, 'create'), ...rows],
    [...rows, null],
    [5, ...rows],
    Array.from({ length: resource.page.max + 1 }, () => row),
  ]
  return pick(faults, which) ?? []
}

function spoiledKey(
  { key = {} }: ParityRequest,
  operation: Operation,
  { at, which }: Spoiling,
): Values {
  const by = operation.standard === null ? null : operation.by
  const field = pick(by?.fields ?? [], at)
  // a path holds text: what is no text cannot be said there
  const wrong =
    field === undefined
      ? []
      : wrongFor(field).filter((value) => typeof value === 'string' && !/^\.{0,2}$/.test(value))
  return field === undefined || wrong.length === 0
    ? key
    : { ...key, [field.name]: pick(wrong, which) }
}

function spoiledCustomInput(
  { input }: ParityRequest,
  operation: Operation,
  { at, which }: Spoiling,
): unknown {
  if (typeof input !== 'object' || input === null) return input
  // a path cannot leave its parameters out, and GraphQL takes a single value for a list of it
  const inPath = (name: string) =>
    operation.standard === null && operation.rest.path.includes(`{${name}}`)
  const left = pick(
    Object.keys(input).filter((name) => !inPath(name)),
    at,
  )
  const wrong = pick(
    Object.entries(input).flatMap(([name, value]) => (Array.isArray(value) ? [] : [name])),
    at,
  )
  const faults: readonly unknown[] = [
    { ...input, [noField]: 'x' },
    Object.fromEntries(Object.entries(input).filter(([name]) => name !== left)),
    wrong === undefined ? input : { ...input, [wrong]: 'not what it takes' },
    ...(left === undefined || operation.kind === 'query' ? [] : [{ ...input, [left]: null }]), // a query string knows no null
    spoiledInside(input),
  ]
  return pick(faults, which)
}

/** A fault in an object or a list of the input; the input itself where it has none. */
function spoiledInside(input: object): unknown {
  const name = Object.keys(input).find(
    (one) => typeof (input as Values)[one] === 'object' && (input as Values)[one] !== null,
  )
  const inner = name === undefined ? undefined : (input as Values)[name]
  if (name === undefined) return input
  return {
    ...input,
    [name]: Array.isArray(inner) ? spoiledList(inner) : { ...(inner as Values), [noField]: 1 },
  }
}

/** A list of objects with a stranger in its first one; others with more members than any takes. */
function spoiledList(list: readonly unknown[]): readonly unknown[] {
  const [first, ...others] = list
  return typeof first === 'object' && first !== null
    ? [{ ...first, [noField]: 1 }, ...others]
    : first === undefined
      ? list
      : Array.from({ length: 60 }, () => first)
}

type Fault = (request: ParityRequest, operation: Operation, spoiling: Spoiling) => ParityRequest

const faults = {
  where: (request, _operation, spoiling) =>
    withList(request, spoiling, (list, resource) => ({
      ...list,
      where: spoiledWhere({ ...spoiling, resource }),
    })),
  order: (request, _operation, spoiling) =>
    withList(request, spoiling, (list, resource) => ({
      ...list,
      orderBy: spoiledNearest({ ...spoiling, resource }) ?? spoiledOrder({ ...spoiling, resource }),
    })),
  search: (request, _operation, spoiling) =>
    withList(request, spoiling, (list, { search }) =>
      search === null
        ? list
        : { ...list, search: pick(['x'.repeat(1001), 'NUL \0'], spoiling.which) ?? '' },
    ),
  distinct: (request, _operation, spoiling) =>
    withList(request, spoiling, (list, resource) => ({
      ...list,
      ...spoiledDistinct({ ...spoiling, resource }),
    })),
  page: (request, _operation, spoiling) =>
    withList(request, spoiling, (list, resource) => ({
      ...list,
      page: spoiledPage({ ...spoiling, resource }),
    })),
  aggregate: (request, _operation, spoiling) =>
    request.aggregate === undefined
      ? request
      : {
          ...request,
          aggregate: spoiledAggregate(spoiling.resource, request.aggregate, {
            ...spoiling,
            where: spoiledWhere(spoiling),
          }),
        },
  key: (request, operation, spoiling) => ({
    ...request,
    key: spoiledKey(request, operation, spoiling),
  }),
  input: (request, operation, spoiling) => ({
    ...request,
    input:
      operation.standard === null
        ? spoiledCustomInput(request, operation, spoiling)
        : spoiledStandardInput(request, operation, spoiling),
  }),
  atMost: (request, _operation, { resource, which }) => ({
    ...request,
    atMost: pick([0, -1, resource.page.max + 1, 'five', 1.5, 3_000_000_000], which),
  }),
  fields: (request, _operation, { at }) =>
    request.selection === null
      ? request
      : { ...request, selection: spoiledSelection(request.selection, at) },
} satisfies Record<string, Fault>

type FaultName = keyof typeof faults

/** A field that is not there, of the rows themselves or of those of their relations. */
function spoiledSelection(selection: ParitySelection, at: number): ParitySelection {
  const [relation] = selection.relations
  if (relation !== undefined && at % 2 === 1)
    return {
      ...selection,
      relations: selection.relations.with(0, {
        ...relation,
        selection: spoiledSelection(relation.selection, Math.floor(at / 2)),
      }),
    }
  return {
    ...selection,
    fields: [...(selection.fields === 'default' ? [] : selection.fields), noField],
  }
}

function spoiledOrder({ resource, which }: Spoiling): ParityList['orderBy'] & object {
  const relations = [...resource.relations.values()]
  const nameOf = (named: { readonly name: string } | undefined): string => named?.name ?? noField
  const [list, one, many] = [
    [...resource.fields.values()].find((field) => field.list),
    relations.find((relation) => !relation.many),
    relations.find((relation) => relation.many),
  ].map(nameOf)
  const key = nameOf(resource.primaryKey.fields[0])
  const paths = [[noField], [list], [one, noField], [many, 'id'], [many, COUNT, 'id']].map((path) =>
    path.map((name) => name ?? noField),
  )
  if (which % 6 === 5)
    return Array.from({ length: 9 }, () => ({ path: [key], direction: 'ASC' as const }))
  return [{ path: pick(paths, which) ?? [noField], direction: 'DESC' }]
}

function spoiledDistinct({
  resource,
  at,
  which,
}: Spoiling): Pick<ParityList, 'orderBy' | 'distinctOn'> {
  const names = sortableFields(resource).map(({ name }) => name)
  const [one, other] = [pick(names, at) ?? noField, pick(names, at + 1) ?? noField]
  const many = [...resource.relations.values()].find((relation) => relation.many)
  const order = (...path: string[]) => [{ path, direction: 'ASC' as const }]
  const lists = [
    { distinctOn: [noField] },
    { distinctOn: [one, other], orderBy: order(one) },
    { distinctOn: [one], orderBy: order(other) },
    { distinctOn: [one], orderBy: many === undefined ? order(other) : order(many.name, COUNT) },
  ]
  return pick(lists, which) ?? {}
}

function spoiledNearest({ resource, which }: Spoiling): ParityList['orderBy'] | null {
  const measured = [...resource.fields.values()].find(isMeasured)
  if (measured === undefined || which % 2 === 1) return null
  const nearest = pick(
    [{ to: [1] }, { to: ['x'] }, {}, { to: [], metric: 'L3' }, { to: [1, 2, 1e300] }, { more: 1 }],
    which / 2,
  )
  return [{ path: [measured.name], direction: 'ASC', nearest }]
}

const faultsOfKind: Readonly<Record<StandardKind, readonly FaultName[]>> = {
  list: ['where', 'where', 'order', 'distinct', 'search', 'page', 'page', 'fields'],
  aggregate: ['aggregate'],
  get: ['key', 'where', 'search', 'page', 'fields'],
  create: ['input', 'input', 'fields'],
  update: ['input', 'input', 'key'],
  delete: ['key'],
  createMany: ['input', 'input', 'fields'],
  upsert: ['input', 'input', 'fields'],
  updateMany: ['where', 'where', 'input', 'atMost', 'fields'],
  deleteMany: ['where', 'where', 'atMost', 'fields'],
}

/** The faults that a request of this operation can have. */
export function faultsOf(operation: Operation): readonly FaultName[] {
  if (operation.standard !== null) return faultsOfKind[operation.standard]
  return operation.input === null ? [] : ['input']
}

export function spoil(
  model: Model,
  operation: Operation,
  request: ParityRequest,
  { fault, at, which }: Spoil,
): ParityRequest {
  const output =
    operation.standard !== null
      ? operation.resource
      : operation.output.type === 'value'
        ? null
        : operation.output.resource
  const resource = output ?? [...model.resources.values()][0]
  return resource === undefined
    ? request
    : faults[fault](request, operation, { model, resource, at, which })
}
