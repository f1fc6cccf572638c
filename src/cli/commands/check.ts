// `bifrons check`: every mistake of a declaration at once, and what is declared and not served.
import type { Command } from 'commander'
import { pendingMigrations } from '../../db/store/migrate.ts'
import { findDrift } from '../../db/catalog/drift.ts'
import { findVersionFaults } from '../../db/catalog/version-support.ts'
import { findAuditFaults } from '../../db/catalog/audit-faults.ts'
import { ModelError } from '../../schema/declare/model-error.ts'
import type { Model } from '../../schema/model/model.ts'
import type { AnyGateway } from '../../server/gateway.ts'
import { buildGatewayModel } from '../../server/gateway-model.ts'
import { CliError } from '../cli-error.ts'
import { modeOfCommands, readGatewayConfig, withDatabase } from '../gateway-database.ts'
import { type LoadedGateway, loadGateway } from '../load-gateway.ts'
import { count, print } from '../terminal.ts'
import { readPaths } from '../without-database.ts'
import type { OutdatedDocument } from '../../graphql/document/prepare-listed.ts'
import { defined } from '../../defined.ts'

export function define(command: Command): void {
  command
    .argument(
      '[gateway]',
      "the gateway's file or folder (default: gateway.ts here, in src/ or in app/)",
    )
    .option(
      '--database',
      'also look into the configured database, for migrations that are not applied, rows without versions, and tables, columns and types that it lacks',
    )
    .addHelpText(
      'after',
      '\nExit codes: 0 the declaration is fit to serve, 1 it has mistakes, migrations are pending or the database lacks something, 2 wrong usage.',
    )
    .action(check)
}

async function check(
  given: string | undefined,
  options: { readonly database?: true },
): Promise<void> {
  const loaded = await loadGateway(given)
  const model = buildGatewayModel(loaded.gateway)
  await buildFaces(loaded.gateway)
  for (const note of notesOf(model, loaded.gateway)) print(`note: ${note}`)
  if (options.database === true) await checkDatabase(loaded, model)
  print(
    `${model.name} is fit to serve: ${count(model.resources.size, 'resource')}, ${count(model.operations.length, 'operation')}.`,
  )
}

/** Both faces are built, so their own mistakes come out as well, and the documents of clients that do not fit. */
async function buildFaces(gateway: AnyGateway): Promise<void> {
  const { graphqlDocuments, graphqlDocumentFiles } = readGatewayConfig(gateway, 'development')
  const outdated: OutdatedDocument[] = []
  await readPaths(gateway, [], {
    config: { graphqlDocuments, graphqlDocumentFiles },
    onOutdated: (document) => outdated.push(document),
  })
  if (outdated.length === 0) return
  const lines = outdated.flatMap(({ file, id, text, faults }) => [
    `  ${file}: ${nameOf(text)} (${id})`,
    ...faults.map((fault) => `    ${fault}`),
  ])
  throw new CliError(
    `${count(outdated.length, 'listed document does', 'listed documents do')} not fit the schema:\n${lines.join('\n')}\nBuild the client anew, or keep what it asks for.`,
  )
}

/** The name of a document's first operation, as far as it can be read. */
const nameOf = (text: string): string =>
  /\b(?:query|mutation|subscription)\s+(\w+)/.exec(text)?.[1] ?? 'a document'

const faces = { graphql: 'GraphQL', rest: 'REST' } as const

function notesOf(model: Model, gateway: AnyGateway): readonly string[] {
  const single = model.operations.flatMap((operation) => {
    if (operation.standard !== null || operation.only === null) return []
    const { face, reason } = operation.only
    return [`${operation.name} is on ${faces[face]} only: ${reason}`]
  })
  const handWritten = (['graphql', 'rest'] as const)
    .filter((face) => gateway[face] !== undefined)
    .map(
      (face) =>
        `what \`${face}\` of the gateway adds is on ${faces[face]} only: it is written by hand.`,
    )
  return [...model.notes, ...single, ...handWritten]
}

async function checkDatabase({ gateway, migrations }: LoadedGateway, model: Model): Promise<void> {
  const config = readGatewayConfig(gateway, modeOfCommands())
  const { pending, drift } = await withDatabase(gateway, config, async (database) => {
    const faults = await findVersionFaults(database, model)
    if (faults.length > 0) throw new ModelError(faults)
    const names = await pendingMigrations(database, defined({ folder: migrations }))
    const unaudited = names.length > 0 ? [] : await findAuditFaults(database, model)
    if (unaudited.length > 0) throw new ModelError(unaudited)
    return { pending: names, drift: await findDrift(database, model) }
  })
  if (pending.length === 0 && drift.lines.length === 0) return
  if (pending.length === 0)
    throw new CliError(
      `The database lacks what is declared:\n${drift.lines.map((line) => `  ${line}\n`).join('')}Generate a migration, or change the declaration.`,
    )
  throw new CliError(
    `${count(pending.length, 'migration is', 'migrations are')} pending:\n${pending.map((name) => `  ${name}\n`).join('')}Apply them with "bifrons migrate".`,
  )
}
