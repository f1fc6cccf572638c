// The public names of bifrons, and nothing else.
export { apiKeys } from './server/auth/api-keys.ts'
export { jwt } from './server/auth/jwt.ts'
export type { GraphqlExtension } from './graphql/builder.ts'
export type { RestExtension } from './rest/extension.ts'
export { type ErrorCode, type Issue, Problem } from './errors.ts'
export { declare, type HandlerTransaction, list } from './schema/declare.ts'
export type { Caller } from './schema/caller.ts'
export { gateway, type GatewayDeclaration, type SeedOptions } from './server/gateway.ts'
