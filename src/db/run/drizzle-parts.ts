// What hand-written GraphQL fields need of Drizzle beside the database itself: the composition root hands it to the face.
export { getTableConfig } from 'drizzle-orm/pg-core'
