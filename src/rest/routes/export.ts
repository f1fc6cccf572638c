// Exports: a whole list as a stream of lines, held back where its reader is slower than the database.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Readable } from 'node:stream'
import type { Engine } from '../../engine/engine.ts'
import { openExport } from '../../engine/execute.ts'
import type { ExportRequest } from '../../engine/read/run-export.ts'
import type { Total } from '../../engine/request.ts'
import { type Problem, toProblem } from '../../errors.ts'
import { noRow, parameterIssue, unreadable } from '../errors.ts'
import { toCsv, toNdjson } from '../response/csv-ndjson.ts'
import type { ExportName } from '../request/prefer.ts'

const forms = {
  csv: { type: 'text/csv; charset=utf-8; header=present', toLines: toCsv },
  ndjson: { type: 'application/x-ndjson', toLines: toNdjson },
} as const

/** A list that has been begun, and the headers that say what it is. */
export interface OpenLines {
  readonly headers: Readonly<Record<string, string>>
  readonly chunks: AsyncGenerator<Buffer>
}

/** What is asked for of a list, and what the list is called. */
export interface ExportQuestion {
  readonly asked: ExportRequest
  readonly name: string
  /** Whether a count was asked for, which has no place in lines. */
  readonly total: Total
}

/** Begins to read a list whole: what is wrong is said with its status as long as no row has been sent. */
export async function openLines(
  engine: Engine,
  { asked, name, total }: ExportQuestion,
  form: ExportName,
): Promise<OpenLines> {
  if (total !== false) {
    const message = 'An export has no page to count in; leave count out.'
    throw unreadable(message, [parameterIssue('count', 'conflict', message)])
  }
  const { type, toLines } = forms[form]
  const chunks = await openExport(engine, asked, toLines)
  if (chunks === null) return noRow()
  return {
    chunks,
    headers: {
      'content-type': type,
      'content-disposition': `attachment; filename="${name}.${form}"`,
      'cache-control': 'no-store',
    },
  }
}

/** Sends the lines; what goes wrong meanwhile tears the stream, so that it does not look complete. */
export async function sendLines(
  request: FastifyRequest,
  reply: FastifyReply,
  { headers, chunks }: OpenLines,
  onProblem: (problem: Problem) => void,
): Promise<FastifyReply> {
  reply.code(200).headers(headers)
  if (request.method === 'HEAD') await chunks.return(undefined) // nothing is read, and the stream is empty
  const stream = Readable.from(chunks, { objectMode: false })
  stream.once('error', (error) => onProblem(toProblem(error)))
  return reply.send(stream)
}
