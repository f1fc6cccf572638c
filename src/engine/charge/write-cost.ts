// The cost of a write: each row that it may write, those along relations too, and the read of what was written.
import type { Model, Resource, StandardOperation } from '../../schema/model/model.ts'
import { nestedOf } from '../../schema/model/nested.ts'
import { givenMembers } from '../parse/members.ts'
import type { OperationInput } from '../request.ts'
import type { Tally } from './cost.ts'
import { filterWork } from './list-work.ts'

type Resources = Pick<Model, 'resources'>

/** Statements of a write beside those of its rows: to look for the row, to read it back, to explain what went wrong. */
const WRITE_STATEMENTS = 12
/** Statements of one row: in a bulk insert that failed each row is inserted again by itself. */
const ROW_STATEMENTS = 4
/** An upsert looks again for a row that others create and remove meanwhile, at most ten times (write/upsert.ts). */
const UPSERT_STATEMENTS = 60

/** @returns how many rows may be written, and how many of them are read back */
export function addWrite(
  tally: Tally,
  model: Resources,
  { standard, resource }: StandardOperation,
  { input, list, atMost }: OperationInput,
): { readonly writes: number; readonly shown: number } {
  const statements = standard === 'upsert' ? UPSERT_STATEMENTS : WRITE_STATEMENTS
  const { writes, shown } = writtenRows(model, resource, { standard, input, atMost })
  tally.statements += statements + writes * ROW_STATEMENTS
  tally.rows += statements + writes * ROW_STATEMENTS // each statement answers the rows that it is about
  if (standard === 'updateMany' || standard === 'deleteMany')
    tally.work += 2 * filterWork(model, resource, list?.where) // once more where too many match, to count them
  return { writes, shown }
}

function writtenRows(
  model: Resources,
  resource: Resource,
  {
    standard,
    input,
    atMost,
  }: Pick<OperationInput, 'input' | 'atMost'> & Pick<StandardOperation, 'standard'>,
): { readonly writes: number; readonly shown: number } {
  const { max } = resource.page
  switch (standard) {
    case 'create':
      return { writes: rowsIn(model, resource, input), shown: 1 }
    case 'createMany': {
      if (!Array.isArray(input) || input.length > max) return { writes: 1, shown: 1 } // the parser refuses it
      const writes = input.reduce<number>((sum, row) => sum + rowsIn(model, resource, row), 0)
      return { writes: Math.max(1, writes), shown: input.length }
    }
    case 'updateMany':
    case 'deleteMany': {
      const most = typeof atMost === 'number' && atMost > 0 ? Math.min(atMost, max) : 1
      return { writes: most, shown: most }
    }
    default:
      return { writes: 1, shown: 1 }
  }
}

/** A row with the rows along its relations. More than a create may hold are refused by the parser. */
function rowsIn(model: Resources, resource: Resource, row: unknown): number {
  let count = 1
  if (resource.nested.length === 0) return count
  const given = new Map(givenMembers(row))
  for (const { relation, target } of nestedOf(model, resource)) {
    for (const [word, rows] of givenMembers(given.get(relation.name)))
      for (const one of Array.isArray(rows) ? rows : [rows])
        count += word === 'create' ? rowsIn(model, target, one) : 1
  }
  return count
}
