// `bifrons init`: a new project, with a small sample or over an existing database.
import { basename, resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { openDatabase } from '../../db/open.ts'
import { readCatalog } from '../../db/catalog/read-catalog.ts'
import { CliError } from '../cli-error.ts'
import { describeDatabase } from '../gateway-database.ts'
import { type ProjectFrame, toPackageName, toTitle } from '../project/common-files.ts'
import { type ExistingProject, toExistingProject } from '../project/existing-project.ts'
import type { AccessChoice } from '../project/resource-code.ts'
import { toSampleProject } from '../sample/files.ts'
import { count, during, print, say } from '../terminal.ts'
import { checkFolder, writeProject } from '../write-project.ts'

interface InitOptions {
  readonly from?: string
  readonly access?: AccessChoice
  readonly schema?: string
  readonly name?: string
  readonly force?: true
}

export function define(command: Command): void {
  command
    .argument('[dir]', 'the folder; it is made where there is none', '.')
    .option('--from <url>', 'an existing database: postgres://… or pglite:FOLDER')
    .addOption(
      new Option(
        '--access <who>',
        'with --from: who may use the tables to begin with: "none", everyone may "read", everyone may do "all"',
      ).choices(['none', 'read', 'all']),
    )
    .option(
      '--schema <name>',
      'with --from: the schema whose tables are served (default: "public")',
    )
    .option('--name <name>', "the project's name (default: the folder's)")
    .option('--force', 'write into a folder that is not empty, and replace files of the same name')
    .addHelpText(
      'after',
      `
Examples:
  $ bifrons init my-gateway
  $ bifrons init my-gateway --from postgres://me@localhost:5432/shop --access read
  $ bifrons init my-gateway --from pglite:old-project/.bifrons/db

A database is read and left as it is. Names, relations and what was left out are explained in the README that is written.`,
    )
    .action(init)
}

async function init(dir: string, options: InitOptions): Promise<void> {
  const folder = resolve(dir)
  for (const name of ['access', 'schema'] as const) {
    if (options[name] !== undefined && options.from === undefined)
      throw new CliError(
        `--${name} says something about an existing database: it goes with --from.`,
        { exitCode: 2 },
      )
  }
  checkFolder(folder, options.force === true)
  const name = toPackageName(options.name ?? basename(folder))
  const frame = { name, title: toTitle(options.name ?? name) }
  if (options.from === undefined) {
    const files = toSampleProject(frame)
    await writeProject(folder, files)
    print(
      `A sample project is in ${dir === '.' ? 'this folder' : dir}: ${count(Object.keys(files).length, 'file')}.`,
    )
  } else {
    const existing = await readExisting(options.from, {
      frame,
      schema: options.schema ?? 'public',
      access: options.access ?? 'none',
    })
    await writeProject(folder, existing.files)
    tell(existing, dir, options.access ?? 'none')
  }
  print(`\nNext:\n${dir === '.' ? '' : `  cd ${dir}\n`}  npm install\n  npm run dev`)
}

interface Wish {
  readonly frame: ProjectFrame
  readonly schema: string
  readonly access: AccessChoice
}

async function readExisting(
  from: string,
  { frame, schema, access }: Wish,
): Promise<ExistingProject> {
  const url =
    from.startsWith('pglite:') && from !== 'pglite:memory'
      ? `pglite:${resolve(from.slice('pglite:'.length))}`
      : from
  if (
    !/^(postgres(ql)?:\/\/|pglite:.)/.test(url) ||
    (!url.startsWith('pglite:') && !URL.canParse(url))
  ) {
    throw new CliError(
      '--from must be postgres://USER:PASSWORD@HOST:PORT/DATABASE or pglite:FOLDER.',
      { exitCode: 2 },
    )
  }
  const limits = {
    poolMax: 1,
    statementTimeout: 60_000,
    lockTimeout: 10_000,
    idleInTransactionTimeout: 60_000,
    connectTimeout: 10_000,
  }
  const catalog = await during(`Reading ${describeDatabase(url)}`, async () => {
    const database = await openDatabase({ url, ...limits, onNotice: say })
    try {
      return await readCatalog(database, schema)
    } finally {
      await database.close()
    }
  })
  const project = toExistingProject(catalog, { ...frame, databaseUrl: url }, access)
  if (project.tables.length > 0) return project
  const notes = project.notes.map((note) => `\n  ${note}`).join('')
  throw new CliError(
    `The schema "${schema}" of ${describeDatabase(url)} has no table that can be served.${notes}`,
  )
}

const accessText: Readonly<Record<AccessChoice, string>> = {
  none: 'Everything is closed: say in resources/ who may read and write what ("bifrons check" lists what is closed).',
  read: 'Warning: everyone may read every table (--access read). Look through resources/ before others can reach it.',
  all: 'Warning: everyone may read, create, update and delete in every table (--access all). Look through resources/ before others can reach it.',
}

function tell(
  { tables, notes, files, secrets }: ExistingProject,
  dir: string,
  access: AccessChoice,
): void {
  print(
    `A project over ${count(tables.length, 'table')} is in ${dir === '.' ? 'this folder' : dir}: ${count(Object.keys(files).length, 'file')}.`,
  )
  for (const note of notes) print(`  note: ${note}`)
  say(accessText[access])
  if (secrets.length > 0)
    say(
      `Warning: these sound like secrets, and everyone may read them: ${secrets.join(', ')}. Say "hidden: true" of them under "fields".`,
    )
}
