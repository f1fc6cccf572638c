// A broken constraint in the words of the model: which fields, in which part of the request.
import type { Session } from '../../db/database.ts'
import { nameOfTable } from '../../db/plan/expressions.ts'
import { findViolated } from '../../db/catalog/constraint-columns.ts'
import { type ConstraintViolation, toConstraintViolation } from '../../db/sqlstate.ts'
import { type Issue, plainly, Problem } from '../../errors.ts'
import type { Field, ForeignKey, Resource } from '../../schema/model/model.ts'

/** The same for a row that is not there and for one that the caller may not see. */
export function foreignKeyProblem(foreignKey: ForeignKey, cause?: unknown): Problem {
  const issues = foreignKey.fields.map((field): Issue => ({
    in: 'input',
    path: [field.name],
    code: 'no_such_row',
    message: 'There is no such row.',
  }))
  return new Problem('CONFLICT', 'A row that this one refers to does not exist.', { issues, cause })
}

/** A database's error with the fields it is about, as far as it and the declaration say; anything else as it was. */
function nameFields(error: unknown, resource: Resource): unknown {
  const violation =
    error instanceof Problem && error.issues.length === 0 ? toConstraintViolation(error) : null
  if (violation === null || !(error instanceof Problem)) return error
  const { sqlstate } = violation
  if (sqlstate === '23503' || sqlstate === '23001') {
    const foreignKey = brokenForeignKey(resource, violation)
    if (foreignKey !== undefined) return foreignKeyProblem(foreignKey, error)
    return new Problem('CONFLICT', `Other rows still refer to this ${resource.type}.`, {
      cause: error,
    })
  }
  const fields = violation.table === nameOfTable(resource) ? fieldsOf(resource, violation) : [] // not of a table that a trigger writes
  return withFields(error, violation, fields)
}

/** The same, with what the catalog knows: of rules that the declaration does not have, of domains and of partitions. */
export async function describeConstraintError(
  session: Session,
  error: unknown,
  resource: Resource,
): Promise<unknown> {
  const named = nameFields(error, resource)
  const violation = toConstraintViolation(named)
  if (
    violation === null ||
    !(named instanceof Problem) ||
    named.issues.length > 0 ||
    isReference(violation)
  )
    return named
  const { isOwn, ofConstraint, ofDomain } = await findViolated(session, resource, violation)
  if (violation.table === null) return withFields(named, violation, fieldsNamed(resource, ofDomain))
  if (!isOwn) return named
  const byName = fieldsOf(resource, violation)
  return withFields(
    named,
    violation,
    byName.length > 0 ? byName : fieldsNamed(resource, ofConstraint),
  )
}

const isReference = ({ sqlstate }: ConstraintViolation): boolean =>
  sqlstate === '23503' || sqlstate === '23001'

/** A column of a domain is one of several where the database does not say which of them. */
function withFields(
  problem: Problem,
  { sqlstate, domain }: ConstraintViolation,
  fields: readonly Field[],
): Problem {
  const [code, rule] = words[sqlstate] ?? ['rule', 'A rule of the database refuses this.']
  const message = domain === null || code === 'required' ? rule : 'This breaks a rule of its type.'
  const isOneOf = domain !== null && fields.length > 1
  const issues = isOneOf
    ? [oneOfFields(code, fields)]
    : fields.map(({ name }): Issue => ({ in: 'input', path: [name], code, message }))
  const kind = problem.code === 'CONFLICT' ? 'CONFLICT' : 'VALIDATION_FAILED'
  return new Problem(kind, problem.message, { issues, cause: problem })
}

const oneOfFields = (code: string, fields: readonly Field[]): Issue => ({
  in: 'input',
  path: [],
  code,
  message: `One of ${fields.map(({ name }) => name).join(', ')} breaks a rule of its type.`,
  [plainly]: 'A value breaks a rule of its type.',
})

/**
 * The foreign key of this very row that leads nowhere. By columns first: constraints have other names in migrations than
 * in Drizzle's tables, and where a table refers to itself one name stands for both ends.
 */
function brokenForeignKey(
  resource: Resource,
  { constraint, table, columns }: ConstraintViolation,
): ForeignKey | undefined {
  if (columns.length === 0)
    return resource.foreignKeys.find((candidate) => candidate.constraint === constraint)
  if (table !== nameOfTable(resource)) return undefined
  return resource.foreignKeys.find(
    ({ fields }) =>
      fields.length === columns.length &&
      fields.every((field) => columns.includes(columnName(field))),
  )
}

const columnName = (field: Field): string =>
  'column' in field.source ? field.source.column.name : ''

const words: Readonly<Record<string, readonly [string, string]>> = {
  23505: ['not_unique', 'Another row has this value.'],
  23502: ['required', 'This is required.'],
  23514: ['check', 'This breaks a rule of the table.'],
  '23P01': ['overlap', 'This collides with another row.'],
}

/** By the constraint's name where the model knows it, else by the columns that the database has named. */
function fieldsOf(
  resource: Resource,
  { constraint, columns }: ConstraintViolation,
): readonly Field[] {
  const known = [...resource.uniqueKeys, ...resource.checks].find(
    (candidate) => constraint !== null && candidate.constraint === constraint,
  )
  return known?.fields ?? fieldsNamed(resource, columns)
}

/** Fields of columns, by their names or as an index expression such as lower(email) has them. */
const fieldsNamed = (resource: Resource, names: readonly string[]): readonly Field[] =>
  [...resource.fields.values()].filter((field) => {
    const name = columnName(field)
    return (
      name !== '' &&
      names.some((one) => one === name || (one.includes('(') && wordsOf(one).includes(name)))
    )
  })

/** Identifiers in an expression, without the names of its functions and what stands in quotes. */
const wordsOf = (expression: string): readonly string[] =>
  [
    ...expression
      .replaceAll(/'(?:[^']|'')*'/g, '')
      .matchAll(/"((?:[^"]|"")+)"|\b([a-z_][\w$]*)\b(?!\()/g),
  ].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '')
