// Errors as the servers raise them, and the problems that callers get for them.
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { toConstraintViolation, toDatabaseProblem } from '../../src/db/sqlstate.ts'
import { Problem, type ErrorCode } from '../../src/errors.ts'
import { eachDatabase } from '../support/databases.ts'

eachDatabase((_, open) => {
  let database: Database
  beforeAll(async () => {
    database = await open()
    for (const text of [
      'create table parents (id int primary key, "Code, ""x""" text not null, kind text check (kind <> \'bad\'))',
      'create unique index parents_code on parents ("Code, ""x""", kind, lower(kind))',
      'create table children (id int primary key, parent int references parents, "order" int not null)',
      'create table strict_children (parent int references parents on delete restrict)',
      'create table stays (during int4range, exclude using gist (during with &&))',
      "insert into parents values (1, 'a)=(b', 'k'), (2, 'c', 'k')",
      'insert into children values (1, 1, 1)',
      'insert into strict_children values (2)',
      "insert into stays values ('[1,5)')",
      'create table long_texts (v text unique)',
    ])
      await database.query({ text, values: [] })
  })

  const failure = async (text: string, values: unknown[] = []): Promise<Problem> => {
    const error: unknown = await database.query({ text, values }).then(
      () => null,
      (caught: unknown) => caught,
    )
    if (!(error instanceof Problem))
      throw new Error(`${text} did not fail with a Problem`, { cause: error })
    return error
  }
  const raising = (state: string) =>
    `do $$ begin raise exception 's3cret' using errcode = '${state}'; end $$`

  it.each<[string, ErrorCode]>([
    ["insert into parents values (1, 's3cret', null)", 'CONFLICT'],
    ['insert into children values (2, 77, 1)', 'CONFLICT'],
    ['delete from parents where id = 1', 'CONFLICT'],
    ['delete from parents where id = 2', 'CONFLICT'],
    ["insert into stays values ('[2,3)')", 'CONFLICT'],
    ['insert into children values (3, 1, null)', 'VALIDATION_FAILED'],
    ["insert into parents values (9, 's3cret', 'bad')", 'VALIDATION_FAILED'],
    ["select 's3cret'::int", 'VALIDATION_FAILED'],
    ['select 99999999999::int4', 'VALIDATION_FAILED'],
    ['select 1/0', 'VALIDATION_FAILED'],
    ['selec', 'INTERNAL'],
    ["create table wide (v text unique); insert into wide values ('s3cret')", 'INTERNAL'],
    [
      "insert into long_texts select string_agg(md5(n::text), '') from generate_series(1, 500) n",
      'VALIDATION_FAILED',
    ],
    [raising('54001'), 'TOO_COMPLEX'],
    ...['40001', '40P01', '53300', '08006', '57P01', '57P03', '28P01', '3D000'].map(
      (state) => [raising(state), 'UNAVAILABLE'] as [string, ErrorCode],
    ),
    [raising('25006'), 'READ_ONLY'],
    ...['55P03', '57014', '25P03'].map(
      (state) => [raising(state), 'TIMEOUT'] as [string, ErrorCode],
    ),
    ...['22021', '22P05'].map((state) => [raising(state), 'BAD_REQUEST'] as [string, ErrorCode]),
    [raising('42501'), 'FORBIDDEN'],
    [raising('XX000'), 'INTERNAL'],
    ...['P0001', '23000', 'ZZ001', '90210', 'I0000'].map(
      (state) => [raising(state), 'VALIDATION_FAILED'] as [string, ErrorCode],
    ),
    ...['P0002', '55000', '58030', '72000', 'HV000', 'F0000'].map(
      (state) => [raising(state), 'INTERNAL'] as [string, ErrorCode],
    ),
    [raising('0A000'), 'INTERNAL'],
  ])('%s -> %s', async (statement, code) => {
    const problem = await failure(statement)
    expect(problem.code).toBe(code)
    const wait = { UNAVAILABLE: '1', READ_ONLY: '5' }[problem.code]
    expect(problem.headers).toEqual(wait === undefined ? {} : { 'retry-after': wait })
    expect(problem.message).not.toMatch(/s3cret|parents|children|77/)
    expect(problem.cause).toBeInstanceOf(Error)
    expect((await database.query({ text: 'select 1', values: [] })).rows).toEqual([['1']])
  })

  it.each(['select s3cret', 'select * from s3cret', 'select * from s3cret.x', 'select 1::s3cret'])(
    '%s -> UNAVAILABLE, as the database lacks it',
    async (statement) => {
      const { code, headers, message } = await failure(statement)
      expect([code, headers]).toEqual(['UNAVAILABLE', { 'retry-after': '30' }])
      expect(message).not.toContain('s3cret')
    },
  )

  it('what a function lacks is a defect of the function', async () => {
    const problem = await failure('do $$ begin perform s3cret from parents; end $$')
    expect(problem.code).toBe('INTERNAL')
  })

  it('a text that the database cannot store -> BAD_REQUEST', async () => {
    expect((await failure('select $1::text', ['a\0b'])).code).toBe('BAD_REQUEST')
  })

  describe('the violated constraint', () => {
    const code = 'Code, "x"'
    it.each([
      [
        "insert into parents values (1, 'z', 'z')",
        { sqlstate: '23505', constraint: 'parents_pkey', table: 'parents', columns: ['id'] },
      ],
      [
        "insert into parents values (3, 'a)=(b', 'k')",
        {
          sqlstate: '23505',
          constraint: 'parents_code',
          table: 'parents',
          columns: [code, 'kind', 'lower(kind)'],
        },
      ],
      [
        'insert into children values (2, 77, 1)',
        {
          sqlstate: '23503',
          constraint: 'children_parent_fkey',
          table: 'children',
          columns: ['parent'],
        },
      ],
      [
        'delete from parents where id = 1',
        {
          sqlstate: '23503',
          constraint: 'children_parent_fkey',
          table: 'children',
          columns: ['id'],
        },
      ],
      [
        'delete from parents where id = 2',
        {
          sqlstate: '23001',
          constraint: 'strict_children_parent_fkey',
          table: 'strict_children',
          columns: ['id'],
        },
      ],
      [
        'insert into children values (3, 1, null)',
        { sqlstate: '23502', constraint: null, table: 'children', columns: ['order'] },
      ],
      [
        "insert into parents values (9, 'q', 'bad')",
        { sqlstate: '23514', constraint: 'parents_kind_check', table: 'parents', columns: [] },
      ],
    ])('is found for %s, with its columns', async (statement, violation) => {
      expect(toConstraintViolation(await failure(statement))).toEqual({
        domain: null,
        ...violation,
      })
    })

    it('is absent for other errors', async () => {
      expect(toConstraintViolation(await failure('select 1/0'))).toBeNull()
      expect(toConstraintViolation(new Error('x'))).toBeNull()
    })
  })

  it("the error inside of Drizzle's wrapper, which holds the statement and its parameters, is found", async () => {
    const drizzle = database.drizzle as NodePgDatabase
    const error: unknown = await drizzle
      .execute(sql`insert into parents values (1, ${'s3cret'}, null)`)
      .catch((caught: unknown) => caught)
    expect(String(error)).toContain('insert into parents')
    const problem = toDatabaseProblem(error)
    expect(problem).toMatchObject({
      code: 'CONFLICT',
      message: expect.not.stringMatching(/insert|s3cret/),
    })
    expect(toConstraintViolation(problem)).toMatchObject({ constraint: 'parents_pkey' })
  })
})
