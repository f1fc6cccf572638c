// Prepared reads: what two requests of one fingerprint have in common is done once. The first is parsed and authorized, and
// leaves its plan, the place that each value came from, and the renderer of its answer; the next ones bind and render.
// A cache hit never reports errors. On any mismatch the request is parsed and authorized again, which does.
import { answerBytesOf } from '../../answer-bytes.ts'
import { factsOf } from '../../db/plan/build-read.ts'
import type { ReadPlan } from '../../db/plan/read-plan.ts'
import { layoutFor, planRead } from '../../db/plan/read.ts'
import type { Level, ReadRequest } from '../../db/plan/read-request.ts'
import type { Caller } from '../../schema/declare/caller.ts'
import type { Authorization } from '../authorize/authorization.ts'
import { decidesAlike, type OwnSource, valueFor } from '../authorize/caller-profile.ts'
import type { Engine, KeptRequest } from '../engine.ts'
import { type ReadQuery, type ReadQueryRequest, toEngineRequest } from './read-query.ts'
import { type ParameterCheck, checksOf } from './parameter-checks.ts'
import { runOptions } from '../request.ts'
import type { ParsedRequest } from '../parse/parse-request.ts'
import { prepareRead } from '../prepare-request.ts'
import { estimatedIn, type Reader, runRead } from './run-read.ts'
import { fingerprint, type Fingerprint } from './fingerprint.ts'
import {
  openEachRenderer,
  openPageRenderer,
  openRowRenderer,
  type RenderAnswer,
  type Rendered,
} from '../render/render-json.ts'
import { countParts } from '../render/template.ts'

interface Prepared extends KeptRequest {
  readonly plan: ReadPlan
  /** For each slot of the plan, what fills it. */
  readonly slots: readonly Filler[]
  readonly checks: readonly ParameterCheck[]
  /** Where the limit of each list is among the values; -1 where the query has no list of that number. */
  readonly limits: readonly number[]
  readonly decided: Authorization['decided']
  /** See PlannedRead. */
  readonly estimated: ReadRequest | null
  /** Null where the caller is denied a part: such an answer has errors in its middle, which graphql-js writes. */
  readonly write: RenderAnswer | null
}

type Filler = { readonly value: number } | OwnSource

/** Runs a read and writes its answer; null where the answer has an error in its middle. */
export async function answerReadQuery(
  engine: Engine,
  request: ReadQueryRequest,
): Promise<Rendered | null> {
  const known = fingerprint(engine, request)
  const prepared = known === null ? undefined : engine.prepared.find<Prepared>(known.text)
  if (known !== null && prepared !== undefined && isFor(prepared, known, request.caller)) {
    const { write, plan, estimated } = prepared
    if (write === null) return null
    const values = prepared.slots.map((filler) => fill(filler, known, request.caller))
    const limits = prepared.limits.map((index) => (index === -1 ? 0 : Number(known.values[index])))
    return runRead(readerOf(engine, request), { plan, values, estimated }, (rows) =>
      write(rows, limits, answerBytesOf(request.signal)),
    )
  }
  return prepare(engine, request, known?.text ?? null)
}

function isFor({ checks, decided }: Prepared, { values }: Fingerprint, caller: Caller): boolean {
  for (let i = 0; i < checks.length; i += 1) if (checks[i]?.(values[i]) !== true) return false
  return decidesAlike(decided, caller)
}

const fill = (filler: Filler, { values }: Fingerprint, caller: Caller): unknown =>
  'value' in filler ? values[filler.value] : valueFor(filler, caller)

/** Parses, authorizes and plans the read; what was learned is kept under its fingerprint. */
async function prepare(
  engine: Engine,
  asked: ReadQueryRequest,
  known: string | null,
): Promise<Rendered | null> {
  const { form } = asked
  const request = { ...toEngineRequest(engine.model, asked), operation: form.operation }
  const {
    running: { authorization, parsed },
    read,
  } = prepareRead(engine, request, form.each ? { each: asked.key ?? {} } : {})
  const plan = planRead(engine.plans, read)
  const writer = isDenied(read.level) ? null : openWriter(form, plan, read)
  if (known !== null)
    keepPrepared(engine, known, { asked, plan, writer, authorization, parsed, read })
  if (writer === null) return null
  const planned = { plan, values: authorization.values, estimated: estimatedIn(read) }
  return runRead(readerOf(engine, asked), planned, (rows) =>
    writer.write(rows, null, answerBytesOf(asked.signal)),
  )
}

const readerOf = ({ database, plans }: Engine, request: ReadQueryRequest): Reader => ({
  session: database,
  plans,
  options: runOptions(request),
})

const isDenied = (level: Level): boolean =>
  level.denied.length > 0 ||
  level.toOne.some((one) => isDenied(one.level)) ||
  level.toMany.some((many) => isDenied(many.level))

function openWriter({ template, each }: ReadQuery, plan: ReadPlan, read: ReadRequest): Writer {
  const layout = layoutFor(plan.layout, read.level)
  const facts = read.page === null ? null : factsOf(read.page)
  const made = template(layout, facts)
  const parts = countParts(made.parts)
  if (facts !== null)
    return { parts, write: openPageRenderer(made, { layout, facts, wrapped: plan.wrapped }) }
  return { parts, write: each ? openEachRenderer(made, layout) : openRowRenderer(made) }
}

interface Writer {
  readonly write: RenderAnswer
  /** Parts of the template, which most of its memory is for. */
  readonly parts: number
}

interface Learned {
  readonly asked: ReadQueryRequest
  readonly plan: ReadPlan
  readonly writer: Writer | null
  readonly authorization: Authorization
  readonly parsed: ParsedRequest
  readonly read: ReadRequest
}

function keepPrepared(
  engine: Engine,
  key: string,
  { asked, plan, writer, authorization, parsed, read }: Learned,
): void {
  const places = new Map<string, number>()
  const checks: ParameterCheck[] = []
  const checkOf = checksOf(asked.form, parsed)
  fingerprint(
    {
      ...engine,
      onParameter(name, compared) {
        places.set(name, checks.push(checkOf(name, compared)) - 1)
      },
    },
    asked,
  )
  const slots = authorization.sources.map((source): Filler =>
    'leaf' in source ? { value: placeOf(places, source.leaf) } : source,
  )
  const limits = asked.lists.map((_, at) => places.get(`${at}.limit`) ?? -1)
  const kept: Prepared = {
    text: plan.text,
    plan,
    slots,
    checks,
    limits,
    write: writer?.write ?? null,
    parts: writer?.parts ?? 0,
    decided: authorization.decided,
    estimated: estimatedIn(read),
  }
  engine.prepared.keep(key, kept)
}

function placeOf(places: ReadonlyMap<string, number>, leaf: string): number {
  const place = places.get(leaf)
  if (place === undefined)
    throw new Error(`A read has the value ${leaf}, which its fingerprint has not met.`)
  return place
}
