// Checks of nested writes beyond their schema: a reference is given once, and the number of rows is bounded.
import { addIssue, type Issue, Problem } from '../../errors.ts'
import type { Field, Resource } from '../../schema/model/model.ts'
import { nestedOf } from '../../schema/model/nested.ts'
import type { ParseContext } from './parse-context.ts'
import type { ParsedRow, RowValues } from './parse-rows.ts'

/**
 * @param rows each with its place in the input; the bound holds for all of them together
 * @throws Problem TOO_COMPLEX; other faults are noted in `context.issues`
 */
export function checkNestedInput(
  context: ParseContext,
  resource: Resource,
  rows: readonly (readonly [path: Issue['path'], row: ParsedRow])[],
): void {
  if (resource.nested.length === 0) return
  const { limits } = context
  let written = 0
  const count = (more: number): void => {
    written += more
    if (written > limits.nestedRows)
      throw new Problem(
        'TOO_COMPLEX',
        `The input writes more than ${limits.nestedRows} rows along relations.`,
      )
  }
  const check = (at: Resource, row: ParsedRow, { path, set, depth }: Place): void => {
    if (depth > limits.depth)
      throw new Problem(
        'TOO_COMPLEX',
        `The input writes along more than ${limits.depth} relations in a row.`,
      )
    for (const nested of nestedOf(context.model, at)) {
      const { name, many } = nested.relation
      const given = row.nested.find((one) => one.nested === nested)
      if (!many && !nested.links.some((field) => set.includes(field)))
        checkLinks(
          context,
          { name, given: given !== undefined, links: nested.links },
          row.values,
          path,
        )
      if (given === undefined) continue
      count(given.create.length + given.connect.length)
      for (const [i, one] of given.create.entries()) {
        check(nested.target, one, {
          path: [...path, name, 'create', ...(many ? [i] : [])],
          set: many ? nested.links : [],
          depth: depth + 1,
        })
      }
    }
  }
  for (const [path, row] of rows) check(resource, row, { path, set: [], depth: 0 })
}

interface Place {
  readonly path: Issue['path']
  /** Fields that the row around sets. */
  readonly set: readonly Field[]
  /** Relations on the way. */
  readonly depth: number
}

interface Linked {
  readonly name: string
  readonly given: boolean
  readonly links: readonly Field[]
}

/** A reference is given by its fields or along its relation. */
function checkLinks(
  { issues }: ParseContext,
  { name, given, links }: Linked,
  values: RowValues,
  path: Issue['path'],
): void {
  const named = links.filter((field) => values.has(field))
  const fault = (at: string, code: string, message: string): void => {
    addIssue(issues, { in: 'input', path: [...path, at], code, message })
  }
  if (given && named.length > 0)
    fault(
      name,
      'conflict',
      `Give ${name} or ${named.map((field) => field.name).join(', ')}, not both.`,
    )
  if (given) return
  for (const field of links)
    if (field.create === 'required' && !values.has(field))
      fault(field.name, 'required', `This is required; give it, or ${name}.`)
}
