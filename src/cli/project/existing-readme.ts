// The README of a project over an existing database: how to run it, what was decided, what to do next.
import type { ProjectFrame } from './common-files.ts'
import type { Plan } from './plan.ts'
import type { AccessChoice } from './resource-code.ts'

const accessText: Readonly<Record<AccessChoice, string>> = {
  none: `Everything is closed: each file in \`resources/\` has \`access: {}\`, and what is not named there is not served. Name who may
read, create, update and delete, and it is; \`npm run check\` lists what is still closed.`,
  read: `Everyone may read every table, whoever they are (\`--access read\`). Before anybody else can reach this gateway, go through
\`resources/\` and say who may really read what; a column is hidden with \`fields: { name: { hidden: true } }\`.`,
  all: `**Everyone may read and change every table, whoever they are** (\`--access all\`). Before anybody else can reach this gateway, go
through \`resources/\` and say who may really do what.`,
}

export function existingReadme(frame: ProjectFrame, plan: Plan, access: AccessChoice): string {
  const notes = plan.notes.map((note) => `- ${note}\n`).join('')
  return `# ${frame.title}

A GraphQL and a REST API over an existing PostgreSQL database, written by \`bifrons init --from\` out of the schema \`${plan.schema}\`.

    npm install
    npm run dev

starts it and prints where everything is. \`npm run check\` compiles the declaration and lists what it does not serve.

## Who may do what

${accessText[access]}

## The database

\`DATABASE_URL\` in \`.env\` says where it is; \`.env\` holds a password and stays out of git.

The database stays as it is. \`drizzle/\`, the folder of this project's migrations, is empty: \`npm run migrate\` (and \`npm run dev\`) only
add the schema \`bifrons\`, where the gateway keeps its API keys. When you want this project to change the tables, begin with a migration
that says what is there already, and does nothing:

1. \`npx drizzle-kit generate --name=start\`
2. replace the content of the \`migration.sql\` that it wrote by one line: \`select 1; -- what was there before\`
3. \`npm run migrate\`

From then on, change \`tables/\`, run \`npm run db:generate\` and \`npm run migrate\`.

## How the names were chosen

All of them can be changed here without touching the database; callers see the new name.

- Columns are in camelCase: \`support_rep_id\` is \`supportRepId\`. Two names that would be the same get a number.
- A table is the plural of its name in \`relations.ts\` (the list: \`invoiceLines\`), its resource the singular (one row: \`invoiceLine\`).
  Where both are one word, the list is \`newsList\`; a name that GraphQL or another table has becomes \`nodeRecord\`.
- A foreign key is a relation named after its column without \`_id\`: \`support_rep_id\` is \`supportRep\`. Columns that are not named so have the
  target's name behind theirs: \`reports_to\` is \`reportsToEmployee\`. Keys of several columns are named after the target.
- The way back has the plural of the table it comes from (\`customers\`), or the singular where there is at most one. Where several keys lead
  the same way, or a table refers to itself, it says by which: \`employeesByReportsTo\`.
- A table that holds two foreign keys and nothing else also gives a many-to-many relation: \`playlists\` of a track, \`tracks\` of a playlist.
${notes === '' ? '' : `\n## What is different or left out\n\n${notes}`}`
}
