// The model of a gateway: what buildModel makes of it, once every member that stands beside the model is looked at too.
import { z } from 'zod'
import type { Limits, RoleLimits } from '../engine/parse/limits.ts'
import { buildModel } from '../schema/build/build-model.ts'
import { checkMembers } from '../schema/build/check-declaration.ts'
import {
  auditRule,
  exportRules,
  functionValue,
  isObject,
  members,
  type MembersOf,
  text,
  value,
} from '../schema/declare/declaration-members.ts'
import type { Model } from '../schema/model/model.ts'
import type { Authenticator } from './auth/authenticator.ts'
import { configReference, isOnlyInEnvironment } from './config/config.ts'
import type { AnyGateway, GatewayDeclaration } from './gateway.ts'

const setting = value('a value', (given) => given !== undefined).exactOptional() // readConfig looks at it
const overrideNames = configReference
  .map(({ key }) => key)
  .filter((key) => !isOnlyInEnvironment(key))
const configMembers = Object.fromEntries(overrideNames.map((key) => [key, setting]))

const limit = z.int().min(0).describe('a whole number').exactOptional()
const roleMembers = { cost: limit } satisfies MembersOf<RoleLimits>
const limitMembers = {
  depth: limit,
  filterNodes: limit,
  filterDepth: limit,
  together: limit,
  nestedRows: limit,
  maxBytes: limit,
  cost: limit,
  roles: z
    .record(z.string(), members('the limits of a role', roleMembers))
    .describe('an object of limits by role')
    .exactOptional(),
} satisfies MembersOf<Partial<Limits>>

const isAuthenticator = (given: unknown): boolean =>
  typeof (given as Authenticator | null)?.open === 'function' // asked of anything

const gatewayMembers = {
  name: text,
  description: text.exactOptional(),
  relations: value<never>('what `defineRelations` returned', isObject),
  resources: value<never>('an object of resources', isObject), // check-declaration.ts looks at each
  operations: value<never>('an object of operations', isObject).exactOptional(),
  export: exportRules,
  audit: auditRule,
  auth: z
    .array(value('jwt(), apiKeys() or another authenticator', isAuthenticator))
    .describe('a list of authenticators')
    .exactOptional(),
  graphql: functionValue.exactOptional(),
  rest: functionValue.exactOptional(),
  seed: functionValue.exactOptional(),
  config: members('`config`', configMembers).exactOptional(),
  limits: members('`limits`', limitMembers).exactOptional(),
  apiPrefix: z.string().startsWith('/').describe('a path such as /api').exactOptional(),
  migrations: text.exactOptional(),
} satisfies MembersOf<GatewayDeclaration>

const gatewayDeclaration = members('`gateway`', gatewayMembers)

/**
 * Builds the frozen model of a gateway.
 * @throws ModelError with every mistake of its declaration at once
 */
export const buildGatewayModel = (gateway: AnyGateway): Model =>
  buildModel(gateway, (report) => {
    checkMembers('gateway', gatewayDeclaration, gateway, report)
    const authenticators = Array.isArray(gateway.auth) ? gateway.auth.filter(isAuthenticator) : []
    for (const { name, options } of authenticators as readonly Authenticator[]) {
      if (options !== undefined) {
        checkMembers(`gateway.auth.${name}`, options.members, options.given, report)
      }
    }
  })
