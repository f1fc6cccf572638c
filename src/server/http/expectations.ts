// Expect (RFC 9110, section 10.1.1): a client that waits with its body gets 100, or the answer at once.
import type { IncomingMessage, Server, ServerResponse } from 'node:http'

/** Node would answer 417 without a body to other expectations, which we ignore, and 100 to a body that is too large. */
export function answerExpectations(server: Server, bodyLimit: number): void {
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    server.emit('request', request, response)
  }
  server.on('checkExpectation', serve)
  server.on('checkContinue', (request, response) => {
    const isTooLarge = Number(request.headers['content-length']) > bodyLimit // a chunked body is counted as it comes
    if (isTooLarge) response.shouldKeepAlive = false // the body may come or not
    else response.writeContinue()
    serve(request, response)
  })
}
