// The caller that `--as` names: the anonymous, a role, or claims.
import { anonymous, type Caller } from '../../schema/declare/caller.ts'
import type { Model } from '../../schema/model/model.ts'
import { CliError } from '../cli-error.ts'

const usage =
  'Give "anonymous", a role such as "staff", or claims as JSON: {"roles":["staff"],"customerId":"…"}.'

/** @throws CliError where the text has another form, or the caller schema of the gateway refuses the claims */
export function readCaller(text: string, { vocabulary }: Model): Caller {
  if (text === 'anonymous') return anonymous
  const { roles = [], ...claims } = text.startsWith('{') ? readJson(text) : { roles: [text] }
  if (!Array.isArray(roles) || !roles.every((role) => typeof role === 'string'))
    throw new CliError(`The roles of --as are a list of texts. ${usage}`, { exitCode: 2 })
  const read = vocabulary.caller.safeParse(claims)
  if (!read.success) {
    const why = read.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`)
    throw new CliError(`The claims of --as are none that this gateway knows:\n${why.join('\n')}`, {
      exitCode: 2,
    })
  }
  return Object.freeze({ via: 'jwt', id: 'somebody', roles, claims: read.data })
}

function readJson(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>> // an object, as it begins with a brace
  } catch (error) {
    throw new CliError(`--as is no JSON. ${usage}`, { exitCode: 2, cause: error })
  }
}
