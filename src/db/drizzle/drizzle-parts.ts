// The parts of Drizzle that hand-written GraphQL fields need beside the database: the composition root passes them to the face.
export { getTableConfig } from 'drizzle-orm/pg-core'
