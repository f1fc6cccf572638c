// HTTP requests into a test gateway, as a caller sends them.
import type { LightMyRequestResponse } from 'fastify'
import type { TestGateway } from '../gateway.ts'
import { credentialsOf } from '../generate/callers.ts'
import type { GraphqlRequest, ParityCaller, RestRequest } from '../request.ts'

export interface HttpAnswer extends Pick<LightMyRequestResponse, 'headers' | 'body'> {
  readonly status: number
}

/** A request of either face as HTTP. */
export const toHttp = (sent: GraphqlRequest | RestRequest): RestRequest =>
  'query' in sent
    ? {
        method: 'POST',
        url: '/graphql',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(sent),
      }
    : sent

export async function inject(
  { app }: TestGateway,
  sent: GraphqlRequest | RestRequest,
  caller: ParityCaller,
  more: Readonly<Record<string, string>> = {},
): Promise<HttpAnswer> {
  const { method, url, headers, body } = toHttp(sent)
  const { statusCode, ...answer } = await app.inject({
    method,
    url,
    headers: { ...headers, ...credentialsOf(caller), ...more },
    ...(body === null ? {} : { payload: body }),
  })
  return { status: statusCode, headers: answer.headers, body: answer.body }
}
