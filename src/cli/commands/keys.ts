// `bifrons keys`: API keys of the gateway's callers: made, listed, revoked.
import type { Command } from 'commander'
import { z } from 'zod'
import { type ApiKey, createApiKey, listApiKeys, revokeApiKey } from '../../db/store/api-keys.ts'
import type { Database } from '../../db/database.ts'
import { pendingMigrations } from '../../db/store/migrate.ts'
import { parseJson } from '../../json-text.ts'
import type { AnyGateway } from '../../server/gateway.ts'
import { buildGatewayModel } from '../../server/gateway-model.ts'
import { CliError } from '../cli-error.ts'
import { modeOfCommands, readGatewayConfig, withDatabase } from '../gateway-database.ts'
import { loadGateway } from '../load-gateway.ts'
import { print, say } from '../terminal.ts'
import { defined } from '../../defined.ts'

interface GatewayOption {
  readonly gateway?: string
}

interface CreateOptions extends GatewayOption {
  readonly name: string
  readonly role?: readonly string[]
  readonly claims?: string
  readonly expires?: string
}

export function define(command: Command): void {
  const withGateway = (one: Command) =>
    one.option(
      '-g, --gateway <file>',
      "the gateway's file or folder (default: gateway.ts here, in src/ or in app/)",
    )
  withGateway(command.command('create'))
    .description('Make a key and print it. It is shown this once.')
    .requiredOption('--name <name>', 'who or what it is for')
    .option('--role <role...>', 'roles of its caller, as policies name them')
    .option('--claims <json>', 'claims of its caller, such as \'{"customerId":"…"}\'')
    .option('--expires <time>', 'after how long it ends (12h, 90d, 8w, 1y), or when (2027-12-31)')
    .addHelpText(
      'after',
      `
Examples:
  $ bifrons keys create --name "warehouse robot" --role staff --expires 90d
  $ KEY=$(bifrons keys create --name ci --role reader)

Callers send it as "Authorization: Bearer bfk_…" or "x-api-key: bfk_…".`,
    )
    .action(create)
  withGateway(command.command('list'))
    .description('List all keys, the newest first; never the keys themselves.')
    .action(list)
  withGateway(command.command('revoke'))
    .argument('<id>', "the key's id, as the list shows it")
    .description('Make a key useless from now on.')
    .action(revoke)
}

async function create({
  gateway: given,
  name,
  role = [],
  claims,
  expires,
}: CreateOptions): Promise<void> {
  const expiresAt = expires === undefined ? undefined : toMoment(expires)
  const { gateway } = await loadGateway(given)
  const checked = toClaims(claims, gateway)
  const key = await withKeys(gateway, (database) =>
    createApiKey(database, {
      name,
      roles: role,
      claims: checked,
      ...defined({ expiresAt }),
    }),
  )
  const roles = role.length === 0 ? ', without a role' : ` with the role ${role.join(', ')}`
  const until = expiresAt === undefined ? '' : `, until ${expiresAt.toISOString()}`
  say(`The key ${key.id} for "${name}"${roles}${until}.`)
  say('Keep it now: it is not stored, and cannot be shown again.')
  print(key.secret)
}

async function list({ gateway: given }: GatewayOption): Promise<void> {
  const { gateway } = await loadGateway(given)
  const keys = await withKeys(gateway, listApiKeys)
  if (keys.length === 0) return say('There are no keys. "bifrons keys create" makes one.')
  const rows = [['id', 'name', 'roles', 'created', 'last used', 'state'], ...keys.map(toRow)]
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)))
  for (const row of rows)
    print(
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
}

const toDay = (moment: Date | null): string => moment?.toISOString().slice(0, 10) ?? 'never'

function toRow(key: ApiKey): string[] {
  return [
    key.id,
    key.name,
    key.roles.join(', ') || '-',
    toDay(key.createdAt),
    toDay(key.lastUsedAt),
    stateOf(key),
  ]
}

function stateOf({ revokedAt, expiresAt }: ApiKey): string {
  if (revokedAt !== null) return `revoked ${toDay(revokedAt)}`
  if (expiresAt === null) return 'good'
  return `${expiresAt.getTime() <= Date.now() ? 'expired' : 'good until'} ${toDay(expiresAt)}`
}

async function revoke(id: string, { gateway: given }: GatewayOption): Promise<void> {
  const { gateway } = await loadGateway(given)
  const isRevoked = await withKeys(gateway, (database) => revokeApiKey(database, id))
  if (!isRevoked)
    throw new CliError(
      `There is no key ${id} that is not revoked already. "bifrons keys list" shows them.`,
    )
  print(`The key ${id} is revoked.`)
}

function withKeys<T>(gateway: AnyGateway, work: (database: Database) => Promise<T>): Promise<T> {
  return withDatabase(gateway, readGatewayConfig(gateway, modeOfCommands()), async (database) => {
    const pending = await pendingMigrations(database)
    if (pending.length > 0)
      throw new CliError('The database has no table for keys yet: run "bifrons migrate" first.')
    return work(database)
  })
}

/** Claims as the gateway's callers have them; a key with others would be refused when it is used. */
function toClaims(
  text: string | undefined,
  gateway: AnyGateway,
): Readonly<Record<string, unknown>> {
  const read = parseJson(text ?? '{}', '--claims')
  if (!read.ok) throw new CliError(`--claims ${read.fault.message}`, { exitCode: 2 })
  const claims = z.record(z.string(), z.unknown()).safeParse(read.value)
  if (!claims.success)
    throw new CliError('--claims must be a JSON object, such as {"customerId":"…"}.', {
      exitCode: 2,
    })
  const { caller } = buildGatewayModel(gateway).vocabulary
  const checked = caller.safeParse(claims.data)
  const unknown = Object.keys(claims.data).filter((name) => !(name in caller.shape))
  const faults = [
    ...unknown.map(
      (name) =>
        `${name} is no claim of this gateway; it has ${Object.keys(caller.shape).join(', ') || 'none'}.`,
    ),
    ...(checked.success
      ? []
      : checked.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)),
  ]
  if (faults.length > 0)
    throw new CliError(
      `--claims do not fit the gateway's callers (declare.ts):\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
      { exitCode: 2 },
    )
  return claims.data
}

const hour = 3_600_000
const units: Readonly<Record<string, number>> = {
  h: hour,
  d: 24 * hour,
  w: 7 * 24 * hour,
  y: 365 * 24 * hour,
}

function toMoment(text: string): Date {
  const [, amount = '', unit = ''] = /^(\d{1,5})([hdwy])$/.exec(text) ?? []
  const moment =
    amount === ''
      ? new Date(/^\d{4}-\d\d-\d\d/.test(text) ? text : Number.NaN)
      : new Date(Date.now() + Number(amount) * (units[unit] ?? 0))
  if (Number.isNaN(moment.getTime()))
    throw new CliError(
      `--expires is "${text}"; write 12h, 90d, 8w, 1y or a date such as 2027-12-31.`,
      { exitCode: 2 },
    )
  if (moment.getTime() <= Date.now())
    throw new CliError(`--expires is "${text}", which is over already.`, { exitCode: 2 })
  return moment
}
