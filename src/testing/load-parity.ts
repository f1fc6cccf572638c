// Loads the parity suite when it is run: it needs fast-check, which a server does not.
import type { ParityOptions } from '../parity/check-parity.ts'
import type { ParityReport } from '../parity/report.ts'

/**
 * See parity/check-parity.ts.
 * @throws Error where fast-check is not installed
 */
export async function checkParity(options: ParityOptions): Promise<ParityReport> {
  requireFastCheck()
  const suite = await import('../parity/check-parity.ts')
  return suite.checkParity(options)
}

function requireFastCheck(): void {
  try {
    import.meta.resolve('fast-check')
  } catch (error) {
    throw new Error(
      'The parity suite needs the package fast-check. Install it: npm install --save-dev fast-check',
      { cause: error },
    )
  }
}
