// Writes beyond those of one row: several creates, upserts by every key, updates and deletes by filter.
import type { StandardOperation, Resource } from '../../src/schema/model/model.ts'
import { writable } from '../../src/schema/inputs/standard-inputs.ts'
import type { Outcome } from '../../src/parity/send/outcome.ts'
import {
  alike,
  anyValue,
  type Cell,
  expectRow,
  keyNames,
  keyOf,
  listOf,
  requestOf,
  seeProblem,
  seeRow,
  select,
  toCell,
} from './cells.ts'
import {
  type Asker,
  holds,
  judge,
  noOf,
  readable,
  type Row,
  type Verdict,
  type World,
} from './oracle.ts'
import {
  anothersOwn,
  examples,
  harmless,
  hiddenReference,
  mayWrite,
  type NewRows,
  type Place,
  placeOf,
} from './write-cells.ts'

export function manyCells(world: World, asker: Asker, newRows: NewRows): readonly Cell[] {
  return world.model.operations.flatMap((operation): readonly Cell[] => {
    if (operation.standard === null) return []
    const place = placeOf(world, asker, operation.resource)
    const rows = newRows[operation.resource.key] ?? []
    switch (operation.standard) {
      case 'createMany':
        return createCells(place, operation, rows)
      case 'upsert':
        return [
          ...rows.map((row) => upsertCell(place, operation, row, null)),
          ...examples(place, place.verdicts.update).map((row) =>
            upsertCell(place, operation, given(operation, row), row),
          ),
        ]
      case 'updateMany':
        return filteredCells(place, operation, 'update')
      case 'deleteMany':
        return filteredCells(place, operation, 'delete')
      default:
        return []
    }
  })
}

/** What a create says of a row. */
function expectCreate(place: Place, row: Row, at: string): string {
  const {
    asker,
    verdicts: { create },
  } = place
  if (create === 'no') return noOf(asker)
  const before = at === '' ? '' : `${at}.`
  return (
    anothersOwn(place, row, before) ??
    hiddenReference(place, row, before) ??
    (holds(create, row) ? 'created' : `${noOf(asker)}${at === '' ? '' : ` input:${at}`}`)
  )
}

/** Each row alone, all of them together, and with a field that the caller may not write. */
function createCells(
  place: Place,
  { name }: StandardOperation,
  rows: readonly Row[],
): readonly Cell[] {
  const {
    asker,
    resource,
    verdicts: { create },
  } = place
  const cell = (what: string, input: readonly Row[], expected: string): Cell =>
    toCell(
      `${asker.name}: ${name} ${what}`,
      [
        `${resource.key}.create`,
        ...input.flatMap((row) => Object.keys(row).map((one) => `${resource.key}.${one}.write`)),
      ],
      {
        request: requestOf(asker, name, select(keyNames(resource)), { input }),
        expected: alike(expected),
        see: (outcome) => (outcome.ok ? 'created' : (seeProblem(outcome) ?? '')),
      },
    )
  const [first] = rows
  const others =
    create === 'no'
      ? []
      : rows.flatMap((row, i) => anothersOwn(place, row, `${i}.`)?.split(' ').slice(1) ?? [])
  const answers =
    others.length > 0
      ? [`${noOf(asker)} ${others.toSorted().join(' ')}`]
      : rows.map((row, i) => expectCreate(place, row, String(i)))
  const guarded =
    create === 'no' || first === undefined
      ? []
      : writable(resource, 'create').filter(
          (field) => field.write !== null && !mayWrite(place, field),
        )
  return [
    ...rows.map((row, i) => cell(`of row ${i + 1}`, [row], expectCreate(place, row, '0'))),
    ...(rows.length < 2
      ? []
      : [cell('of all rows', rows, answers.find((answer) => answer !== 'created') ?? 'created')]),
    ...guarded.map((field) =>
      cell(
        `with ${field.name}`,
        [{ ...first, [field.name]: '2026-11-23T12:00:00Z' }],
        `${noOf(asker)} input:0.${field.name}`,
      ),
    ),
  ]
}

/** What an upsert needs, as it stands in a row: what a create does, and its key. */
const given = ({ resource, by }: StandardOperation, row: Row): Row =>
  Object.fromEntries(
    [
      ...writable(resource, 'create').filter(
        (field) => field.create === 'required' || field.create === 'owned',
      ),
      ...resource.primaryKey.fields,
      ...(by?.fields ?? []),
    ]
      .filter((field) => field.create !== 'never')
      .map(({ name }) => [name, row[name]]),
  )

const seeUpsert = (outcome: Outcome): string =>
  outcome.ok ? (outcome.created === true ? 'created' : 'updated') : (seeProblem(outcome) ?? '')

function upsertCell(
  place: Place,
  { name, by }: StandardOperation,
  input: Row,
  stored: Row | null,
): Cell {
  const {
    asker,
    resource,
    verdicts: { create, update },
    visible,
  } = place
  const expected = (): string => {
    if (create === 'no' || update === 'no') return noOf(asker)
    const others = anothersOwn(place, input)
    if (others !== null) return others
    if (stored !== null && visible.includes(stored))
      return holds(update, stored) ? 'updated' : noOf(asker)
    const answer = expectCreate(place, input, '')
    const taken = (by ?? resource.primaryKey).fields
      .map((field) => `input:${field.name}`)
      .toSorted()
      .join(' ')
    return stored === null || answer !== 'created' ? answer : `CONFLICT ${taken}`
  }
  const what =
    stored === null ? 'that is new' : `that is ${visible.includes(stored) ? 'seen' : 'hidden'}`
  return toCell(
    `${asker.name}: ${name} of a row ${what}`,
    [`${resource.key}.create`, `${resource.key}.update`, `${resource.key}.read`],
    {
      request: requestOf(asker, name, select(keyNames(resource)), { input }),
      expected: alike(expected()),
      see: seeUpsert,
    },
  )
}

interface Filtered {
  readonly what: string
  readonly where: object
  readonly input: Row
  readonly about: readonly string[]
  readonly expected: string
}

const seeRows =
  (resource: Resource) =>
  (outcome: Outcome): string => {
    if (!outcome.ok) return seeProblem(outcome) ?? ''
    const rows = outcome.value as readonly Row[]
    return rows.length === 0
      ? 'none'
      : rows.map((row) => seeRow(resource)({ ...outcome, value: row })).join(', ')
  }

/** Rows of every kind by their keys, two of them at once, and a filter of what may not be read. */
function filteredCells(
  place: Place,
  { name }: StandardOperation,
  verb: 'update' | 'delete',
): readonly Cell[] {
  const { world, asker, resource, visible } = place
  const verdict = place.verdicts[verb]
  const rows = examples(place, verdict)
  const inputOf = (row: Row): Row => {
    const field = verb === 'update' ? harmless(place, row) : undefined
    return field === undefined ? {} : { [field.name]: row[field.name] }
  }
  const cell = ({ what, where, input, about, expected }: Filtered): Cell =>
    toCell(
      `${asker.name}: ${name} ${what}`,
      [`${resource.key}.${verb}`, `${resource.key}.read`, ...about],
      {
        request: requestOf(asker, name, select(keyNames(resource)), {
          list: listOf({ where, total: false }),
          atMost: 2,
          ...(verb === 'update' ? { input } : {}),
        }),
        expected: alike(expected),
        see: seeRows(resource),
      },
    )
  const isWritable = (row: Row): boolean => verb === 'delete' || harmless(place, row) !== undefined
  const one = rows.filter(isWritable).map((row) =>
    cell({
      what: `of a row that is ${visible.includes(row) ? 'seen' : 'hidden'}`,
      where: keyFilter(resource, row),
      input: inputOf(row),
      about: [],
      expected: expectRows(place, verdict, [row]),
    }),
  )
  const [first, second] = [
    visible.find((row) => holds(verdict, row) && isWritable(row)),
    visible.find((row) => !holds(verdict, row)),
  ]
  const both =
    first === undefined || second === undefined
      ? []
      : [
          cell({
            what: "of a row of one's own and another",
            where: { OR: [keyFilter(resource, first), keyFilter(resource, second)] },
            input: inputOf(first),
            about: [],
            expected: expectRows(place, verdict, [first, second]),
          }),
        ]
  const denied =
    verdict === 'no' || first === undefined
      ? []
      : [...resource.fields.values()]
          .filter(
            (field) => field.read !== null && judge(world, asker, field.read, resource) === 'no',
          )
          .map((field) =>
            cell({
              what: `by ${field.name}`,
              where: { ...keyFilter(resource, first), [field.name]: anyValue(field) },
              input: inputOf(first),
              about: [`${resource.key}.${field.name}.read`],
              expected: `${noOf(asker)} where:${field.name}`,
            }),
          )
  return [...one, ...both, ...denied]
}

const keyFilter = (resource: Resource, row: Row): object =>
  Object.fromEntries(
    Object.entries(keyOf(resource, row)).map(([name, value]) => [name, { eq: value }]),
  )

function expectRows(
  { world, asker, resource, visible }: Place,
  verdict: Verdict,
  rows: readonly Row[],
): string {
  if (verdict === 'no' || readable(world, asker, resource) === null) return noOf(asker)
  const found = rows.filter((row) => visible.includes(row))
  if (found.length === 0) return 'none'
  return found.every((row) => holds(verdict, row))
    ? found.map((row) => expectRow(resource, row)).join(', ')
    : noOf(asker)
}
