// Reads answers of HTTP/1.1 from the chunks of a connection on which one request is under way at a time.

const headEnd = Buffer.from('\r\n\r\n')
const lastChunk = Buffer.from('0\r\n\r\n')

/** Calls `answered` at the end of each answer. A body in chunks is handed on with their framing: nobody looks inside under load. */
export function openReader(
  answered: (status: number, body: Buffer) => void,
): (chunk: Buffer) => void {
  let pending: Buffer[] = []
  let received = 0
  let end = -1 // where the answer ends, once the head has said it
  let bodyAt = -1
  let chunked = false
  let status = 0

  function readHead() {
    const all = join()
    const at = all.indexOf(headEnd)
    if (at === -1) return
    bodyAt = at + headEnd.length
    const head = all.toString('latin1', 0, at).toLowerCase()
    status = Number(head.slice(9, 12))
    const length = /\r\ncontent-length: *(\d+)/.exec(head)
    chunked = length === null && head.includes('\r\ntransfer-encoding: chunked')
    end = chunked ? -1 : bodyAt + Number(length?.[1] ?? 0)
  }

  function join() {
    const all =
      pending.length === 1 && pending[0] !== undefined ? pending[0] : Buffer.concat(pending)
    pending = [all]
    return all
  }

  return (chunk) => {
    pending.push(chunk)
    received += chunk.length
    if (bodyAt === -1) readHead()
    if (bodyAt === -1) return
    const done = chunked ? join().subarray(-lastChunk.length).equals(lastChunk) : received >= end
    if (!done) return
    const body = join().subarray(bodyAt)
    pending = []
    received = 0
    bodyAt = -1
    answered(status, body)
  }
}
