// The public names of bifrons, and nothing else.
export { apiKeys } from './server/auth/api-keys.ts'
export { jwt } from './server/auth/jwt.ts'
export type { GraphqlExtension } from './graphql/schema/builder.ts'
export type { RestExtension } from './rest/routes/hand-written.ts'
export { type ErrorCode, type Issue, Problem } from './errors.ts'
export { declare, type HandlerTransaction, list } from './schema/declare/declare.ts'
export type { Caller } from './schema/declare/caller.ts'
export { gateway, type GatewayDeclaration, type SeedOptions } from './server/gateway.ts'
