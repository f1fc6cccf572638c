// The shape of nested writes, beyond what their schema says: what refers is given once, and how much is written is bounded.
import { addIssue, type Issue, Problem } from '../../errors.ts'
import type { Resource } from '../../schema/model/model.ts'
import { nestedOf } from '../../schema/model/nested.ts'
import type { ParseContext } from './parse-list.ts'

type Input = Readonly<Record<string, unknown>>

/**
 * @param inputs with the place of each in the input; what is bounded is bounded for all of them together
 * @throws Problem TOO_COMPLEX; what else is wrong is noted in `context.issues`
 */
export function checkNestedInput(
  context: ParseContext,
  resource: Resource,
  inputs: readonly (readonly [path: Issue['path'], input: Input])[],
): void {
  if (resource.nested.length === 0) return
  const { limits } = context
  let rows = 0
  const count = (more: number): void => {
    rows += more
    if (rows > limits.nestedRows)
      throw new Problem(
        'TOO_COMPLEX',
        `The input writes more than ${limits.nestedRows} rows along relations.`,
      )
  }
  const check = (at: Resource, value: Input, { path, set, depth }: Place): void => {
    if (depth > limits.depth)
      throw new Problem(
        'TOO_COMPLEX',
        `The input writes along more than ${limits.depth} relations in a row.`,
      )
    for (const {
      relation: { name, many },
      target,
      links,
    } of nestedOf(context.model, at)) {
      const given = value[name] as Written | undefined // by its schema
      if (!many && !links.some((field) => set.includes(field.name)))
        checkLinks(context, { name, given: given !== undefined, links }, value, path)
      if (given === undefined) continue
      const created = listOf(given.create)
      count(created.length + listOf(given.connect).length)
      for (const [i, one] of created.entries()) {
        check(target, one, {
          path: [...path, name, 'create', ...(many ? [i] : [])],
          set: many ? links.map((field) => field.name) : [],
          depth: depth + 1,
        })
      }
    }
  }
  for (const [path, input] of inputs) check(resource, input, { path, set: [], depth: 0 })
}

interface Written {
  readonly create?: Input | readonly Input[]
  readonly connect?: Input | readonly Input[]
}

const listOf = (value: Input | readonly Input[] | undefined): readonly Input[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly Input[]) : [value as Input] // either, as its type says

interface Place {
  readonly path: Issue['path']
  /** Fields that the row around sets. */
  readonly set: readonly string[]
  /** Relations on the way. */
  readonly depth: number
}

interface Linked {
  readonly name: string
  readonly given: boolean
  readonly links: Resource['foreignKeys'][number]['fields']
}

/** A reference is given by its fields or along its relation. */
function checkLinks(
  { issues }: ParseContext,
  { name, given, links }: Linked,
  value: Input,
  path: Issue['path'],
): void {
  const named = links.filter((field) => value[field.name] !== undefined)
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
    if (field.create === 'required' && value[field.name] === undefined)
      fault(field.name, 'required', `This is required; give it, or ${name}.`)
}
