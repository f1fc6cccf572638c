// Shared by tests of both faces: sends one request through each face, compares the answers, and returns one of them.
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

export interface FacesRequest {
  /** Claims and roles of the token; without it the caller is anonymous. */
  readonly as?: Readonly<Record<string, unknown>>
  readonly key?: Readonly<Record<string, unknown>>
  readonly input?: unknown
  readonly list?: ParityList
  readonly fields?: readonly string[]
  /** Selected relations, with their own lists. */
  readonly relations?: readonly ParityRelation[]
}

export interface FacesAnswer {
  readonly outcome: Outcome
  /** `CODE`, then each issue as `part path code: message`; the fields of the row where there is one. */
  readonly answer: unknown
  readonly rest: { readonly status: number; readonly body: ReturnType<typeof JSON.parse> }
  readonly graphql: ReturnType<typeof JSON.parse>
  /** Messages that either face logged as defects. */
  readonly defects: readonly string[]
}

export interface Faces {
  readonly gateway: TestGateway
  /** The headers of a caller, for requests that a test sends itself. */
  headers(as: Readonly<Record<string, unknown>>): Readonly<Record<string, string>>
  /** Sends the request through both faces; the answers and the stored rows must be the same. Writes are rolled back. */
  send(operation: string, request?: FacesRequest): Promise<FacesAnswer>
}

/** A gateway on both faces, over a database that has its tables. */
export async function openFaces(declaration: AnyGateway, database: Database): Promise<Faces> {
  const gateway = await openTestGateway(declaration, { database })
  const runner = openPairRunner(gateway, () => false)
  return {
    gateway,
    headers: (as) => authorizationOf({ sub: 'somebody', ...as }),
    async send(operation, { as, fields = [], relations = [], ...rest } = {}) {
      const caller: ParityRequest['caller'] = {
        name: 'somebody',
        payload: as === undefined ? null : { sub: 'somebody', ...as },
      }
      const selection = { fields, relations }
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
        answer: toAnswer(outcome),
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

const toAnswer = (outcome: Outcome): unknown =>
  outcome.ok
    ? outcome.value
    : [
        outcome.code,
        ...outcome.issues.map(
          (issue) => `${issue.in} ${issue.path.join('.')} ${issue.code}: ${issue.message}`,
        ),
      ]
