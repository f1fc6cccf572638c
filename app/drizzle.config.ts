// For drizzle-kit: `npm run db:generate` compares tables/ with drizzle/ and writes the next migration.
import { defineConfig } from 'drizzle-kit'

export default defineConfig({ dialect: 'postgresql', schema: './tables', out: './drizzle' })
