// A running gateway for tests: its declaration, both faces, and a database whose writes can be taken back.
import type { AnyGateway } from '../server/gateway.ts'
import type { OpenGateway } from '../server/open-gateway.ts'
import type { RewindingDatabase } from './rewindable-database.ts'

export interface TestGateway extends Omit<OpenGateway, 'database'> {
  readonly declaration: AnyGateway
  readonly database: RewindingDatabase
  /** The beginning of REST's paths. */
  readonly prefix: string
  /** Defects that the gateway has logged, as JSON. They may hold secrets, so a report with them is for the team alone. */
  readonly defects: string[]
  /** Closes the gateway, and drops the database that was made for it. */
  close(): Promise<void>
}
