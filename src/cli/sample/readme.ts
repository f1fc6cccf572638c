// The README of the sample project.
import type { ProjectFrame } from '../project/common-files.ts'

export const sampleReadme = ({ title }: ProjectFrame): string => `# ${title}

    npm install
    npm run dev

starts the gateway on an embedded database in \`.bifrons/\`, and prints where everything is. There are two tables, lists of tasks; everyone sees
the public list, members see and change all of them. Be one:

    npx bifrons keys create --name "my first key" --role member

prints a key; stop \`npm run dev\` for it, as the embedded database belongs to one process. Send it as \`Authorization: Bearer bfk_…\`.

| file | says |
|---|---|
| \`tables/\` | the tables, in Drizzle |
| \`relations.ts\` | how they hang together |
| \`declare.ts\` | who callers are |
| \`resources/\` | who may see and do what, a file for each table |
| \`operations/\` | functions of your own, served as GraphQL and as REST |
| \`gateway.ts\` | everything in one place |
| \`drizzle/\` | migrations |

## Add a table

1. Write \`tables/notes.ts\`, as the others are written, and add it to \`relations.ts\`.
2. \`npm run db:generate\` writes the migration; \`npm run dev\` applies it.
3. Write \`resources/note.ts\` with its \`access\`, and add it to \`resources\` in \`gateway.ts\`. What is not named under \`access\` is closed.
4. \`npm run check\` compiles the declaration and reports every mistake at once.

## In production

    npm run migrate
    npm start

with \`DATABASE_URL=postgres://…\`. Every setting stands in \`.env.example\`.
`
