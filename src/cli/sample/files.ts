// The sample project of `bifrons init`: two tables with a policy, one operation, a seed. It reads as documentation.
import { commonFiles, type ProjectFiles, type ProjectFrame } from '../project/common-files.ts'
import { quote } from '../project/code.ts'
import { migration, migrationFolder, snapshot } from './migration.ts'
import { sampleReadme } from './readme.ts'

/** All files of the sample; its first migration is there already, so that it runs at once. */
export function toSampleProject(frame: ProjectFrame): ProjectFiles {
  return {
    ...commonFiles(frame),
    'README.md': sampleReadme(frame),
    'tables/lists.ts': lists,
    'tables/tasks.ts': tasks,
    'relations.ts': relations,
    'declare.ts': declare,
    'resources/list.ts': list,
    'resources/task.ts': task,
    'operations/finish-task.ts': finishTask,
    'seed.ts': seed,
    'gateway.ts': gateway(frame.title),
    [`drizzle/${migrationFolder}/migration.sql`]: migration,
    [`drizzle/${migrationFolder}/snapshot.json`]: `${JSON.stringify(snapshot, null, 2)}\n`,
  }
}

const lists = `// What there is to do, by subject.
import { boolean, integer, pgTable, text } from 'drizzle-orm/pg-core'

export const lists = pgTable('lists', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  name: text().notNull().unique(),
  isPublic: boolean('is_public').notNull().default(false),
})
`

const tasks = `// One thing to do.
import { boolean, date, index, integer, pgTable, text } from 'drizzle-orm/pg-core'
import { lists } from './lists.ts'

export const tasks = pgTable('tasks', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  listId: integer('list_id').notNull().references(() => lists.id, { onDelete: 'cascade' }),
  title: text().notNull(),
  due: date(),
  isDone: boolean('is_done').notNull().default(false),
}, (table) => [
  index().on(table.listId),
])
`

const relations = `// How the tables hang together (Drizzle's relations). The keys here are the plural names that callers see.
import { defineRelations } from 'drizzle-orm'
import { lists } from './tables/lists.ts'
import { tasks } from './tables/tasks.ts'

export const relations = defineRelations({ lists, tasks }, (r) => ({
  lists: {
    tasks: r.many.tasks(),
  },
  tasks: {
    list: r.one.lists({ from: r.tasks.listId, to: r.lists.id, optional: false }),
  },
}))
`

const declare = `// The words of the declaration, tied to these tables: the compiler checks every name said with them.
import { declare } from 'bifrons'
import { z } from 'zod'
import { relations } from './relations.ts'

/** What a token may say of its caller beside \`sub\` and \`roles\`; policies and operations may use it. */
const caller = z.object({})

export const { resource, operation, access } = declare({ relations, caller })

/** Who keeps the lists. */
export const member = access.role('member')
`

const list = `// Lists: everyone sees the public ones, members see and keep them all.
import { access, member, resource } from '../declare.ts'

export const list = resource('lists', {
  description: 'What there is to do, by subject.',
  access: {
    read: access.any({ isPublic: { eq: true } }, member), // a filter on rows: for others, the rest does not exist
    create: member,
    update: member,
    delete: member,
  },
})
`

const task = `// Tasks: seen by whoever sees their list.
import { access, member, resource } from '../declare.ts'

export const task = resource('tasks', {
  description: 'One thing to do.',
  access: {
    read: access.any({ list: { isPublic: { eq: true } } }, member), // the filter looks through the relation
    create: member,
    update: member,
    delete: member,
  },
  fields: {
    title: { validate: (title) => title.refine((text) => text.trim() !== '', 'A task has a title.') },
    isDone: { write: access.nobody }, // by the operation finishTask only
  },
})
`

const finishTask = `// finishTask: one function, served on both faces.
import { Problem } from 'bifrons'
import { eq } from 'drizzle-orm'
import { z } from 'zod'
import { member, operation } from '../declare.ts'
import { task } from '../resources/task.ts'
import { tasks } from '../tables/tasks.ts'

export const finishTask = operation({
  kind: 'mutation',
  rest: 'POST /tasks/{id}/finish',
  description: 'Marks a task as done.',
  access: member,
  input: z.object({ id: z.int32() }),
  output: task, // the caller picks its fields and relations, on either face
  async handle({ input: { id }, tx }) {
    const [found] = await tx.select({ isDone: tasks.isDone }).from(tasks).where(eq(tasks.id, id)).for('update')
    if (found === undefined) throw new Problem('NOT_FOUND', 'There is no such task.')
    if (found.isDone) throw new Problem('CONFLICT', 'The task is done already.')
    await tx.update(tasks).set({ isDone: true }).where(eq(tasks.id, id))
    return { id }
  },
})
`

const seed = `// Something to look at: what \`npm run dev\` puts into an empty database.
import type { HandlerTransaction } from 'bifrons'
import { lists } from './tables/lists.ts'
import { tasks } from './tables/tasks.ts'

export async function seed(tx: HandlerTransaction): Promise<void> {
  const [garden, secret] = await tx.insert(lists).values([{ name: 'Garden', isPublic: true }, { name: 'Surprise party' }]).returning()
  if (garden === undefined || secret === undefined) return
  await tx.insert(tasks).values([
    { listId: garden.id, title: 'Water the tomatoes', due: '2027-06-01' },
    { listId: garden.id, title: 'Mend the fence' },
    { listId: secret.id, title: 'Order the cake', due: '2027-05-12' },
  ])
}
`

const gateway = (
  title: string,
): string => `// The gateway: everything declared in this folder, in one place. \`npm run dev\` serves it.
import { gateway } from 'bifrons'
import { finishTask } from './operations/finish-task.ts'
import { relations } from './relations.ts'
import { list } from './resources/list.ts'
import { task } from './resources/task.ts'
import { seed } from './seed.ts'

export default gateway({
  name: ${quote(title)},
  relations,
  resources: { list, task },
  operations: { finishTask },
  seed,
})
`
