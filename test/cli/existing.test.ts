// `bifrons init --from`: a database with difficult names and types becomes a project that compiles and serves it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { administer, createDatabase } from '../support/databases.ts'
import {
  askGraphql,
  askRest,
  bifrons,
  linkPackages,
  makeFolder,
  type RunningCli,
  startBifrons,
  typeCheck,
} from './cli.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 }) // processes of their own, and the compiler, on a busy machine

describe('a project over an existing database', () => {
  const cleanUps: (() => Promise<unknown>)[] = []
  afterAll(async () => {
    for (const cleanUp of cleanUps.toReversed()) await cleanUp()
  })
  const folder = makeFolder((cleanUp) => cleanUps.push(cleanUp))
  const project = join(folder, 'shop')
  const read = (path: string): string => readFileSync(join(project, path), 'utf8')
  let databaseUrl = ''
  let made: ReturnType<typeof bifrons>
  beforeAll(async () => {
    const { url, drop } = await createDatabase('postgres')
    cleanUps.push(drop)
    databaseUrl = url
    await administer(readFileSync(join(import.meta.dirname, 'existing.sql'), 'utf8'), url)
    made = bifrons(['init', 'shop', '--from', url, '--access', 'all'], { cwd: folder })
    linkPackages(project)
  })

  it('lists what it left out, and warns of open resources', () => {
    expect(made.code).toBe(0)
    expect(made.stdout).toContain('A project over 21 tables is in shop')
    expect(made.stdout.split('\n').filter((line) => line.startsWith('  note: '))).toEqual([
      '  note: table keyed is read-only; code tells its rows apart.',
      '  note: table logs is left out: it has neither a primary key nor a unique index over columns that are never null.',
      '  note: materialized view mat is read-only; id tells its rows apart.',
      '  note: view nested is read-only; nid tells its rows apart.',
      '  note: view team_count is left out: no unique columns are known of it. If you know some, declare it by hand with `key`.',
      '  note: view team_names is read-only; team_id tells its rows apart.',
      '  note: the foreign key to_outside of nodes is no relation: other.outside is not in the project.',
    ])
    expect(made.stderr).toContain(
      'Warning: these sound like secrets, and everyone may read them: orderFilterRecord.passwordHash.',
    )
    expect(made.stderr).toContain(
      'Warning: everyone may read, create, update and delete in every table',
    )
  })

  it('compiles and passes check', () => {
    expect(typeCheck(project)).toBe('')
    expect(bifrons(['check'], { cwd: project })).toMatchObject({ code: 0, stderr: '' })
  })

  it('is the same on every run', () => {
    const again = bifrons(
      ['init', 'again', '--from', databaseUrl, '--access', 'all', '--name', 'shop'],
      { cwd: folder },
    )
    expect(again.code).toBe(0)
    for (const file of [
      'relations.ts',
      'gateway.ts',
      'tables/people.ts',
      'resources/person.ts',
      'package.json',
    ]) {
      expect(readFileSync(join(folder, 'again', file), 'utf8')).toBe(read(file))
    }
  })

  it("keeps the names of the database's constraints", () => {
    expect(read('tables/people.ts')).toContain(
      "email: text().unique('people_email_once'), // the domain email",
    )
    expect(read('tables/people.ts')).toContain(
      'check(\'weird name!\', sql`length("First Name") > 0`)',
    )
    expect(read('tables/teams.ts')).toContain(
      "name: text().notNull().unique('team_name_once', { nulls: 'not distinct' })",
    )
    expect(read('tables/matches.ts')).toContain(
      "primaryKey({ name: 'the_match', columns: [table.homeTeamId, table.awayTeamId, table.played] })",
    )
    expect(read('tables/match-events.ts')).toContain("name: 'of_match'")
    expect(read('tables/keyeds.ts')).toContain(
      "index('keyed_lower').on(sql`lower(code)`, table.v.desc().nullsFirst()).where(sql`v > 0`)",
    )
  })

  it('writes types, defaults and generated columns as Drizzle has them', () => {
    const people = read('tables/people.ts')
    expect(people).toContain("  mood: mood().default('it\\'s ok'),\n")
    expect(people).toContain(
      "  amount: numeric({ precision: 10, scale: 2 }).notNull().default('1'), // the domain positive\n",
    )
    expect(people).toContain(
      "  added: timestamp({ precision: 3, withTimezone: true, mode: 'string' }).notNull().defaultNow(),\n",
    )
    expect(people).toContain("  note: varchar({ length: 20 }).default('it\\'s `x` ${y} \\\\z'),\n")
    expect(read('tables/enums.ts')).toContain(
      "export const mood = otherSchema.enum('mood', ['sad', 'it\\'s ok', 'very happy'])",
    )
    expect(read('tables/types.ts')).toContain(
      "export const int4range = customType<{ data: string }>({ dataType: () => 'int4range' })",
    )
    const events = read('tables/match-events.ts')
    expect(events).toContain(
      "  id: bigint({ mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),\n",
    )
    expect(events).toContain('  doubled: integer().generatedAlwaysAs(sql`(minute * 2)`),\n')
    expect(events).toContain("  iv: interval({ fields: 'day to second', precision: 3 }),\n")
  })

  it('writes closed resources with --access none', () => {
    expect(bifrons(['init', 'closed', '--from', databaseUrl], { cwd: folder })).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('Everything is closed'),
    })
    expect(readFileSync(join(folder, 'closed/resources/team.ts'), 'utf8')).toContain(
      'access: {}, // closed',
    )
    linkPackages(join(folder, 'closed'))
    expect(bifrons(['check'], { cwd: join(folder, 'closed') })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('note: team is not served: it names no access.'),
    })
  })

  it('names the mistake in the arguments', () => {
    const wish = (...args: string[]) => bifrons(['init', 'none', ...args], { cwd: folder })
    expect(wish('--from', databaseUrl, '--schema', 'nope')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/has no schema "nope"; it has other, public/),
    })
    expect(wish('--from', 'mysql://localhost/x')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--from must be postgres://'),
    })
    expect(wish('--from', 'postgres://postgres:hush@127.0.0.1:1/x')).toMatchObject({
      code: 1,
      stderr: expect.not.stringContaining('hush'),
    })
    expect(wish('--access', 'most')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Allowed choices are none, read, all'),
    })
  })

  describe('served', () => {
    let cli: RunningCli
    let url = ''
    beforeAll(async () => {
      cli = startBifrons(['dev', '--no-reload', '--port', '0'], { cwd: project })
      url = await cli.waitFor(/GraphQL +(http\S+)\/graphql/)
    })
    afterAll(() => cli.stop())

    it('answers every table and view, the same on both faces', async () => {
      const lists = [
        'alphas',
        'betas',
        'cases',
        'follows',
        'keyeds',
        'mats',
        'matchEvents',
        'matches',
        'nesteds',
        'newsList',
        'nodeRecords',
        'oneSides',
        'orders',
        'orderFilterRecords',
        'otherSides',
        'parteds',
        'people',
        'profiles',
        'teamNames',
        'teamPeople',
        'teams',
      ]
      const shape = await askGraphql(
        url,
        '{ __schema { queryType { fields { name type { name } } } } }',
      )
      for (const name of lists) expect(JSON.stringify(shape), name).toContain(`"name":"${name}"`)
      for (const name of lists) {
        const path = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
        const rest = await askRest(url, `/${path}?count=exact`)
        const { data } = (await askGraphql(
          url,
          `{ ${name} { totalCount nodes { __typename } } }`,
        )) as { data: Record<string, { totalCount: number; nodes: unknown[] }> }
        expect(rest, name).toMatchObject({
          data: expect.any(Array),
          page: { total: data[name]?.totalCount },
        })
      }
    })

    it('follows every kind of relation', async () => {
      expect(
        await askGraphql(
          url,
          `{
        people { nodes { firstName bossPerson { firstName } peopleByBoss { nodes { firstName } } followers { nodes { firstName } } profile { bio } } }
        teams { nodes { lead { firstName } people { nodes { firstName } } matchesByAwayTeam { nodes { homeTeam { name } matchEvents { nodes { doubled } } } } } }
        otherSides { nodes { oneSide { x y otherSides { nodes { x } } } } }
      }`,
        ),
      ).toMatchObject({
        data: {
          people: {
            nodes: [
              {
                firstName: 'Ann',
                bossPerson: null,
                peopleByBoss: { nodes: [{ firstName: 'Bob' }, { firstName: 'Cy' }] },
                followers: { nodes: [{ firstName: 'Bob' }, { firstName: 'Cy' }] },
                profile: { bio: 'leads' },
              },
              {
                firstName: 'Bob',
                bossPerson: { firstName: 'Ann' },
                peopleByBoss: { nodes: [] },
                followers: { nodes: [] },
                profile: null,
              },
              {
                firstName: 'Cy',
                bossPerson: { firstName: 'Ann' },
                peopleByBoss: { nodes: [] },
                followers: { nodes: [] },
                profile: null,
              },
            ],
          },
          teams: {
            nodes: [
              {
                lead: { firstName: 'Ann' },
                people: { nodes: [{ firstName: 'Ann' }, { firstName: 'Bob' }] },
                matchesByAwayTeam: { nodes: [] },
              },
              {
                lead: { firstName: 'Cy' },
                people: { nodes: [] },
                matchesByAwayTeam: {
                  nodes: [
                    { homeTeam: { name: 'Reds' }, matchEvents: { nodes: [{ doubled: 90 }] } },
                  ],
                },
              },
            ],
          },
          otherSides: { nodes: [{ oneSide: { x: 1, y: 2, otherSides: { nodes: [{ x: 3 }] } } }] },
        },
      })
    })

    it('names the field of a broken constraint, and refuses to write through views', async () => {
      const create = (path: string, body: object) =>
        askRest(url, path, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        })
      expect(await create('/teams', { name: 'Reds' })).toMatchObject({
        code: 'CONFLICT',
        issues: [{ path: ['name'] }],
      })
      expect(await create('/people', { firstName: 'Di', boss: 99 })).toMatchObject({
        code: 'CONFLICT',
        issues: [{ path: ['boss'] }],
      })
      expect(await create('/people', { firstName: 'Di', email: 'nobody' })).toMatchObject({
        code: 'VALIDATION_FAILED',
      })
      expect(await create('/people', { firstName: 'Di', span: '[1,5)' })).toMatchObject({
        firstName: 'Di',
        mood: "it's ok",
        amount: '1.00',
        span: '[1,5)',
      })
      expect(await create('/team-names', { name: 'x' })).toMatchObject({
        code: 'METHOD_NOT_ALLOWED',
      })
    })
  })
})
