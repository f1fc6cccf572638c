// What a team's own tests import: a gateway over a throwaway database, and the proof that its two faces are one.
export { openTestGateway, type TestGateway, type TestGatewayOptions } from './test-gateway.ts'
export { checkParity } from './load-parity.ts'
export type { ParityOptions, ParityReport } from '../parity/check-parity.ts'
export { authorizationOf } from '../parity/generate/callers.ts'
export { toText as parityText } from '../parity/report.ts'
