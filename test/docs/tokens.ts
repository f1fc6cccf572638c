// Callers of the documentation: the tokens that app/tokens.ts prints, and the pages with their own gateway.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { fencesOf, root } from './pages.ts'

/** As the pages say. */
export const JWT_SECRET = 'for-trying-the-store-out-and-nothing-else'

/** `$TOKEN` is the customer's, `$STAFF` that of staff. */
export function tokensOf(): Readonly<Record<'TOKEN' | 'STAFF', string>> {
  const out = execFileSync(process.execPath, [join(root, 'app/tokens.ts')], {
    encoding: 'utf8',
    env: { ...process.env, JWT_SECRET },
  })
  const [, customer = ''] = /^customer: (\S+)$/m.exec(out) ?? []
  const [, staff = ''] = /^staff: (\S+)$/m.exec(out) ?? []
  return { TOKEN: customer, STAFF: staff }
}

/** Pages whose snippets change the gateway; their requests go to one with these changes (walkthrough.test.ts). */
export const changesGateway = (page: string): boolean =>
  fencesOf(page).some(({ attributes: { file } }) => file === 'app/gateway.ts')
