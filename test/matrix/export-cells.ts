// Exports: every row that the caller may read and no other, every field and no other, of a list and of the rows of a row.
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
  type Asker,
  holds,
  inKeyOrder,
  judge,
  noOf,
  readable,
  relatedRows,
  type Row,
  targetOf,
  type World,
} from './oracle.ts'

export function exportCells(world: World, asker: Asker): readonly Cell[] {
  return [...world.model.resources.values()]
    .filter(({ access }) => access.read.type !== 'nobody')
    .flatMap((resource) => {
      const visible = readable(world, asker, resource)
      const lists = [...resource.relations.values()].filter(({ many }) => many)
      return [
        rowsCell(resource, asker, visible),
        fieldsCell(world, resource, asker, visible),
        ...(visible === null
          ? []
          : lists.flatMap((relation) =>
              relatedCell({ world, asker, resource, relation }, visible),
            )),
      ]
    })
}

async function send(
  gateway: TestGateway,
  asker: Asker,
  path: string,
  accept: string,
): Promise<{ readonly status: number; readonly body: string }> {
  const { statusCode: status, body } = await gateway.app.inject({
    url: gateway.prefix + path,
    headers: { accept, ...credentialsOf(asker) },
  })
  return { status, body }
}

const codeOf = (body: string): string => (JSON.parse(body) as { readonly code: string }).code // a problem

/** GraphQL counts what REST gives. */
function rowsCell(resource: Resource, asker: Asker, visible: readonly Row[] | null): Cell {
  const request = requestOf(asker, resource.plural, select(keyNames(resource)), { list: listOf() })
  return {
    name: `${asker.name}: ${resource.key} exported`,
    about: [`${resource.key}.read`],
    expected:
      visible === null
        ? { graphql: noOf(asker), rest: noOf(asker) }
        : { graphql: `of ${visible.length}`, rest: expectKeys(resource, visible, visible.length) },
    ask: async (gateway, face) =>
      face === 'graphql'
        ? seeTotal((await askFace(gateway, face, request)).outcome)
        : seeLines(
            resource,
            await send(
              gateway,
              asker,
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
  world: World,
  resource: Resource,
  asker: Asker,
  visible: readonly Row[] | null,
): Cell {
  const fields = [...resource.fields.values()]
  const open = fields
    .filter(({ read }) => read === null || judge(world, asker, read, resource) !== 'no')
    .map(({ name }) => name)
    .join()
  return {
    name: `${asker.name}: ${resource.key} exported as CSV`,
    about: [
      `${resource.key}.read`,
      ...fields.flatMap(({ name, read }) =>
        read === null ? [] : [`${resource.key}.${name}.read`],
      ),
    ],
    expected: { graphql: '', rest: visible === null ? noOf(asker) : open },
    async ask(gateway, face) {
      if (face === 'graphql') return ''
      const { status, body } = await send(gateway, asker, `/${resource.path}?limit=0`, 'text/csv')
      return status === 200 ? body.trimEnd() : codeOf(body)
    },
  }
}

interface Way {
  readonly world: World
  readonly asker: Asker
  readonly resource: Resource
  readonly relation: Relation
}

/** The rows of a row whose related rows are hidden in part, or the first. */
function relatedCell(
  { world, asker, resource, relation }: Way,
  visible: readonly Row[],
): readonly Cell[] {
  const target = targetOf(world, relation)
  const seen = readable(world, asker, target)
  const junction =
    relation.through === null
      ? undefined
      : world.model.resources.get(relation.through.resource ?? '')
  const ties = junction === undefined ? 'yes' : judge(world, asker, junction.access.read, junction)
  const related = (row: Row) =>
    inKeyOrder(
      target,
      relatedRows(
        { world, resource, relation, allowed: (tie: Row) => holds(ties, tie) },
        row,
      ).filter((one) => seen?.includes(one)),
    )
  const row =
    visible.find(
      (one) => relatedRows({ world, resource, relation }, one).length > related(one).length,
    ) ?? visible[0]
  if (row === undefined) return []
  const denied = seen === null || ties === 'no'
  const rows = related(row)
  const key = Object.values(keyOf(resource, row))
    .map((value) => encodeURIComponent(String(parsed(value))))
    .join()
  const request = requestOf(
    asker,
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
      name: `${asker.name}: ${resource.key}.${relation.name} exported`,
      about: [resource, target, ...(junction === undefined ? [] : [junction])].map(
        (one) => `${one.key}.read`,
      ),
      expected: denied
        ? { graphql: `denied ${noOf(asker)}`, rest: noOf(asker) }
        : { graphql: String(rows.length), rest: expectKeys(target, rows, rows.length) },
      ask: async (gateway, face) =>
        face === 'graphql'
          ? seeAt(relation.name, (page) => canonical((page as OutcomePage).total))(
              (await askFace(gateway, face, request)).outcome,
            )
          : seeLines(
              target,
              await send(
                gateway,
                asker,
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
