// What tests of both faces share: one request, asked of each, its answers compared, and told as one.
import { expect } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import type { AnyGateway } from '../../src/server/gateway.ts'
import { authorizationOf } from '../../src/parity/generate/callers.ts'
import type { Outcome } from '../../src/parity/send/outcome.ts'
import {
  type ParityList,
  type ParityRelation,
  type ParityRequest,
  plainStyle,
} from '../../src/parity/request.ts'
import { openPairRunner } from '../../src/parity/run-pair.ts'
import { openTestGateway } from '../../src/testing/test-gateway.ts'
import type { TestGateway } from '../../src/parity/gateway.ts'

export interface FacesAsk {
  /** Claims and roles of the token; nobody without. */
  readonly as?: Readonly<Record<string, unknown>>
  readonly key?: Readonly<Record<string, unknown>>
  readonly input?: unknown
  readonly list?: ParityList
  readonly see?: readonly string[]
  /** Relations to see, with lists of their own. */
  readonly along?: readonly ParityRelation[]
}

export interface Asked {
  readonly outcome: Outcome
  /** `CODE`, then each issue as `part path code: message`; the fields of the row where there is one. */
  readonly said: unknown
  readonly rest: { readonly status: number; readonly body: ReturnType<typeof JSON.parse> }
  readonly graphql: ReturnType<typeof JSON.parse>
  /** What was logged as a defect, by either face. */
  readonly defects: readonly string[]
}

export interface Faces {
  readonly gateway: TestGateway
  /** The headers of a caller, for requests of a test's own. */
  headers(as: Readonly<Record<string, unknown>>): Readonly<Record<string, string>>
  /** Asks both faces the same; what they say and store must be the same. Nothing stays written. */
  ask(operation: string, ask?: FacesAsk): Promise<Asked>
}

/** A gateway on both faces, over a database that has its tables. */
export async function openFaces(declaration: AnyGateway, database: Database): Promise<Faces> {
  const gateway = await openTestGateway(declaration, { database })
  const runner = openPairRunner(gateway, () => false)
  return {
    gateway,
    headers: (as) => authorizationOf({ sub: 'somebody', ...as }),
    async ask(operation, { as, see = [], along = [], ...rest } = {}) {
      const caller: ParityRequest['caller'] = {
        name: 'somebody',
        payload: as === undefined ? null : { sub: 'somebody', ...as },
      }
      const selection = { fields: see, relations: along }
      const known = gateway.engine.model.operations.find(({ name }) => name === operation)
      const isValue = known?.standard === null && known.output.type === 'value'
      const pair = await runner.run({
        operation,
        caller,
        style: plainStyle,
        selection: isValue ? null : selection,
        ...rest,
      })
      expect(pair.difference, JSON.stringify([pair.graphql.body, pair.rest.body])).toBeNull()
      const { outcome } = pair.rest
      return {
        outcome,
        said: toSaid(outcome),
        defects: pair.defects,
        rest: {
          status: pair.rest.status,
          body: pair.rest.body === '' ? null : JSON.parse(pair.rest.body),
        },
        graphql: JSON.parse(pair.graphql.body),
      }
    },
  }
}

const toSaid = (outcome: Outcome): unknown =>
  outcome.ok
    ? outcome.value
    : [
        outcome.code,
        ...outcome.issues.map(
          (issue) => `${issue.in} ${issue.path.join('.')} ${issue.code}: ${issue.message}`,
        ),
      ]
