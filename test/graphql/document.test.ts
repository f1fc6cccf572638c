// The GraphQL schema of a model, in the order of names.
import { buildSchema } from 'graphql'
import { expect, it } from 'vitest'
import { printGraphql } from '../../src/graphql/schema/build-schema.ts'
import { buildModel } from '../../src/schema/build/build-model.ts'
import { declaration, extension } from './library.ts'

it('the schema is the same every time, without a database', async () => {
  const document = printGraphql({ model: buildModel(declaration) })
  expect(() => buildSchema(document)).not.toThrow()
  await expect(document).toMatchFileSnapshot('library.graphql')
})

it('the schema has hand-written fields too', () => {
  const document = printGraphql({ model: buildModel(declaration), extension })
  expect(document).toContain('  label: String\n')
  expect(document).toContain('  whoami: String\n')
})
