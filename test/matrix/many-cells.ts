// Bulk writes: several creates, upserts by every key, updates and deletes by filter.
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
  type TestCaller,
  holds,
  evaluate,
  refusalOf,
  readable,
  type Row,
  type Verdict,
  type Dataset,
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

export function manyCells(dataset: Dataset, caller: TestCaller, newRows: NewRows): readonly Cell[] {
  return dataset.model.operations.flatMap((operation): readonly Cell[] => {
    if (operation.standard === null) return []
    const place = placeOf(dataset, caller, operation.resource)
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

/** The expected answer of a create for a row. */
function expectCreate(place: Place, row: Row, at: string): string {
  const {
    caller,
    verdicts: { create },
  } = place
  if (create === 'no') return refusalOf(caller)
  const before = at === '' ? '' : `${at}.`
  return (
    anothersOwn(place, row, before) ??
    hiddenReference(place, row, before) ??
    (holds(create, row) ? 'created' : `${refusalOf(caller)}${at === '' ? '' : ` input:${at}`}`)
  )
}

/** Each row alone, all of them together, and with a field that the caller may not write. */
function createCells(
  place: Place,
  { name }: StandardOperation,
  rows: readonly Row[],
): readonly Cell[] {
  const {
    caller,
    resource,
    verdicts: { create },
  } = place
  const cell = (what: string, input: readonly Row[], expected: string): Cell =>
    toCell(
      `${caller.name}: ${name} ${what}`,
      [
        `${resource.key}.create`,
        ...input.flatMap((row) => Object.keys(row).map((one) => `${resource.key}.${one}.write`)),
      ],
      {
        request: requestOf(caller, name, select(keyNames(resource)), { input }),
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
      ? [`${refusalOf(caller)} ${others.toSorted().join(' ')}`]
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
        `${refusalOf(caller)} input:0.${field.name}`,
      ),
    ),
  ]
}

/** The input of an upsert of a row: the required members of a create, and its key. */
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
    caller,
    resource,
    verdicts: { create, update },
    visible,
  } = place
  const expected = (): string => {
    if (create === 'no' || update === 'no') return refusalOf(caller)
    const others = anothersOwn(place, input)
    if (others !== null) return others
    if (stored !== null && visible.includes(stored))
      return holds(update, stored) ? 'updated' : refusalOf(caller)
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
    `${caller.name}: ${name} of a row ${what}`,
    [`${resource.key}.create`, `${resource.key}.update`, `${resource.key}.read`],
    {
      request: requestOf(caller, name, select(keyNames(resource)), { input }),
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

/** Rows of every kind by their keys, two of them at once, and a filter of a hidden field. */
function filteredCells(
  place: Place,
  { name }: StandardOperation,
  verb: 'update' | 'delete',
): readonly Cell[] {
  const { dataset, caller, resource, visible } = place
  const verdict = place.verdicts[verb]
  const rows = examples(place, verdict)
  const inputOf = (row: Row): Row => {
    const field = verb === 'update' ? harmless(place, row) : undefined
    return field === undefined ? {} : { [field.name]: row[field.name] }
  }
  const cell = ({ what, where, input, about, expected }: Filtered): Cell =>
    toCell(
      `${caller.name}: ${name} ${what}`,
      [`${resource.key}.${verb}`, `${resource.key}.read`, ...about],
      {
        request: requestOf(caller, name, select(keyNames(resource)), {
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
            (field) =>
              field.read !== null && evaluate(dataset, caller, field.read, resource) === 'no',
          )
          .map((field) =>
            cell({
              what: `by ${field.name}`,
              where: { ...keyFilter(resource, first), [field.name]: anyValue(field) },
              input: inputOf(first),
              about: [`${resource.key}.${field.name}.read`],
              expected: `${refusalOf(caller)} where:${field.name}`,
            }),
          )
  return [...one, ...both, ...denied]
}

const keyFilter = (resource: Resource, row: Row): object =>
  Object.fromEntries(
    Object.entries(keyOf(resource, row)).map(([name, value]) => [name, { eq: value }]),
  )

function expectRows(
  { dataset, caller, resource, visible }: Place,
  verdict: Verdict,
  rows: readonly Row[],
): string {
  if (verdict === 'no' || readable(dataset, caller, resource) === null) return refusalOf(caller)
  const found = rows.filter((row) => visible.includes(row))
  if (found.length === 0) return 'none'
  return found.every((row) => holds(verdict, row))
    ? found.map((row) => expectRow(resource, row)).join(', ')
    : refusalOf(caller)
}
