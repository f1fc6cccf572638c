// Exports: exactly the rows and fields that the caller may read, of a list and of related rows.
import type { Relation, Resource } from '../../src/schema/model/model.ts'
import { credentialsOf } from '../../src/parity/generate/callers.ts'
import { canonical, parseExact } from '../../src/parity/send/json.ts'
import type { OutcomePage } from '../../src/parity/send/outcome.ts'
import { askFace } from '../../src/parity/run-pair.ts'
import type { TestGateway } from '../../src/parity/gateway.ts'
import {
  type Cell,
  expectKeys,
  keyNames,
  keyOf,
  listOf,
  pageText,
  requestOf,
  seeAt,
  seeTotal,
  select,
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

export function exportCells(dataset: Dataset, caller: TestCaller): readonly Cell[] {
  return [...dataset.model.resources.values()]
    .filter(({ access }) => access.read.type !== 'nobody')
    .flatMap((resource) => {
      const visible = readable(dataset, caller, resource)
      const open = mayExport(dataset, caller, resource) ? visible : null
      const lists = [...resource.relations.values()].filter(({ many }) => many)
      return [
        rowsCell(resource, caller, { visible, open }),
        fieldsCell(dataset, resource, caller, open),
        ...(visible === null
          ? []
          : lists.flatMap((relation) =>
              relatedCell({ dataset, caller, resource, relation }, visible),
            )),
      ]
    })
}

const mayExport = (dataset: Dataset, caller: TestCaller, { export: rules }: Resource): boolean =>
  evaluate(dataset, caller, rules.access, null) === 'yes'

async function send(
  gateway: TestGateway,
  caller: TestCaller,
  path: string,
  accept: string,
): Promise<{ readonly status: number; readonly body: string }> {
  const { statusCode: status, body } = await gateway.app.inject({
    url: gateway.prefix + path,
    headers: { accept, ...credentialsOf(caller) },
  })
  return { status, body }
}

const codeOf = (body: string): string => (JSON.parse(body) as { readonly code: string }).code // a problem

/** GraphQL counts the rows that REST exports. */
function rowsCell(
  resource: Resource,
  caller: TestCaller,
  {
    visible,
    open,
  }: { readonly visible: readonly Row[] | null; readonly open: readonly Row[] | null },
): Cell {
  const request = requestOf(caller, resource.plural, select(keyNames(resource)), { list: listOf() })
  return {
    name: `${caller.name}: ${resource.key} exported`,
    about: [`${resource.key}.read`, `${resource.key}.export`],
    expected: {
      graphql: visible === null ? refusalOf(caller) : `of ${visible.length}`,
      rest: open === null ? refusalOf(caller) : expectKeys(resource, open, open.length),
    },
    ask: async (gateway, face) =>
      face === 'graphql'
        ? seeTotal((await askFace(gateway, face, request)).outcome)
        : seeLines(
            resource,
            await send(
              gateway,
              caller,
              `/${resource.path}?fields=${keyNames(resource).join()}`,
              'application/x-ndjson',
            ),
          ),
  }
}

function seeLines(
  resource: Resource,
  { status, body }: { readonly status: number; readonly body: string },
): string {
  if (status !== 200) return codeOf(body)
  const rows =
    body === ''
      ? []
      : body
          .trimEnd()
          .split('\n')
          .map((line) => parseExact(line))
  return pageText(resource, {
    rows,
    next: null,
    previous: null,
    total: parseExact(String(rows.length)) as string,
  }) // a number, as it reads them
}

/** Without `fields`, those that the caller may read are the columns. */
function fieldsCell(
  dataset: Dataset,
  resource: Resource,
  caller: TestCaller,
  visible: readonly Row[] | null,
): Cell {
  const fields = [...resource.fields.values()]
  const open = fields
    .filter(({ read }) => read === null || evaluate(dataset, caller, read, resource) !== 'no')
    .map(({ name }) => name)
    .join()
  return {
    name: `${caller.name}: ${resource.key} exported as CSV`,
    about: [
      `${resource.key}.read`,
      ...fields.flatMap(({ name, read }) =>
        read === null ? [] : [`${resource.key}.${name}.read`],
      ),
    ],
    expected: { graphql: '', rest: visible === null ? refusalOf(caller) : open },
    async ask(gateway, face) {
      if (face === 'graphql') return ''
      const { status, body } = await send(gateway, caller, `/${resource.path}?limit=0`, 'text/csv')
      return status === 200 ? body.trimEnd() : codeOf(body)
    },
  }
}

interface Way {
  readonly dataset: Dataset
  readonly caller: TestCaller
  readonly resource: Resource
  readonly relation: Relation
}

/** The rows of a row whose related rows are hidden in part, or the first. */
function relatedCell(
  { dataset, caller, resource, relation }: Way,
  visible: readonly Row[],
): readonly Cell[] {
  const target = targetOf(dataset, relation)
  const seen = readable(dataset, caller, target)
  const junction =
    relation.through === null
      ? undefined
      : dataset.model.resources.get(relation.through.resource ?? '')
  const ties =
    junction === undefined ? 'yes' : evaluate(dataset, caller, junction.access.read, junction)
  const related = (row: Row) =>
    inKeyOrder(
      target,
      relatedRows(
        { dataset, resource, relation, allowed: (tie: Row) => holds(ties, tie) },
        row,
      ).filter((one) => seen?.includes(one)),
    )
  const row =
    visible.find(
      (one) => relatedRows({ dataset, resource, relation }, one).length > related(one).length,
    ) ?? visible[0]
  if (row === undefined) return []
  const denied = seen === null || ties === 'no'
  const closed = denied || !mayExport(dataset, caller, target)
  const rows = related(row)
  const key = Object.values(keyOf(resource, row))
    .map((value) => encodeURIComponent(String(parsed(value))))
    .join()
  const request = requestOf(
    caller,
    resource.key,
    select(keyNames(resource), {
      name: relation.name,
      list: listOf(),
      selection: select(keyNames(target)),
    }),
    { key: keyOf(resource, row) },
  )
  return [
    {
      name: `${caller.name}: ${resource.key}.${relation.name} exported`,
      about: [resource, target, ...(junction === undefined ? [] : [junction])].map(
        (one) => `${one.key}.read`,
      ),
      expected: {
        graphql: denied ? `denied ${refusalOf(caller)}` : String(rows.length),
        rest: closed ? refusalOf(caller) : expectKeys(target, rows, rows.length),
      },
      ask: async (gateway, face) =>
        face === 'graphql'
          ? seeAt(relation.name, (page) => canonical((page as OutcomePage).total))(
              (await askFace(gateway, face, request)).outcome,
            )
          : seeLines(
              target,
              await send(
                gateway,
                caller,
                `/${resource.path}/${key}/${relation.name}?fields=${keyNames(target).join()}`,
                'application/x-ndjson',
              ),
            ),
    },
  ]
}

/** Numbers of the oracle's rows are text that keeps their digits. */
const parsed = (value: unknown): unknown =>
  typeof value === 'string' ? value.replaceAll('\0', '') : value
