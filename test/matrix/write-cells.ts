// Writing: every verb on rows of every kind, every field with its own policy, closed operations, and the answers of writes.
import type { Field, Resource, Verb } from '../../src/schema/model/model.ts'
import { toPascal } from '../../src/schema/declare/names.ts'
import { writable } from '../../src/schema/inputs/standard-inputs.ts'
import { credentialsOf } from '../../src/parity/generate/callers.ts'
import type { Outcome } from '../../src/parity/send/outcome.ts'
import {
  alike,
  type Cell,
  deniedAt,
  expectRow,
  keyNames,
  keyOf,
  listOf,
  requestOf,
  seeAt,
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
  targetOf,
  type Verdict,
  type Dataset,
} from './oracle.ts'

export interface Place {
  readonly dataset: Dataset
  readonly caller: TestCaller
  readonly resource: Resource
  readonly visible: readonly Row[]
  readonly verdicts: Readonly<Record<'create' | 'update' | 'delete', Verdict>>
}

/** A row that nothing but a policy keeps from being created. */
export type NewRows = Readonly<Record<string, readonly Row[]>>

export function writeCells(
  dataset: Dataset,
  caller: TestCaller,
  newRows: NewRows,
): readonly Cell[] {
  return [...dataset.model.resources.values()].flatMap((resource) => {
    const place = placeOf(dataset, caller, resource)
    return [
      ...createCells(place, newRows[resource.key] ?? []),
      ...updateCells(place),
      ...deleteCells(place),
      ...versionCells(place),
      ...closedCells(place),
    ]
  })
}

export function placeOf(dataset: Dataset, caller: TestCaller, resource: Resource): Place {
  const verdict = (verb: Verb) => evaluate(dataset, caller, resource.access[verb], resource)
  return {
    dataset,
    caller,
    resource,
    verdicts: { create: verdict('create'), update: verdict('update'), delete: verdict('delete') },
    visible: readable(dataset, caller, resource) ?? [],
  }
}

const nameOf = (verb: string, { type }: Resource): string => `${verb}${toPascal(type)}`

/** Rows of four kinds, as far as there are such: seen or hidden, the caller's to write or not. */
export function examples({ dataset, resource, visible }: Place, verdict: Verdict): readonly Row[] {
  const seen = new Set(visible)
  const kinds = Map.groupBy(
    dataset.rows.get(resource.key) ?? [],
    (row) => `${seen.has(row)} ${holds(verdict, row)}`,
  )
  return [...kinds.values()].flatMap((rows) => rows.slice(0, 2))
}

/** The expected result of a write to an existing row. */
function expectWrite({ caller, visible }: Place, verdict: Verdict, row: Row, done: string): string {
  if (verdict === 'no') return refusalOf(caller)
  if (!visible.includes(row)) return 'NOT_FOUND'
  return holds(verdict, row) ? done : refusalOf(caller)
}

export const mayWrite = ({ dataset, caller }: Place, { write }: Field): boolean =>
  write === null || evaluate(dataset, caller, write, null) === 'yes'

/** A field that can be given the value that it has. */
export function harmless(place: Place, row: Row): Field | undefined {
  return writable(place.resource, 'update').find(
    (field) =>
      mayWrite(place, field) &&
      (row[field.name] === null || field.input.safeParse(row[field.name]).success),
  )
}

function updateCells(place: Place): readonly Cell[] {
  const {
    caller,
    resource,
    verdicts: { update },
    visible,
  } = place
  if (resource.access.update.type === 'nobody') return []
  const name = nameOf('update', resource)
  const cell = (what: string, row: Row, input: Row, expected: string): Cell =>
    toCell(
      `${caller.name}: ${name} ${what}`,
      [
        `${resource.key}.update`,
        ...Object.keys(input).map((one) => `${resource.key}.${one}.write`),
      ],
      {
        request: requestOf(caller, name, select(keyNames(resource)), {
          key: keyOf(resource, row),
          input,
        }),
        expected: alike(expected),
        see: seeRow(resource),
      },
    )
  const onRows = examples(place, update).flatMap((row) => {
    const field = harmless(place, row)
    return field === undefined
      ? []
      : [
          cell(
            `of a row that is ${visible.includes(row) ? 'seen' : 'hidden'}`,
            row,
            { [field.name]: row[field.name] },
            expectWrite(place, update, row, expectRow(resource, row)),
          ),
        ]
  })
  const own = visible.find((row) => holds(update, row))
  if (own === undefined) return onRows
  const guarded = writable(resource, 'update')
    .filter((field) => field.write !== null)
    .flatMap((field) => {
      const row = visible.find((one) => holds(update, one) && one[field.name] !== null)
      return row === undefined
        ? []
        : [
            cell(
              `with ${field.name}`,
              row,
              { [field.name]: row[field.name] },
              mayWrite(place, field)
                ? expectRow(resource, row)
                : `${refusalOf(caller)} input:${field.name}`,
            ),
          ]
    })
  const closed = [...resource.fields.values()]
    .filter((field) => field.update === 'never')
    .slice(0, 2)
    .map((field) =>
      cell(
        `with ${field.name}, which nobody writes`,
        own,
        { [field.name]: own[field.name] },
        `VALIDATION_FAILED input:${field.name}`,
      ),
    )
  return [...onRows, ...guarded, ...closed, ...resultCells(place, own)]
}

/** The answer of a write is read under the same policies, relations included. */
function resultCells(place: Place, row: Row): readonly Cell[] {
  const { dataset, caller, resource } = place
  const field = harmless(place, row)
  if (field === undefined) return []
  const name = nameOf('update', resource)
  const change = { key: keyOf(resource, row), input: { [field.name]: row[field.name] } }
  const no = refusalOf(caller)
  const denied = (of: Resource) =>
    [...of.fields.values()].filter(
      (one) => one.read !== null && evaluate(dataset, caller, one.read, of) === 'no',
    )
  const own = denied(resource).map((one) =>
    toCell(
      `${caller.name}: ${name} answers ${one.name}`,
      [`${resource.key}.update`, `${resource.key}.${one.name}.read`],
      {
        request: requestOf(caller, name, select([one.name]), change),
        expected: deniedAt(one.name, no),
        see: seeAt(one.name),
      },
    ),
  )
  const below = [...resource.relations.values()].flatMap((relation) => {
    const target = targetOf(dataset, relation)
    const isDenied = readable(dataset, caller, target) === null
    const list = relation.many ? listOf() : null
    const about = [`${resource.key}.update`, `${target.key}.read`]
    const whole = isDenied
      ? [
          toCell(`${caller.name}: ${name} answers ${relation.name}`, about, {
            request: requestOf(
              caller,
              name,
              select(keyNames(resource), {
                name: relation.name,
                list,
                selection: select(keyNames(target)),
              }),
              change,
            ),
            expected: deniedAt(relation.name, no),
            see: seeAt(relation.name),
          }),
        ]
      : []
    return whole
  })
  return [...own, ...below]
}

function deleteCells(place: Place): readonly Cell[] {
  const { caller, resource, verdicts } = place
  if (resource.access.delete.type === 'nobody') return []
  const name = nameOf('delete', resource)
  // other rows may refer to it: that is checked after the policy
  const see = (outcome: Outcome): string =>
    outcome.ok || outcome.code === 'CONFLICT' ? 'allowed' : (seeProblem(outcome) ?? '')
  return examples(place, verdicts.delete).map((row) =>
    toCell(
      `${caller.name}: ${name} of a row that is ${place.visible.includes(row) ? 'seen' : 'hidden'}`,
      [`${resource.key}.delete`],
      {
        request: requestOf(caller, name, select(keyNames(resource)), { key: keyOf(resource, row) }),
        expected: alike(expectWrite(place, verdicts.delete, row, 'allowed')),
        see,
      },
    ),
  )
}

/** A version that no row has: it is checked after read and write policies. */
function versionCells(place: Place): readonly Cell[] {
  const { caller, resource, verdicts } = place
  return (['update', 'delete'] as const)
    .filter((verb) => resource.access[verb].type !== 'nobody')
    .flatMap((verb) =>
      examples(place, verdicts[verb]).flatMap((row) => {
        const field = verb === 'update' ? harmless(place, row) : null
        if (field === undefined) return []
        const name = nameOf(verb, resource)
        return [
          toCell(
            `${caller.name}: ${name} of a version that has passed, of a row that is ${place.visible.includes(row) ? 'seen' : 'hidden'}`,
            [`${resource.key}.${verb}`],
            {
              request: requestOf(caller, name, select(keyNames(resource)), {
                key: keyOf(resource, row),
                version: { text: '0123456789abcdef' },
                ...(field === null ? {} : { input: { [field.name]: row[field.name] } }),
              }),
              expected: alike(expectWrite(place, verdicts[verb], row, 'PRECONDITION_FAILED')),
              see: seeRow(resource),
            },
          ),
        ]
      }),
    )
}

function createCells(place: Place, rows: readonly Row[]): readonly Cell[] {
  const {
    caller,
    resource,
    verdicts: { create },
  } = place
  if (resource.access.create.type === 'nobody') return []
  const name = nameOf('create', resource)
  const cell = (what: string, input: Row, expected: string): Cell =>
    toCell(
      `${caller.name}: ${name} ${what}`,
      [
        `${resource.key}.create`,
        ...Object.keys(input).map((one) => `${resource.key}.${one}.write`),
      ],
      {
        request: requestOf(caller, name, select(keyNames(resource)), { input }),
        expected: alike(expected),
        see: (outcome) => (outcome.ok ? 'created' : (seeProblem(outcome) ?? '')),
      },
    )
  return rows.flatMap((row, i) => [
    cell(
      `of row ${i + 1}`,
      row,
      create === 'no'
        ? refusalOf(caller)
        : (anothersOwn(place, row) ??
            hiddenReference(place, row) ??
            (holds(create, row) ? 'created' : refusalOf(caller))),
    ),
    ...(create === 'no' || i > 0
      ? []
      : writable(resource, 'create')
          .filter((field) => field.write !== null && !mayWrite(place, field))
          .map((field) =>
            cell(
              `with ${field.name}`,
              { ...row, [field.name]: '2026-11-23T12:00:00Z' },
              `${refusalOf(caller)} input:${field.name}`,
            ),
          )),
  ])
}

/**
 * A column that the policy compares with a claim takes nothing else, whatever it refers to.
 * @param at as below
 */
export function anothersOwn(
  {
    caller,
    resource: {
      access: { create },
    },
  }: Place,
  row: Row,
  at = '',
): string | null {
  if (create.type !== 'owner' || row[create.column] === caller.payload?.[create.claim]) return null
  return `${refusalOf(caller)} input:${at}${create.column}`
}

/**
 * A row that the caller may not read is as absent for a foreign key as one that is not there: before the policy on the new row.
 * @param at what stands before the field, where the row is one of several
 */
export function hiddenReference(
  { dataset, caller, resource }: Place,
  row: Row,
  at = '',
): string | null {
  for (const { target, fields } of resource.foreignKeys) {
    const referred = dataset.model.resources.get(target ?? '')
    const [field] = fields
    if (referred === undefined || field === undefined || fields.length > 1)
      throw new Error('The store has single foreign keys to its own resources.')
    const [key = ''] = keyNames(referred)
    const given = row[field.name] ?? null
    if (
      given !== null &&
      readable(dataset, caller, referred)?.some((one) => one[key] === given) !== true
    )
      return `CONFLICT input:${at}${field.name}`
  }
  return null
}

/** Operations without an open policy do not exist. */
function closedCells({ caller, resource }: Place): readonly Cell[] {
  const verbs = { create: ['POST', ''], update: ['PATCH', '/1'], delete: ['DELETE', '/1'] } as const
  return (['create', 'update', 'delete'] as const)
    .filter((verb) => resource.access[verb].type === 'nobody')
    .map((verb): Cell => {
      const name = nameOf(verb, resource)
      const [method, key] = verbs[verb]
      const headers = { 'content-type': 'application/json', ...credentialsOf(caller) }
      return {
        name: `${caller.name}: ${name} is closed`,
        about: [`${resource.key}.${verb}`],
        expected: alike('not there'),
        async ask({ app, prefix }, face) {
          if (face === 'rest') {
            const { statusCode } = await app.inject({
              method,
              url: `${prefix}/${resource.path}${key}`,
              headers,
              payload: '{}',
            })
            return statusCode === 404 || statusCode === 405 ? 'not there' : `there, ${statusCode}`
          }
          const { body } = await app.inject({
            method: 'POST',
            url: '/graphql',
            headers,
            payload: JSON.stringify({ query: `mutation { ${name} { __typename } }` }),
          })
          return body.includes(`Cannot query field \\"${name}\\"`) ? 'not there' : `there, ${body}`
        },
      }
    })
}
