// Generates the migrations of the gateway's own tables: npx drizzle-kit generate --config drizzle/drizzle.config.ts --name …
import { defineConfig } from 'drizzle-kit'

export default defineConfig({
  dialect: 'postgresql',
  schema: './src/db/store/own-tables.ts',
  out: './drizzle',
  schemaFilter: ['bifrons'],
})
