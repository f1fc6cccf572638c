// Exports: a whole list as a stream of lines, read from the database as fast as the caller takes it.
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

/** An export that has begun: its headers and its lines. */
export interface OpenLines {
  readonly headers: Readonly<Record<string, string>>
  readonly chunks: AsyncGenerator<Buffer>
}

/** The list to export, and the name of the file. */
export interface ExportQuestion {
  readonly asked: ExportRequest
  readonly name: string
  /** The count that was asked for; lines have no place for one. */
  readonly total: Total
}

/** Begins an export. Faults that are found before the first row are answered with their status. */
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

/** Sends the lines. A fault while they are sent breaks the connection, so that the file does not look complete. */
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
