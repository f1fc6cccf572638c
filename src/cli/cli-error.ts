// A command that cannot go on, for a reason its user can do something about; the message says what.

/** Exit codes: 0 done, 1 failed, 2 asked wrongly. */
export type ExitCode = 0 | 1 | 2

export class CliError extends Error {
  readonly exitCode: ExitCode

  constructor(
    message: string,
    options: { readonly exitCode?: ExitCode; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'CliError'
    this.exitCode = options.exitCode ?? 1
  }
}
