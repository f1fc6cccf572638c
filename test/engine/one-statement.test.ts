// Writes of one statement: when they are used, and that a failed check writes no row.
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { eachDatabase } from '../support/databases.ts'
import { ann, ben, boss, fillPeople, peopleDeclaration, nobody, tables } from './people.ts'
import { openFixture, related, select, type Fixture } from './support.ts'

eachDatabase((_kind, open) => {
  let fixture: Fixture
  beforeAll(async () => {
    fixture = await openFixture(open, tables, peopleDeclaration)
  })
  beforeEach(async () => {
    await fillPeople(fixture)
    await create(boss, { id: 90, name: 'First', email: 'first@x', user: 'first' }) // the triggers of the table have been looked up
    fixture.statements.length = 0
  })

  const create = (
    caller: typeof ann,
    input: Readonly<Record<string, unknown>>,
    selection = select('id', 'name'),
  ) => fixture.row('createPerson', { input, caller, selection: selection })
  const stored = async (id: number) =>
    (await fixture.sql('select name from people where id = $1', String(id))).length

  test("a caller's own row is authorized, written and read by one statement", async () => {
    expect(await create(ann, { id: 10, name: 'Ann again', email: 'a2@x', user: 'ann' })).toEqual({
      id: 10,
      name: 'Ann again',
    })
    expect(fixture.statements.map(({ text }) => text.slice(0, 6))).toEqual(['insert'])
    expect(await stored(10)).toBe(1)
  })

  test('a refused policy and a foreign key to a hidden row give the usual errors, and no row is written', async () => {
    expect(
      (
        await fixture.problem('createPerson', {
          input: { id: 11, name: 'X', email: 'x@x', user: 'ben' },
          caller: ann,
        })
      ).code,
    ).toBe('FORBIDDEN')
    const closed = await fixture.problem('createPerson', {
      input: { id: 11, name: 'X', email: 'x@x', user: 'ann', teamId: 2 },
      caller: ann,
    })
    expect([closed.code, closed.issues.map(({ path }) => path)]).toEqual(['CONFLICT', [['teamId']]])
    expect(
      (
        await fixture.problem('createPerson', {
          input: { id: 11, name: 'X', email: 'x@x', user: 'nobody' },
          caller: nobody,
        })
      ).code,
    ).toBe('FORBIDDEN')
    expect(await stored(11)).toBe(0)
  })

  test('a second create with the same fingerprint is authorized by its own caller and values', async () => {
    const input = (id: number, user: string, teamId: number | null) => ({
      id,
      name: `No. ${id}`,
      email: `${id}@x`,
      user,
      teamId,
    })
    expect(await create(ann, input(20, 'ann', 1))).toEqual({ id: 20, name: 'No. 20' })
    expect(await create(ben, input(21, 'ben', 1))).toEqual({ id: 21, name: 'No. 21' })
    expect(await create(ann, input(22, 'ann', null))).toEqual({ id: 22, name: 'No. 22' })
    expect(fixture.statements.map(({ text }) => text.slice(0, 6))).toEqual([
      'insert',
      'insert',
      'insert',
    ])
    for (const [caller, given, code] of [
      [ben, input(23, 'ann', 1), 'FORBIDDEN'],
      [ann, input(23, 'ann', 2), 'CONFLICT'],
      [ann, input(20, 'ann', 1), 'CONFLICT'],
    ] as const) {
      expect(
        (
          await fixture.problem('createPerson', {
            input: given,
            caller,
            selection: select('id', 'name'),
          })
        ).code,
      ).toBe(code)
    }
    expect(await stored(23)).toBe(0)
  })

  test('a row that its writer may not read is written and not answered', async () => {
    await fixture.sql('alter table people alter visible set default false')
    expect(await create(boss, { id: 12, name: 'Hidden', email: 'h@x', user: 'x' })).toEqual({
      id: 12,
      name: 'Hidden',
    })
    expect(await create(ann, { id: 13, name: 'Own', email: 'o@x', user: 'ann' })).toEqual({
      id: 13,
      name: 'Own',
    })
    await fixture.sql('alter table people alter visible set default true')
  })

  test('a row is updated, and deleted, by one statement', async () => {
    const own = { key: { id: 30 }, caller: ann, selection: select('id', 'name') }
    await create(ann, { id: 30, name: 'Before', email: '30@x', user: 'ann' })
    await fixture.row('updatePerson', { ...own, input: { name: 'Asked for triggers' } })
    fixture.statements.length = 0
    expect(await fixture.row('updatePerson', { ...own, input: { name: 'Once' } })).toEqual({
      id: 30,
      name: 'Once',
    })
    expect(
      await fixture.row('updatePerson', { ...own, input: { name: 'Twice', teamId: 1 } }),
    ).toEqual({ id: 30, name: 'Twice' })
    expect(await fixture.row('deletePerson', own)).toEqual({ id: 30, name: 'Twice' })
    expect(fixture.statements.map(({ text }) => text.slice(0, 6))).toEqual([
      'update',
      'update',
      'delete',
    ])
    expect(await stored(30)).toBe(0)
  })

  test('a refused change gives the usual error, the second time too, and changes no row', async () => {
    await create(boss, { id: 31, name: "Ben's", email: '31@x', user: 'ben' })
    await create(boss, { id: 32, name: 'Hidden', email: '32@x', user: 'ben' })
    await fixture.sql('update people set visible = false where id = 32')
    const change = (caller: typeof ann, id: number, input: Readonly<Record<string, unknown>>) =>
      fixture.problem('updatePerson', {
        key: { id },
        input,
        caller,
        selection: select('id', 'name'),
      })
    for (let i = 0; i < 2; i += 1) {
      expect((await change(ann, 31, { name: "Ann's" })).code).toBe('FORBIDDEN')
      expect((await change(ann, 32, { name: "Ann's" })).code).toBe('NOT_FOUND')
      expect((await change(ben, 31, { user: 'ann' })).code).toBe('FORBIDDEN')
      expect((await change(ben, 31, { teamId: 2 })).code).toBe('CONFLICT')
      expect(
        (
          await fixture.problem('deletePerson', {
            key: { id: 31 },
            caller: ann,
            selection: select('id', 'name'),
          })
        ).code,
      ).toBe('FORBIDDEN')
      expect(
        (
          await fixture.problem('deletePerson', {
            key: { id: 32 },
            caller: ann,
            selection: select('id', 'name'),
          })
        ).code,
      ).toBe('NOT_FOUND')
      await fixture.row('updatePerson', {
        key: { id: 31 },
        input: { name: `Round ${i}` },
        caller: ben,
        selection: select('id', 'name'),
      })
    }
    expect(
      await fixture.sql(
        'select name, user_name, team_id from people where id in (31, 32) order by id',
      ),
    ).toEqual([
      ['Round 1', 'ben', null],
      ['Hidden', 'ben', null],
    ])
  })

  test('a selection with relations, and a foreign key to the same table, take the steps of a transaction', async () => {
    const withTeam = { ...select('id'), relations: [related('team', select('name'))] }
    expect(
      await create(
        boss,
        { id: 14, name: 'In a team', email: 't@x', user: 'x', teamId: 1 },
        withTeam,
      ),
    ).toEqual({ id: 14, team: { name: 'open' } })
    expect(fixture.statements).toEqual([])
    expect(
      await create(ann, { id: 15, name: 'With a boss', email: 'b@x', user: 'ann', bossId: 1 }),
    ).toEqual({ id: 15, name: 'With a boss' })
    expect(fixture.statements).toEqual([])
  })
})

eachDatabase((_kind, open) => {
  test('a change by an AFTER trigger is in the answer', async () => {
    const fixture = await openFixture(open, tables, peopleDeclaration)
    await fixture.sql(
      `create function rename() returns trigger language plpgsql as $$ begin update people set name = 'Renamed' where id = new.id; return null; end $$`,
    )
    await fixture.sql(
      'create trigger renaming after insert on people for each row execute function rename()',
    )
    expect(
      await fixture.row('createPerson', {
        input: { id: 1, name: 'Before', email: 'x@x', user: 'x' },
        caller: boss,
        selection: select('name'),
      }),
    ).toEqual({ name: 'Renamed' })
    await fixture.sql(
      `create function rename_again() returns trigger language plpgsql as $$ begin update people set badge = 'seen' where id = new.id and badge is null; return null; end $$`,
    )
    await fixture.sql(
      'create trigger renaming_again after update on people for each row execute function rename_again()',
    )
    expect(
      await fixture.row('updatePerson', {
        key: { id: 1 },
        input: { name: 'After' },
        caller: boss,
        selection: select('name', 'badge'),
      }),
    ).toEqual({ name: 'After', badge: 'seen' })
  })
})
