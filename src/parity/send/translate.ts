// Translates a request into both faces' forms, and says how their answers are read.
import type { OperationRequest, ParityBatch } from '../request.ts'
import type { Translation } from './exchange.ts'
import { toGraphql, toGraphqlBatch } from './graphql/document.ts'
import { readGraphql, readGraphqlBatch } from './graphql/read-answer.ts'
import { readRest, readRestBatch } from './rest/read-answer.ts'
import { type RestApi, toRest, toRestBatch } from './rest/request.ts'

export function translate(api: RestApi, asked: OperationRequest): Translation {
  const { model } = api
  const { operation, request } = asked
  const isWrite = operation.kind === 'mutation'
  return {
    caller: request.caller,
    isWrite,
    keyed: isWrite && request.style.keyed,
    graphql: toGraphql(model, operation, request),
    rest: toRest(api, operation, request),
    readGraphql: (body) => readGraphql(model, asked, body),
    readRest: (answer) => readRest(model, asked, answer),
  }
}

export function translateBatch(
  api: RestApi,
  requests: readonly OperationRequest[],
  { caller, keyed }: ParityBatch,
): Translation {
  const { model } = api
  return {
    caller,
    isWrite: true,
    keyed,
    graphql: toGraphqlBatch(model, requests),
    rest: toRestBatch(api, requests),
    readGraphql: (body) => readGraphqlBatch(model, requests, body),
    readRest: (answer) => readRestBatch(model, requests, answer),
  }
}
