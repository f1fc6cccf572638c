// Types of the OpenAPI document: how a route describes itself, and the objects of OpenAPI 3.1 that it uses for it.
import type { DeclaredError } from '../../schema/declare/declared-errors.ts'
import type { Incoming } from '../request/incoming.ts'

export type JsonObject = Readonly<Record<string, unknown>>

/** Either a reference or a response. */
export interface ResponseObject {
  readonly $ref?: string
  readonly description?: string
  readonly headers?: JsonObject
  readonly content?: JsonObject
}

/** By HTTP status. */
export type Responses = Readonly<Record<string, ResponseObject>>

export interface OperationObject {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly description: string
  readonly deprecated?: true
  readonly parameters?: readonly JsonObject[]
  readonly requestBody?: JsonObject
  readonly responses: Responses
  readonly security: readonly JsonObject[]
}

/** The document's schemas by their names. */
export type Schemas = Readonly<Record<string, JsonObject>>

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** The part of a route that the document is built from. */
export interface DescribedRoute {
  readonly method: Method
  /** Below the prefix, with parameters in braces as OpenAPI has them. */
  readonly path: string
  readonly describe: (schemas: Schemas) => OperationObject
  /** Of writes: the names of the operations that a request does, which an Idempotency-Key does only once. */
  readonly operationsOf?: (incoming: Incoming) => readonly string[]
  /** The errors that its operations declare, beside those of the error table. */
  readonly errors?: readonly DeclaredError[]
}

/** Reads that are too long for a URL are sent by POST, so the method does not tell. */
export const isWrite = ({ operationsOf }: Pick<DescribedRoute, 'operationsOf'>): boolean =>
  operationsOf !== undefined

/** The properties of an object schema, by name. */
export const propertiesOf = ({ properties = {} }: JsonObject): Schemas => properties as Schemas // what JSON Schema has there
