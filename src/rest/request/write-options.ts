// What a write's request says beside its key and body: what to show of the rows, and parameters of its own.
import type { Selection } from '../../engine/request.ts'
import type { Resource, StandardKind, StandardOperation } from '../../schema/model/model.ts'
import { unreadable } from '../errors.ts'
import { ownFields, type ReadIncoming, type RestContext } from './incoming.ts'
import { preferredReturn, type Return } from './prefer.ts'
import { withVersion } from './preconditions.ts'
import type { Query } from './query-string.ts'
import { readOnce, allowedInSelection } from './reading.ts'
import { readSelection } from './selection.ts'

export interface WriteOptions {
  /** Whether the answer has no body. */
  readonly minimal: boolean
  /** Null if the policy lets no caller read the resource: its writes then show no row. */
  readonly selection: Selection | null
  /** Says that a preference was followed (RFC 7240, section 3). */
  readonly applied: Readonly<Record<string, string>>
}

/** Whether any caller may read the resource. */
export const isReadable = ({ access }: Resource): boolean => access.read.type !== 'nobody'

/** Parameters of a write beside `fields` and `include`. */
interface OwnParameters<P> {
  readonly read: (query: Query) => P
  /** Names them, in the message about an unknown parameter. */
  readonly allowed: string
}

/** Writes that answer one row as it then is, with its tag. */
const tagged: ReadonlySet<StandardKind> = new Set(['create', 'update', 'upsert'])

const noFields: Selection = { fields: [], relations: [] }

const appliedHeaders = {
  minimal: { 'preference-applied': 'return=minimal' },
  representation: { 'preference-applied': 'return=representation' },
} as const

const noHeaders = {}

/** Reads the options of writes without parameters of their own; `usual` is answered unless `Prefer` says otherwise. */
export function openWriteOptions(
  context: RestContext,
  operation: StandardOperation,
  usual: Return,
): ReadIncoming<WriteOptions> {
  const read = openWriteParameters(context, operation, usual, { read: () => null, allowed: '' })
  return (incoming) => read(incoming).options
}

/** The same for writes that have parameters of their own. */
export function openWriteParameters<P>(
  { model, budget }: RestContext,
  { resource, standard }: StandardOperation,
  usual: Return,
  { read, allowed }: OwnParameters<P>,
): ReadIncoming<{ readonly options: WriteOptions; readonly own: P }> {
  const withTag = (selection: Selection): Selection =>
    tagged.has(standard) ? withVersion(resource, selection) : selection
  // named fields go to the engine even if no caller may read them: it refuses them
  const readNamed = (query: Query) => {
    const named = readSelection(model, query, resource)
    return { named: named && withTag(named), own: read(query) }
  }
  const readParameters = readOnce(readNamed, { allowed: allowed + allowedInSelection, budget })
  const unnamed = isReadable(resource)
    ? { minimal: withTag(noFields), representation: withTag(ownFields) }
    : { minimal: null, representation: null }
  return (incoming) => {
    const preferred = preferredReturn(incoming.headers['prefer'])
    const { named, own } = readParameters(incoming)
    const answered = preferred ?? usual
    const minimal = answered === 'minimal'
    if (minimal && named !== null)
      throw unreadable(
        'fields and include choose what is answered; ask for it with Prefer: return=representation.',
      )
    const applied = preferred === null ? noHeaders : appliedHeaders[preferred]
    return { options: { minimal, selection: named ?? unnamed[answered], applied }, own }
  }
}
