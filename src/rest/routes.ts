// What routes are made of: the request's way into the engine, and what every kind of route needs for it.
import type { FastifyRequest } from 'fastify'
import type { Engine } from '../engine/engine.ts'
import { execute } from '../engine/execute.ts'
import type { EngineRequest, Selection } from '../engine/request.ts'
import type { EngineResult } from '../engine/result.ts'
import type { Caller } from '../schema/caller.ts'
import type { Answer } from './answers.ts'

/** What the composition root knows of a request. */
export interface RequestContext {
  readonly caller: Caller
  /** Aborts when the caller goes away or the request's deadline passes. */
  readonly signal: AbortSignal
  readonly requestId: string
}

export interface RestContext {
  readonly engine: Engine
  /** Before every path, without a slash at its end. */
  readonly prefix: string
  readonly contextOf: (request: FastifyRequest) => RequestContext
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** In OpenAPI's form, under the prefix. */
  readonly path: string
  readonly answer: (request: FastifyRequest) => Promise<Answer>
}

export type Question = Omit<EngineRequest, 'caller' | 'denied' | 'signal'>

/** One request to the engine. What is named and may not be seen refuses the whole request. */
export function ask({ engine, contextOf }: RestContext, request: FastifyRequest, question: Question): Promise<EngineResult> {
  const { caller, signal } = contextOf(request)
  return execute(engine, { ...question, caller, signal, denied: 'refuse' })
}

export const urlOf = (request: FastifyRequest): string => request.raw.url ?? ''

/** What is seen without `fields` and `include`. */
export const ownFields: Selection = { fields: 'default', relations: [] }
