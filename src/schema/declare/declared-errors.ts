// Errors of an operation's own: declared with it, checked by the compiler, given to its handler as `fail`, shown in both documents.
import type { z } from 'zod'
import { errorTable, type Issue, OperationProblem } from '../../errors.ts'
import { MAX_ERROR_BYTES } from '../../problem-body.ts'
import type { Report } from './model-error.ts'
import { toTypeName } from './names.ts'
import { unsupportedZod } from '../values/zod-types.ts'

/** What HTTP has for errors of an application; the others ask for headers of their own, or are the server's to say. */
export type ErrorStatus =
  | 400
  | 402
  | 403
  | 404
  | 409
  | 410
  | 412
  | 422
  | 423
  | 424
  | 429
  | 451
  | 502
  | 503
  | 504

/** One error that an operation declares under its code. `S` is the Zod object of its details. */
export interface ErrorRules<S> {
  /** The status on REST. */
  readonly status: ErrorStatus
  /** What it means, in a sentence: in both documents, and the error's message unless `fail` gives another. */
  readonly message: string
  /** What a program is told beside the code: parsed before it goes out. */
  readonly details?: S extends z.ZodObject ? S : never
}

/** What one occurrence of an error may say besides. */
export interface FailOptions {
  /** In place of the declared message; nothing of it is looked at by programs. */
  readonly message?: string
  /** The places of the input that it is about. */
  readonly issues?: readonly Issue[]
  /** What led to it, for the log. */
  readonly cause?: unknown
}

/** The errors of an operation as functions of its handler: `throw fail.OUT_OF_STOCK({ productId })`. `D` has the details' schemas by code. */
export type Fail<D> = {
  readonly [Code in keyof D]: D[Code] extends z.ZodObject
    ? (details: z.input<D[Code]>, options?: FailOptions) => Error
    : (options?: FailOptions) => Error
}

/** A declared error as data. */
export interface DeclaredError {
  readonly code: string
  readonly status: number
  readonly message: string
  readonly details: z.ZodObject | null
}

/** `OutOfStockProblem` and `OutOfStockDetails`: what OpenAPI calls an error and what it says. */
export const problemName = (code: string): string => `${toTypeName(code.toLowerCase())}Problem`
export const detailsName = (code: string): string => `${toTypeName(code.toLowerCase())}Details`

export type AnyErrors = Readonly<Record<string, ErrorRules<z.ZodObject>>>

/** Looks at what an operation declares; codes are those of the catalogue in form, and none of it. */
export function buildErrors(
  where: string,
  declared: AnyErrors = {},
  report: Report,
): readonly DeclaredError[] {
  return Object.freeze(
    Object.entries(declared).map(([code, { status, message, details = null }]) => {
      const at = `${where}.errors.${code}`
      if (!/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/.test(code))
        report(
          at,
          'is no code; a code is of capitals and digits, joined by _, such as OUT_OF_STOCK.',
        )
      if (Object.hasOwn(errorTable, code))
        report(at, 'is a code that every operation may answer already; choose another.')
      for (const fault of details === null ? [] : unsupportedZod(details))
        report(`${at}.details${fault.path}`, fault.what)
      return Object.freeze({ code, status, message, details })
    }),
  )
}

/** One code means one thing in a gateway: operations that share an error share its declaration. */
export function checkErrors(
  operations: Readonly<Record<string, { readonly rules: { readonly errors?: AnyErrors } }>>,
  report: Report,
): void {
  const known = new Map<string, { readonly operation: string; readonly rules: AnyErrors[string] }>()
  for (const [
    operation,
    {
      rules: { errors = {} },
    },
  ] of Object.entries(operations)) {
    for (const [code, rules] of Object.entries(errors)) {
      const first = known.get(code)
      if (first !== undefined && first.rules !== rules) {
        report(
          `operations.${operation}.errors.${code}`,
          `is declared by ${first.operation} already; declare it once, in a constant, and give it to both.`,
        )
      }
      known.set(code, first ?? { operation, rules })
    }
  }
}

type FailFunction = (...given: readonly unknown[]) => Error

/** What a handler gets as `fail`. */
export const toFail = (
  operation: string,
  errors: readonly DeclaredError[],
): Readonly<Record<string, FailFunction>> =>
  Object.freeze(
    Object.fromEntries(errors.map((declared) => [declared.code, failing(operation, declared)])),
  )

function failing(operation: string, declared: DeclaredError): FailFunction {
  const { code, message, details: schema } = declared
  const problem = (details: unknown, options: unknown = {}) => {
    const { message: said = message, ...more } = options as FailOptions // as Fail types it
    return new OperationProblem({ ...declared, title: message }, said, { ...more, details })
  }
  if (schema === null) return (options) => problem(undefined, options)
  return (details, options) => {
    const parsed = schema.safeParse(details)
    const wrong = (what: string) => new Error(`${operation} failed with ${code} and ${what}`) // a defect: INTERNAL to the caller
    if (!parsed.success)
      return wrong(
        `details that its schema does not allow: ${parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; ')}`,
      )
    if (Buffer.byteLength(JSON.stringify(parsed.data)) > MAX_ERROR_BYTES)
      return wrong(`details of more than ${MAX_ERROR_BYTES} bytes.`)
    return problem(parsed.data, options)
  }
}
