// Whether errors list the names that there are. They do where introspection is on; else each issue has its plain words.
import { type Issue, OperationProblem, plainly, type Problem } from './errors.ts'

/** What there is, where something was named that there is not. */
export const allowedIn = (names: readonly string[]): string =>
  names.length === 0 ? 'Nothing is allowed here.' : `Allowed are ${names.join(', ')}.`

/**
 * An issue whose message lists what there is, behind the sentence about what is wrong.
 * @param plain the issue without that list
 * @param list the sentence with the list
 */
export const listing = (plain: Issue, list: string): Issue => ({
  ...plain,
  message: `${plain.message} ${list}`,
  [plainly]: plain.message,
})

/** The same problem without lists of names. */
export function withoutNames(problem: Problem): Problem {
  const { issues, message } = problem
  if (!issues.some((issue) => plainly in issue)) return problem
  const plain = issues.map((issue): Issue => {
    const { [plainly]: words = issue.message, ...rest } = issue
    return { ...rest, message: words }
  })
  const [only] = issues
  const isOnly = issues.length === 1 && only?.message === message
  return restated(problem, isOnly ? (plain[0]?.message ?? message) : message, plain)
}

/** The same problem in other words. */
export function restated(problem: Problem, message: string, issues: readonly Issue[]): Problem {
  const { headers, details, cause, request } = problem
  return new OperationProblem(problem, message, {
    issues,
    headers,
    details,
    cause,
    ...(request === null ? {} : { request }),
  })
}
