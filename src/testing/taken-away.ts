// The policy that `bifrons access --mutate` takes away from the gateway of a test. Only tests read this: `start` and `dev` know nothing of it.
import { writeFileSync } from 'node:fs'
import { policiesOf, withoutPolicy } from '../schema/declare/policy-places.ts'
import type { AnyGateway } from '../server/gateway.ts'
import { testedWithout } from '../server/config/config.ts'

/** The declaration, without the policy that is to be missed; as it is where none is. */
export function withTakenAway(declaration: AnyGateway): AnyGateway {
  const { place, seen } = testedWithout()
  if (place === undefined || !policiesOf(declaration).has(place)) return declaration
  if (seen !== undefined) writeFileSync(seen, place)
  return withoutPolicy(declaration, place)
}
