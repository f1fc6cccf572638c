// Forms of a route: what its requests ask to see, read once for each way of asking; their values are read every time.
import { type Budget, openBoundedMap } from '../../bounded-map.ts'
import { defineReadQuery, type ReadQuery } from '../../engine/read/read-query.ts'
import type { ListInput, Selection, Total } from '../../engine/request.ts'
import { selectedLists } from '../../engine/selection-lists.ts'
import type { ToTemplate } from '../../engine/render/template.ts'
import {
  type Model,
  type Relation,
  type Resource,
  type StandardOperation,
  targetOf,
} from '../../schema/model/model.ts'
import { withVersion } from './preconditions.ts'
import { readList } from './list-arguments.ts'
import type { Query } from './query-string.ts'
import { ownFields } from './incoming.ts'
import { readSelection } from './selection.ts'

/** What one request asks to see. */
export interface Chosen {
  readonly form: ReadQuery
  /** The arguments of the lists that it includes. */
  readonly lists: readonly ListInput[]
  /** To be called when the whole query string was found right: the next request of this kind is then known. */
  readonly keep: () => void
}

export type ReadForm = (query: Query) => Chosen

export interface ReadQueriesOf {
  readonly model: Model
  readonly budget: Budget
  readonly operation: StandardOperation
  /** The relation that the route is about, if it is not about the operation's own rows. */
  readonly relation: Relation | null
  /** Whether the rows of that relation are counted. */
  readonly total?: Total
  readonly template: ToTemplate
}

interface Known {
  readonly form: ReadQuery
  readonly included: readonly Included[]
}

/** A list that is included, and where its arguments stand in the query string. */
interface Included {
  readonly at: string
  readonly resource: Resource
}

/** Ways of asking that a route remembers. */
const MAX_KNOWN = 500
/** A form of ten fields, and what it has for each character of its key: a first estimate. */
const BYTES_PER_FORM = 2000
const BYTES_PER_CHARACTER = 20
const MAX_KEY = 1000

export function openReadQueries(forms: ReadQueriesOf): ReadForm {
  const plain = toKnown(forms, ownFields)
  const known = openBoundedMap<string, Known>({
    maxEntries: MAX_KNOWN,
    budget: forms.budget,
    weigh: (way) => BYTES_PER_FORM + way.length * BYTES_PER_CHARACTER,
  })
  const resource = shownBy(forms)
  return (query) => {
    const way = queryFingerprint(query)
    if (way === '') return { form: plain.form, lists: [], keep: nothing }
    const found = known.get(way)
    if (found !== undefined)
      return { form: found.form, lists: readLists(query, found.included), keep: nothing }
    const selection = readSelection(forms.model, query, resource) ?? ownFields
    const made = toKnown(forms, selection)
    return {
      form: made.form,
      lists: selectedLists(forms.model, resource, selection).map(({ list }) => list),
      keep() {
        if (way.length <= MAX_KEY) known.set(way, made)
      },
    }
  }
}

const nothing = (): void => {}

const shownBy = ({ model, operation, relation }: ReadQueriesOf): Resource =>
  relation === null ? operation.resource : targetOf(model, relation)

/** The parameters that choose what to see, with those of included lists by name alone; empty where none is given. */
function queryFingerprint(query: Query): string {
  const way: string[] = []
  for (const [name, value] of query.rest()) {
    if (name === 'fields' || name === 'include' || /\.(fields|count)$/.test(name))
      way.push(name, value)
    else if (name.includes('.')) way.push(name)
  }
  return way.length === 0 ? '' : JSON.stringify(way) // any sign may stand in a name or a value
}

function readLists(query: Query, included: readonly Included[]): readonly ListInput[] {
  for (const name of ['fields', 'include']) query.takeNames(name)
  for (const [name] of query.rest()) if (name.endsWith('.fields')) query.takeNames(name)
  return included.map(({ at, resource }) => readList(query, resource, at).list)
}

function toKnown(
  { model, operation, relation, total = false, template }: ReadQueriesOf,
  selection: Selection,
): Known {
  const shown =
    relation === null
      ? operation.standard === 'get'
        ? withVersion(operation.resource, selection)
        : selection
      : {
          fields: [],
          relations: [
            { id: relation.name, relation: relation.name, list: {}, selection, rows: true, total },
          ],
        }
  const resource = relation === null ? operation.resource : targetOf(model, relation)
  return {
    form: defineReadQuery(model, {
      operation,
      template,
      selection: shown,
      denied: 'refuse',
      each: false,
    }),
    included: selectedLists(model, resource, selection).map((one) => ({
      at: `${one.path.join('.')}.`,
      resource: one.resource,
    })),
  }
}
