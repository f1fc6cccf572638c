// GraphQL over HTTP: the Foundation's audit, and what it leaves open.
import { serverAudits } from 'graphql-http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Library, openLibrary } from './support.ts'

let library: Library
let url = ''
beforeAll(async () => {
  library = await openLibrary()
  url = `${await library.app.listen({ port: 0, host: '127.0.0.1' })}/graphql`
})
afterAll(() => library.close())

describe('the audit of graphql-http', () => {
  const audits = serverAudits({ url: () => url })

  it('has 61 parts', () => expect(audits).toHaveLength(61))

  it.each(audits.map((audit) => [audit.name, audit] as const))('%s', async (_name, audit) => {
    const result = await audit.fn()
    expect(result.status === 'ok' ? 'ok' : result.reason).toBe('ok')
  })
})
