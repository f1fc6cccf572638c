// `bifrons/testing`: a gateway over a throwaway database, and the parity suite.
export { openTestGateway, type TestGatewayOptions } from './test-gateway.ts'
export type { TestGateway } from '../parity/gateway.ts'
export { checkParity } from './load-parity.ts'
export type { ParityOptions } from '../parity/check-parity.ts'
export { authorizationOf } from '../parity/generate/callers.ts'
export { type ParityReport, toText as parityText } from '../parity/report.ts'
