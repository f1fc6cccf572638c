// Requests with their expected answers as plain values: rows, pages without cursors, and refusals.
import { Problem } from '../../src/errors.ts'
import type { Fixture, TestRequest } from './support.ts'

/** Rows and pages as plain values, or the code of a problem with the paths of its issues. */
type Answer = unknown
export const named = (...people: readonly string[]) => people.map((name) => ({ name }))
export const page = (rows: readonly unknown[], total: number | null = null): Answer => ({
  rows,
  total,
})
export const refused = (code: string, ...issues: readonly string[]): Answer => ({ code, issues })

interface Case {
  readonly name: string
  readonly operation: string
  readonly request: TestRequest
  readonly answer: Answer
}
export const testCase = (
  name: string,
  operation: string,
  request: TestRequest,
  answer: Answer,
): Case => ({
  name,
  operation,
  request,
  answer,
})

/** Runs a request; a Problem is an answer too. */
export async function answerOf(fixture: Fixture, { operation, request }: Case): Promise<Answer> {
  try {
    const found = fixture.model.operations.find(({ name }) => name === operation)
    if (found?.standard === 'list') return plain(await fixture.page(operation, request))
    if (found?.standard === null && found.output.type === 'rows')
      return plain({ rows: await fixture.value(operation, request), total: null })
    return plain(await fixture.row(operation, request))
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return refused(
      error.code,
      ...error.issues.map((issue) => `${issue.in} ${issue.path.join('.')}`),
    )
  }
}

/** Rows and pages without cursors. */
function plain(value: unknown): Answer {
  if (typeof value !== 'object' || value === null) return value
  if ('rows' in value && Array.isArray(value.rows) && 'total' in value)
    return { rows: value.rows.map(plain), total: value.total }
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]))
}
