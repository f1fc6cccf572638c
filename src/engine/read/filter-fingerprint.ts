// The fingerprint of a filter: its names and operators, with its values set apart in their order.
// It judges nothing. What it does not understand is null: such a request is parsed, which says what is wrong.
import { COUNT, countField } from '../../schema/model/counts.ts'
import type { Field, Model, Relation, Resource } from '../../schema/model/model.ts'
import { targetOf } from '../../schema/model/model.ts'
import type { Operator } from '../../schema/model/operators.ts'
import { byName, operatorsByName } from '../parse/parse-filter.ts'

/** Called with every value in its turn, when a read is prepared: its name, and what it must be where a filter compares it. */
export type OnParameter = (name: string, compared: Compared) => void

/** Where the values of a request are collected. */
export interface ParameterList {
  readonly model: Pick<Model, 'resources'>
  readonly values: unknown[]
  readonly onParameter: OnParameter | undefined
}

export function addParameter(
  { values, onParameter }: ParameterList,
  name: string,
  value: unknown,
  compared: Compared = null,
): void {
  values.push(value)
  onParameter?.(name, compared)
}

type Compared = { readonly field: Field; readonly operator: Operator } | null

const isTree = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Names, operators, and the answers of isNull and isEmpty, which are no values to the plan. */
export function filterFingerprint(
  at: ParameterList,
  resource: Resource,
  tree: unknown,
  name: string,
): string | null {
  if (!isTree(tree)) return null
  let text = '{'
  for (const member in tree) {
    const value = tree[member]
    if (value === undefined) continue
    const part = memberFingerprint(at, resource, { member, value, name: name + member })
    if (part === null) return null
    text += `${member}:${part},`
  }
  return `${text}}`
}

interface Member {
  readonly member: string
  readonly value: unknown
  readonly name: string
}

function memberFingerprint(
  at: ParameterList,
  resource: Resource,
  { member, value, name }: Member,
): string | null {
  if (member === 'NOT') return filterFingerprint(at, resource, value, `${name}.`)
  if (member === 'AND' || member === 'OR')
    return Array.isArray(value) ? allFingerprint(at, resource, value, name) : null
  const field = resource.fields.get(member)
  if (field !== undefined) return comparisonsFingerprint(at, field, value, name)
  const relation = resource.relations.get(member)
  return relation === undefined ? null : relationFingerprint(at, relation, value, name)
}

function allFingerprint(
  at: ParameterList,
  resource: Resource,
  trees: readonly unknown[],
  name: string,
): string | null {
  const parts = trees.map((tree, i) => filterFingerprint(at, resource, tree, `${name}.${i}.`))
  return parts.includes(null) ? null : `[${parts.join('')}]`
}

function relationFingerprint(
  at: ParameterList,
  relation: Relation,
  value: unknown,
  name: string,
): string | null {
  const target = targetOf(at.model, relation)
  if (!relation.many) return filterFingerprint(at, target, value, `${name}.`)
  if (!isTree(value)) return null
  // in the order of the plan, which is not that of the request
  const parts = (['some', 'none', 'every'] as const).map((word) =>
    value[word] === undefined ? '' : filterFingerprint(at, target, value[word], `${name}.${word}.`),
  )
  const known = Object.keys(value).every(
    (word) => word === 'some' || word === 'none' || word === 'every' || word === COUNT,
  )
  const counts =
    value[COUNT] === undefined
      ? ''
      : comparisonsFingerprint(at, countField, value[COUNT], `${name}.${COUNT}`)
  return known && counts !== null && !parts.includes(null) ? `<${parts.join('|')}|${counts}>` : null
}

const comparisonsFingerprint = (
  at: ParameterList,
  field: Field,
  comparisons: unknown,
  name: string,
): string | null =>
  operatorsFingerprint(at, { field, known: operatorsByName(field), name }, comparisons)

interface Operands {
  readonly field: Field
  readonly known: ReadonlyMap<string, Operator>
  readonly name: string
}

function operatorsFingerprint(
  at: ParameterList,
  { field, known, name }: Operands,
  comparisons: unknown,
): string | null {
  if (!isTree(comparisons)) return null
  let text = ''
  for (const word in comparisons) {
    const operand = comparisons[word]
    if (operand === undefined) continue
    const operator = known.get(word)
    if (operator === undefined) return null
    if (operator.takes === 'boolean') {
      if (typeof operand !== 'boolean') return null
      text += operand ? `${word}+` : `${word}-`
    } else if (operator.within !== undefined) {
      const inner = operatorsFingerprint(
        at,
        { field, known: byName(operator.within), name: `${name}.${word}` },
        operand,
      )
      if (inner === null) return null
      text += `${word}(${inner})`
    } else {
      addParameter(at, `${name}.${word}`, operand, { field, operator })
      text += `${word} `
    }
  }
  return text === '' ? null : text
}
