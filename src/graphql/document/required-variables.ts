// Variables that a condition needs and the request leaves out: GraphQL would drop the comparison, and the filter would match more.
import {
  type DocumentNode,
  Kind as Ast,
  type OperationDefinitionNode,
  type ValueNode,
  visit,
} from 'graphql'
import type { Issue } from '../../errors.ts'

/** An issue for each variable without a value inside of a `where` or a `having`, or as `ifVersion` (docs/guides/querying.md: an absent variable never widens a filter). */
export function absentInConditions(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): readonly Issue[] {
  const defaults = new Set(
    operation.variableDefinitions
      ?.filter((one) => one.defaultValue !== undefined)
      .map((one) => one.variable.name.value),
  )
  const isAbsent = (name: string): boolean => variables[name] === undefined && !defaults.has(name)
  const declared = new Set(operation.variableDefinitions?.map((one) => one.variable.name.value))
  const issues: Issue[] = []
  const walk = (value: ValueNode, path: Issue['path'], isWhole = false): void => {
    if (value.kind === Ast.LIST) value.values.forEach((element, i) => walk(element, [...path, i]))
    if (value.kind === Ast.OBJECT)
      for (const field of value.fields) walk(field.value, [...path, field.name.value])
    if (value.kind !== Ast.VARIABLE || isWhole) return // the whole of it may be left out
    const name = value.name.value
    if (declared.has(name) && isAbsent(name)) {
      issues.push({
        in: 'where',
        path,
        code: 'required',
        message: `The variable $${name} has no value; without it the filter would match more.`,
      })
    }
  }
  visit(document, {
    Argument({ name, value }) {
      if (name.value === 'where') walk(value, [], true)
      if (name.value === 'having') walk(value, ['having'], true)
      if (name.value === 'ifVersion' && value.kind === Ast.VARIABLE && isAbsent(value.name.value)) {
        issues.push({
          in: 'key',
          path: ['ifVersion'],
          code: 'required',
          message: `The variable $${value.name.value} has no value; without it the row would be written whatever its version is.`,
        })
      }
    },
  })
  return issues
}
