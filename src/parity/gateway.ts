// The running gateway that parity asks: its declaration, both faces, and a database whose writes can be taken back.
import type { AnyGateway } from '../server/gateway.ts'
import type { OpenGateway } from '../server/open-gateway.ts'
import type { RewindingDatabase } from './rewindable-database.ts'

export interface TestGateway extends Omit<OpenGateway, 'database'> {
  readonly declaration: AnyGateway
  readonly database: RewindingDatabase
  /** What REST's paths begin with. */
  readonly prefix: string
  /** Defects as the gateway has logged them, as JSON: for a report, which may be read by the team alone. */
  readonly defects: string[]
  /** Closes the gateway, and drops what was made for it. */
  close(): Promise<void>
}
