// Reading: every resource by every path, every field by every use, every relation from both sides.
import {
  type Field,
  isSortable,
  type Relation,
  type Resource,
} from '../../src/schema/model/model.ts'
import { canonical } from '../../src/parity/send/json.ts'
import type { ParityAggregate, ParityList } from '../../src/parity/request.ts'
import type { OutcomePage } from '../../src/parity/send/outcome.ts'
import {
  alike,
  anyValue,
  type CellRequest,
  type Cell,
  deniedAt,
  expectKeys,
  expectRow,
  hasValue,
  isSingle,
  keyNames,
  keyOf,
  listOf,
  pageText,
  relationFilter,
  requestOf,
  seeAt,
  seeGroupCount,
  seeGroups,
  seeKeys,
  seeRow,
  seeTotal,
  select,
  stored,
  style,
  toCell,
} from './cells.ts'
import {
  type TestCaller,
  holds,
  inKeyOrder,
  evaluate,
  refusalOf,
  readable,
  relatedRows,
  type Row,
  targetOf,
  type Dataset,
} from './oracle.ts'

interface Place {
  readonly dataset: Dataset
  readonly caller: TestCaller
  readonly resource: Resource
  /** Null: refused for every row. */
  readonly visible: readonly Row[] | null
  readonly all: readonly Row[]
}

export function readCells(dataset: Dataset, caller: TestCaller): readonly Cell[] {
  return [...dataset.model.resources.values()]
    .filter(({ access }) => access.read.type !== 'nobody')
    .flatMap((resource) => {
      const place: Place = {
        dataset,
        caller,
        resource,
        visible: readable(dataset, caller, resource),
        all: inKeyOrder(resource, dataset.rows.get(resource.key) ?? []),
      }
      return [
        ...rowCells(place),
        listCell(place),
        ...countedCells(place),
        postedCell(place),
        countCell(place),
        ...hiddenByFilter(place),
        ...searchCells(place),
        ...[...resource.fields.values()]
          .filter(isSortable)
          .flatMap((field) => aggregateCells(place, field)),
        ...[...resource.fields.values()].flatMap((field) => fieldCells(place, field)),
        ...[...resource.relations.values()].flatMap((relation) => relationCells(place, relation)),
      ]
    })
}

const cellOf = (
  { caller, resource }: Place,
  what: string,
  asked: CellRequest,
  about: readonly string[] = [],
): Cell =>
  toCell(`${caller.name}: ${resource.key} ${what}`, [`${resource.key}.read`, ...about], asked)

/** Rows that stand for all: two that are seen, two that are not. */
function examples({ visible, all }: Place): readonly Row[] {
  const seen = new Set(visible)
  return [...(visible ?? []).slice(0, 2), ...all.filter((row) => !seen.has(row)).slice(0, 2)]
}

/** By the key, and by every other unique key. */
function rowCells(place: Place): readonly Cell[] {
  const { caller, resource, visible, dataset } = place
  const gets = dataset.model.operations.flatMap((operation) =>
    operation.standard === 'get' && operation.resource === resource && operation.by !== null
      ? [{ name: operation.name, by: operation.by }]
      : [],
  )
  return gets.flatMap(({ name, by }) =>
    examples(place).map((row) =>
      cellOf(place, `by ${by.path}, ${visible?.includes(row) === true ? 'seen' : 'hidden'}`, {
        request: requestOf(caller, name, select(keyNames(resource)), {
          key: Object.fromEntries(by.fields.map((field) => [field.name, row[field.name]])),
        }),
        expected: alike(
          visible === null
            ? refusalOf(caller)
            : expectRow(resource, visible.includes(row) ? row : null),
        ),
        see: seeRow(resource),
      }),
    ),
  )
}

function listCell(place: Place): Cell {
  const { caller, resource, visible } = place
  const { max } = resource.page
  return cellOf(place, 'in a list', {
    request: requestOf(caller, resource.plural, select(keyNames(resource)), {
      list: listOf({ page: { size: max } }),
    }),
    expected: alike(visible === null ? refusalOf(caller) : expectKeys(resource, visible, max)),
    see: seeKeys(resource),
  })
}

const aggregated = (
  place: Place,
  what: string,
  aggregate: ParityAggregate,
  { about = [], ...asked }: Omit<CellRequest, 'request'> & { readonly about?: readonly string[] },
): Cell =>
  cellOf(
    place,
    what,
    {
      request: requestOf(place.caller, `${place.resource.plural}Aggregate`, null, { aggregate }),
      ...asked,
    },
    about,
  )

/** Rows that are hidden are not counted. */
const countCell = (place: Place): Cell =>
  aggregated(
    place,
    'counted',
    { fields: 'default' },
    {
      expected: alike(
        place.visible === null
          ? refusalOf(place.caller)
          : canonical([{ count: place.visible.length }]),
      ),
      see: seeGroups,
    },
  )

/** Keys, figures, filters and orders of groups reveal the values of a field. */
function aggregateCells(place: Place, field: Field): readonly Cell[] {
  const { dataset, caller, resource, visible } = place
  const isOpen = field.read === null || evaluate(dataset, caller, field.read, resource) === 'yes'
  const about = [`${resource.key}.${field.name}.read`]
  const values = new Set(
    (visible ?? [])
      .map((row) => row[field.name])
      .filter((value) => value !== null)
      .map(stored),
  )
  const groups = values.size + (visible?.some((row) => row[field.name] === null) === true ? 1 : 0)
  const path = ['countDistinct', field.name]
  const cell = (
    what: string,
    aggregate: Partial<ParityAggregate>,
    at: string,
    expected: unknown,
  ): Cell =>
    aggregated(
      place,
      `field ${field.name} ${what}`,
      { fields: ['count'], ...aggregate },
      { about, expected: alike(refusal(place, isOpen, at) ?? canonical(expected)), see: seeGroups },
    )
  return [
    cell('in an aggregate', { fields: [path.join('.')] }, `fields:${path.join('.')}`, [
      { countDistinct: { [field.name]: values.size } },
    ]),
    cell(
      'in a filter on groups',
      { having: { countDistinct: { [field.name]: { lt: 0 } } } },
      `where:having.${path.join('.')}`,
      [],
    ),
    cell(
      'in an order of groups',
      { orderBy: [{ path, direction: 'ASC' }] },
      `order:0.${path.join('.')}`,
      [{ count: visible?.length ?? 0 }],
    ),
    // the last group, and the page after it
    aggregated(
      place,
      `field ${field.name} as a key`,
      { fields: ['count'], groupBy: [field.name], offset: Math.max(0, groups - 1), size: 2 },
      {
        about,
        expected: alike(refusal(place, isOpen, 'key:0') ?? `${Math.min(1, groups)} groups`),
        see: seeGroupCount,
      },
    ),
  ]
}

/** The list request as a body, on REST. */
function postedCell(place: Place): Cell {
  const { caller, resource, visible } = place
  return cellOf(place, 'in a list by a body', {
    request: requestOf(caller, resource.plural, select(keyNames(resource)), {
      list: listOf(),
      style: { ...style, posted: true },
    }),
    expected: alike(
      visible === null ? refusalOf(caller) : expectKeys(resource, visible, resource.page.default),
    ),
    see: seeKeys(resource),
  })
}

/** Hidden rows make no group of distinct rows, and are in no estimate of few rows. */
function countedCells(place: Place): readonly Cell[] {
  const { caller, resource, visible } = place
  const [name = ''] = keyNames(resource)
  const counted = (
    what: string,
    list: Partial<ParityList>,
    count: (rows: readonly Row[]) => number,
  ): Cell =>
    cellOf(place, what, {
      request: requestOf(caller, resource.plural, select(keyNames(resource)), {
        list: listOf(list),
      }),
      expected: alike(visible === null ? refusalOf(caller) : `of ${count(visible)}`),
      see: seeTotal,
    })
  return [
    counted(
      'in a list of distinct rows',
      { orderBy: [{ path: [name], direction: 'ASC' }], distinctOn: [name] },
      (rows) => new Set(rows.map((row) => row[name])).size,
    ),
    counted('in an estimate', { total: 'estimated' }, (rows) => rows.length),
  ]
}

/** A row that is hidden is not found by its key in a filter either. */
function hiddenByFilter(place: Place): readonly Cell[] {
  const { caller, resource, visible } = place
  if (!isSingle(resource)) return []
  const [name = ''] = keyNames(resource)
  const rows = inKeyOrder(resource, examples(place))
  return [
    cellOf(place, 'by a filter on the key', {
      request: requestOf(caller, resource.plural, select([name]), {
        list: listOf({ where: { [name]: { in: rows.map((row) => row[name]) } } }),
      }),
      expected: alike(
        visible === null
          ? refusalOf(caller)
          : expectKeys(
              resource,
              rows.filter((row) => visible.includes(row)),
              20,
            ),
      ),
      see: seeKeys(resource),
    }),
  ]
}

/** A search that excludes a word of no row finds all readable rows, and no others. */
function searchCells(place: Place): readonly Cell[] {
  const { caller, resource, visible } = place
  if (resource.search === null) return []
  const { max } = resource.page
  return [undefined, [{ path: keyNames(resource).slice(0, 1), direction: 'ASC' as const }]].map(
    (orderBy) =>
      cellOf(place, `by a search${orderBy === undefined ? '' : ' in an order'}`, {
        request: requestOf(caller, resource.plural, select(keyNames(resource)), {
          list: listOf({
            search: '-nosuchword',
            page: { size: max },
            ...(orderBy === undefined ? {} : { orderBy }),
          }),
        }),
        expected: alike(visible === null ? refusalOf(caller) : expectKeys(resource, visible, max)),
        see: seeKeys(resource),
      }),
  )
}

/** Why a use in a filter or an order is refused, or null. */
const refusal = ({ visible, caller }: Place, isOpen: boolean, place: string): string | null =>
  visible === null ? refusalOf(caller) : isOpen ? null : `${refusalOf(caller)} ${place}`

/** A field shown, left out of the defaults, filtered by, ordered by. */
function fieldCells(place: Place, field: Field): readonly Cell[] {
  const { dataset, caller, resource, visible } = place
  const verdict = field.read === null ? 'yes' : evaluate(dataset, caller, field.read, resource)
  const about = [`${resource.key}.${field.name}.read`]
  const shown = (visible ?? []).slice(0, 1).flatMap((row) =>
    [select([field.name]), select('default')].map((selection) => {
      const value = alike(holds(verdict, row) ? stored(row[field.name]) : 'null')
      const denied =
        selection.fields === 'default'
          ? { graphql: `denied ${refusalOf(caller)}`, rest: 'null' }
          : deniedAt(field.name, refusalOf(caller))
      return cellOf(
        place,
        `field ${field.name} ${selection.fields === 'default' ? 'by default' : 'shown'}`,
        {
          request: requestOf(caller, resource.key, selection, { key: keyOf(resource, row) }),
          expected: verdict === 'no' ? denied : value,
          see: seeAt(field.name),
        },
        about,
      )
    }),
  )
  const listed = (what: string, list: Partial<ParityList>, expected: string): Cell =>
    cellOf(
      place,
      `field ${field.name} in ${what}`,
      {
        request: requestOf(caller, resource.plural, select(keyNames(resource)), {
          list: listOf(list),
        }),
        expected: alike(expected),
        see: seeTotal,
      },
      about,
    )
  const matching = (visible ?? []).filter((row) => hasValue(field, row)).length
  return [
    ...shown,
    listed(
      'a filter',
      { where: { [field.name]: anyValue(field) } },
      refusal(place, verdict === 'yes', `where:${field.name}`) ?? `of ${matching}`,
    ),
    ...(isSortable(field)
      ? [
          listed(
            'an order',
            { orderBy: [{ path: [field.name], direction: 'ASC' }] },
            refusal(place, verdict === 'yes', `order:0.${field.name}`) ??
              `of ${visible?.length ?? 0}`,
          ),
        ]
      : []),
  ]
}

/** A relation as one caller sees it. */
interface Seen {
  readonly target: Resource
  readonly about: readonly string[]
  readonly denied: boolean
  /** Rows at the other end, those that the caller may read. */
  readonly related: (row: Row) => readonly Row[]
}

function seenThrough({ dataset, caller, resource }: Place, relation: Relation): Seen {
  const target = targetOf(dataset, relation)
  const seen = readable(dataset, caller, target)
  const junction =
    relation.through === null
      ? undefined
      : dataset.model.resources.get(relation.through.resource ?? '')
  const ties =
    junction === undefined ? 'yes' : evaluate(dataset, caller, junction.access.read, junction)
  const way = { dataset, resource, relation, allowed: (tie: Row) => holds(ties, tie) }
  return {
    target,
    about: [target, ...(junction === undefined ? [] : [junction])].map(({ key }) => `${key}.read`),
    denied: seen === null || ties === 'no',
    related: (row) =>
      inKeyOrder(
        target,
        relatedRows(way, row).filter((one) => seen?.includes(one)),
      ),
  }
}

/** A relation shown in a row, under its own path, used in a filter and in an order. */
function relationCells(place: Place, relation: Relation): readonly Cell[] {
  const { dataset, caller, resource } = place
  const seen = seenThrough(place, relation)
  const visible = place.visible ?? []
  const [key = ''] = keyNames(seen.target)
  const listed = (what: string, list: Partial<ParityList>, expected: string): Cell =>
    cellOf(
      place,
      `relation ${relation.name} in ${what}`,
      {
        request: requestOf(caller, resource.plural, select(keyNames(resource)), {
          list: listOf(list),
        }),
        expected: alike(expected),
        see: seeTotal,
      },
      seen.about,
    )
  const whole = visible.find((row) => seen.related(row).length > 0)
  // a row whose related rows are all hidden, or some of them
  const partly = visible.find(
    (row) => relatedRows({ dataset, resource, relation }, row).length > seen.related(row).length,
  )
  const rows = new Set([whole, partly].filter((row) => row !== undefined))
  return [
    listed(
      'a filter',
      { where: relationFilter(relation, { [key]: { isNull: false } }) },
      refusal(place, !seen.denied, `where:${relation.name}`) ??
        `of ${visible.filter((row) => seen.related(row).length > 0).length}`,
    ),
    listed(
      'an order',
      { orderBy: [{ path: [relation.name, relation.many ? 'count' : key], direction: 'DESC' }] },
      refusal(place, !seen.denied, `order:0.${relation.name}`) ?? `of ${visible.length}`,
    ),
    ...(relation.many
      ? [
          listed(
            'a filter on its count',
            { where: { [relation.name]: { count: { gte: 2 } } } },
            refusal(place, !seen.denied, `where:${relation.name}`) ??
              `of ${visible.filter((row) => seen.related(row).length >= 2).length}`,
          ),
        ]
      : []),
    ...[...rows].flatMap((row) => shownCells(place, relation, seen, row)),
    ...(whole === undefined ? [] : fieldsThrough(place, relation, seen, whole)),
  ]
}

function shownCells(
  place: Place,
  relation: Relation,
  { target, about, denied, related }: Seen,
  row: Row,
): readonly Cell[] {
  const { caller, resource } = place
  const rows = related(row)
  const [first] = rows
  const answer = alike(
    relation.many
      ? expectKeys(target, rows, 20)
      : first === undefined
        ? 'null'
        : expectRow(target, first),
  )
  const show = (value: unknown): string =>
    value === null
      ? 'null'
      : relation.many
        ? pageText(target, value as OutcomePage)
        : seeRow(target)({ ok: true, value, denied: new Map(), silent: false, created: null })
  const below = {
    name: relation.name,
    list: relation.many ? listOf() : null,
    selection: select(keyNames(target)),
  }
  return [false, true].map((alone) =>
    cellOf(
      place,
      `relation ${relation.name} ${alone ? 'alone' : 'beside the key'}`,
      {
        request: requestOf(caller, resource.key, select(alone ? [] : keyNames(resource), below), {
          key: keyOf(resource, row),
          style: { ...style, related: alone },
        }),
        expected: denied ? deniedAt(relation.name, refusalOf(caller)) : answer,
        see: seeAt(relation.name, show),
      },
      about,
    ),
  )
}

/** Fields of the target that are denied stay so on the way through the relation. */
function fieldsThrough(
  place: Place,
  relation: Relation,
  { target, about, denied }: Seen,
  row: Row,
): readonly Cell[] {
  const { dataset, caller, resource } = place
  if (denied) return []
  return [...target.fields.values()].flatMap((field): readonly Cell[] => {
    if (field.read === null) return []
    const path = `${relation.name}.${field.name}`
    const below = {
      name: relation.name,
      list: relation.many ? listOf() : null,
      selection: select([field.name]),
    }
    return [
      cellOf(
        place,
        `relation ${relation.name}, its field ${field.name}`,
        {
          request: requestOf(caller, resource.key, select(keyNames(resource), below), {
            key: keyOf(resource, row),
          }),
          expected:
            evaluate(dataset, caller, field.read, target) === 'no'
              ? deniedAt(path, refusalOf(caller))
              : alike('shown'),
          see: seeAt(path, () => 'shown'),
        },
        [...about, `${target.key}.${field.name}.read`],
      ),
    ]
  })
}
