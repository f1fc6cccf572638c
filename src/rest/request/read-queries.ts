// Read queries of a route: one for each choice of fields and relations. The values of a request are read every time.
import { openBoundedMap } from '../../bounded-map.ts'
import type { Budget } from '../../cache-budget.ts'
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

/** What one request chooses to see. */
export interface Chosen {
  readonly form: ReadQuery
  /** The arguments of the lists that it includes. */
  readonly lists: readonly ListInput[]
  /** Called when the whole query string is valid, so that the read query is kept for the next request of this kind. */
  readonly keep: () => void
}

export type ReadForm = (query: Query) => Chosen

export interface ReadQueriesOf {
  readonly model: Model
  readonly budget: Budget
  readonly operation: StandardOperation
  /** The relation that the route answers; null where it answers the operation's own rows. */
  readonly relation: Relation | null
  /** Whether the rows of the relation are counted. */
  readonly total?: Total
  readonly template: ToTemplate
}

interface Known {
  readonly form: ReadQuery
  readonly included: readonly Included[]
}

/** An included list, and what its arguments begin with in the query string. */
interface Included {
  readonly at: string
  readonly resource: Resource
}

/** Read queries that a route keeps. */
const MAX_KNOWN = 500
/** The memory of a read query, and for each character of its key. */
const BYTES_PER_FORM = 350
const BYTES_PER_CHARACTER = 7.6
const MAX_KEY_CHARS = 1000

export function openReadQueries(forms: ReadQueriesOf): ReadForm {
  const plain = toKnown(forms, ownFields)
  const known = openBoundedMap<string, Known>({
    name: 'read queries',
    maxEntries: MAX_KNOWN,
    budget: forms.budget,
    weigh: (key) => BYTES_PER_FORM + key.length * BYTES_PER_CHARACTER,
  })
  const resource = shownBy(forms)
  return (query) => {
    const key = queryFingerprint(query)
    if (key === '') return { form: plain.form, lists: [], keep: nothing }
    const found = known.get(key)
    if (found !== undefined)
      return { form: found.form, lists: readLists(query, found.included), keep: nothing }
    const selection = readSelection(forms.model, query, resource) ?? ownFields
    const made = toKnown(forms, selection)
    return {
      form: made.form,
      lists: selectedLists(forms.model, resource, selection).map(({ list }) => list),
      keep() {
        if (key.length <= MAX_KEY_CHARS) known.set(key, made)
      },
    }
  }
}

const nothing = (): void => {}

const shownBy = ({
  model,
  operation,
  relation,
}: Pick<ReadQueriesOf, 'model' | 'operation' | 'relation'>): Resource =>
  relation === null ? operation.resource : targetOf(model, relation)

/** The parameters that choose what to see, with those of included lists by name alone; empty where none is given. */
function queryFingerprint(query: Query): string {
  const names: string[] = []
  for (const [name, value] of query.rest()) {
    if (name === 'fields' || name === 'include' || /\.(fields|count)$/.test(name))
      names.push(name, value)
    else if (name.includes('.')) names.push(name)
  }
  return names.length === 0 ? '' : JSON.stringify(names) // names and values may have any character
}

function readLists(query: Query, included: readonly Included[]): readonly ListInput[] {
  for (const name of ['fields', 'include']) query.takeNames(name)
  for (const [name] of query.rest()) if (name.endsWith('.fields')) query.takeNames(name)
  return included.map(({ at, resource }) => readList(query, resource, at).list)
}

/** What is read of the operation's own row or rows: a relation's rows are read below it. */
function toRowSelection(
  { operation, relation, total }: Required<Pick<ReadQueriesOf, 'operation' | 'relation' | 'total'>>,
  selection: Selection,
): Selection {
  if (relation !== null) {
    const { name } = relation
    const related = { id: name, relation: name, list: {}, selection, rows: true, total }
    return { fields: [], relations: [related] }
  }
  return operation.standard === 'get' ? withVersion(operation.resource, selection) : selection
}

function toKnown(
  { model, operation, relation, total = false, template }: ReadQueriesOf,
  selection: Selection,
): Known {
  const resource = shownBy({ model, operation, relation })
  return {
    form: defineReadQuery(model, {
      operation,
      template,
      selection: toRowSelection({ operation, relation, total }, selection),
      denied: 'refuse',
      each: false,
    }),
    included: selectedLists(model, resource, selection).map((one) => ({
      at: `${one.path.join('.')}.`,
      resource: one.resource,
    })),
  }
}
