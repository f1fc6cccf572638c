// Policies: no path reaches a hidden row or field, refusals have the right code, and the tests fail without any one of the policies.
import { isDeepStrictEqual } from 'node:util'
import { beforeAll, expect, test } from 'vitest'
import { eachDatabase } from '../support/databases.ts'
import { answerOf, named, page, refused, testCase } from './answers.ts'
import {
  ann,
  ben,
  boss,
  cid,
  fillPeople,
  peopleDeclaration,
  nobody,
  policyPlaces,
  tables,
  withoutPolicy,
} from './people.ts'
import {
  type TestRequest,
  openFixture,
  related,
  select,
  type Fixture,
  fixtureOf,
} from './support.ts'

const names = select('name')
const where = (filter: unknown, more: TestRequest = {}): TestRequest => ({
  list: { where: filter },
  selection: names,
  ...more,
})
const key = (id: number, more: TestRequest = {}): TestRequest => ({
  key: { id },
  selection: names,
  ...more,
})
const change = (id: number, input: object, more: TestRequest = {}): TestRequest =>
  key(id, { input, ...more })
const newcomer = { id: 9, name: 'New', email: 'new@x', user: 'ann' }

const reads = [
  testCase('a hidden row cannot be read by key', 'person', key(2), null),
  testCase('a hidden row can be read by its owner', 'person', key(2, { caller: ben }), {
    name: 'Ben',
  }),
  testCase(
    'a hidden row cannot be read by another caller',
    'person',
    key(2, { caller: ann }),
    null,
  ),
  testCase('a hidden row can be read by staff', 'person', key(2, { caller: boss }), {
    name: 'Ben',
  }),
  testCase(
    'a hidden row cannot be read by a unique key',
    'personByEmail',
    { key: { email: 'ben@x' }, selection: names },
    null,
  ),
  testCase(
    'a hidden row is not in a list',
    'people',
    { selection: names, total: true },
    page(named('Ann', 'Cid', 'Dan', 'Eve'), 4),
  ),
  testCase(
    'a hidden row counts for staff',
    'people',
    { selection: names, total: true, caller: boss },
    page(named('Ann', 'Ben', 'Cid', 'Dan', 'Eve'), 5),
  ),
  testCase(
    'an absent claim owns nothing',
    'people',
    { selection: names, caller: nobody },
    page(named('Ann', 'Cid', 'Dan', 'Eve')),
  ),
  testCase(
    'a hidden row is not counted alone',
    'people',
    { rows: false, total: true },
    page([], 4),
  ),
  testCase(
    'a filter does not find a hidden row',
    'people',
    where({ name: { eq: 'Ben' } }),
    page([]),
  ),
  testCase(
    'a hidden row is not found by its relation',
    'people',
    where({ boss: { name: { eq: 'Ben' } } }),
    page([]),
  ),
  testCase(
    "a hidden row is nobody's boss",
    'people',
    where({ NOT: { boss: { id: { gt: 0 } } } }),
    page(named('Ann', 'Cid', 'Eve')),
  ),
  testCase(
    'some does not find a hidden row',
    'teams',
    where({ people: { some: { name: { eq: 'Ben' } } } }),
    page([]),
  ),
  testCase(
    'none ignores a hidden row',
    'teams',
    where({ people: { none: { name: { eq: 'Ben' } } } }),
    page(named('open')),
  ),
  testCase(
    'every ignores hidden rows',
    'teams',
    where({ people: { every: { name: { ne: 'Ben' } } } }),
    page(named('open')),
  ),
  testCase(
    'a count covers the rows that the caller may read',
    'teams',
    where({ people: { count: { eq: 2 } } }),
    page(named('open')),
  ),
  testCase(
    'a count covers all rows for staff',
    'teams',
    where({ people: { count: { eq: 3 } } }, { caller: boss }),
    page(named('open')),
  ),
  testCase(
    "a count through a junction obeys the junction's policy",
    'people',
    where({ clubs: { count: { gte: 2 } } }),
    page([]),
  ),
  testCase(
    'a count through a junction covers all rows for staff',
    'people',
    where({ clubs: { count: { gte: 2 } } }, { caller: boss }),
    page(named('Eve')),
  ),
  testCase(
    'a count of a refused relation is refused',
    'people',
    where({ notes: { count: { gte: 0 } } }),
    refused('UNAUTHENTICATED', 'where notes'),
  ),
  testCase(
    'an order by a count uses the rows that the caller may read',
    'people',
    { list: { orderBy: [{ clubs: { count: 'DESC' } }, { name: 'DESC' }] }, selection: names },
    page(named('Eve', 'Ann', 'Dan', 'Cid')),
  ),
  testCase(
    'an order by a count uses all rows for staff',
    'people',
    {
      list: { orderBy: [{ clubs: { count: 'DESC' } }, { name: 'DESC' }] },
      selection: names,
      caller: boss,
    },
    page(named('Eve', 'Cid', 'Ben', 'Ann', 'Dan')),
  ),
  testCase(
    'an order by the count of a refused relation is refused',
    'people',
    { list: { orderBy: [{ notes: { count: 'ASC' } }] }, caller: ann },
    refused('FORBIDDEN', 'order 0.notes'),
  ),
  testCase(
    'an order by that count through a relation is refused',
    'people',
    { list: { orderBy: [{ boss: { notes: { count: 'ASC' } } }] } },
    refused('UNAUTHENTICATED', 'order 0.boss.notes'),
  ),
  testCase(
    'a nested filter does not find a hidden row',
    'people',
    where({ boss: { staff: { some: { name: { eq: 'Ben' } } } } }),
    page([]),
  ),
  testCase(
    'an order does not use the values of a hidden row',
    'people',
    { list: { orderBy: [{ boss: { name: 'ASC' } }] }, selection: names },
    page(named('Dan', 'Ann', 'Cid', 'Eve')),
  ),
  testCase(
    'a relation to a hidden row is null',
    'person',
    key(3, { selection: select('name', related('boss', names)) }),
    { name: 'Cid', boss: null },
  ),
  testCase(
    'a related list leaves out a hidden row',
    'team',
    key(1, { selection: select('name', related('people', names, {}, { total: true })) }),
    { name: 'open', people: page(named('Ann', 'Cid'), 2) },
  ),
  testCase(
    'a related list of a list leaves out a hidden row',
    'people',
    where(
      { id: { eq: 1 } },
      {
        selection: select(
          'name',
          related('staff', names, { first: 1, offset: 0 }, { total: true }),
        ),
      },
    ),
    page([{ name: 'Ann', staff: page(named('Dan'), 1) }]),
  ),
  testCase(
    'a relation to a hidden team is null',
    'person',
    key(4, { selection: select('name', related('team', names)) }),
    { name: 'Dan', team: null },
  ),
  testCase(
    'a filter through a hidden team finds no row',
    'people',
    where({ team: { open: { eq: false } } }),
    page([]),
  ),
  testCase('a hidden team cannot be read by key', 'team', key(2), null),
  testCase(
    'a hidden junction row does not relate its rows',
    'person',
    key(5, { selection: select('name', related('clubs', names, {}, { total: true })) }),
    { name: 'Eve', clubs: page(named('chess'), 1) },
  ),
  testCase(
    'a hidden junction row relates its rows for staff',
    'person',
    key(5, { caller: boss, selection: select('name', related('clubs', names)) }),
    { name: 'Eve', clubs: page(named('chess', 'spies')) },
  ),
  testCase(
    'a hidden row is missing at the other end of a junction',
    'club',
    key(1, { selection: select('name', related('members', names)) }),
    { name: 'chess', members: page(named('Ann', 'Eve')) },
  ),
  testCase(
    'a filter through a hidden junction row finds no row',
    'people',
    where({ clubs: { some: { name: { eq: 'spies' } } } }),
    page([]),
  ),
  testCase(
    'a junction that is a resource hides its rows',
    'memberships',
    { selection: select('personId'), list: { orderBy: [{ personId: 'ASC' }] } },
    page([{ personId: 1 }, { personId: 2 }, { personId: 5 }]),
  ),
  testCase(
    'a refused relation is left out where denied parts are omitted',
    'person',
    key(1, { selection: select('name', related('notes', select('body'))) }),
    { name: 'Ann' },
  ),
  testCase(
    'a refused relation is an error by name',
    'person',
    key(1, { denied: 'refuse', selection: select('name', related('notes', select('body'))) }),
    refused('UNAUTHENTICATED', 'fields notes'),
  ),
  testCase(
    'a filter by a refused relation is refused',
    'people',
    where({ notes: { some: {} } }),
    refused('UNAUTHENTICATED', 'where notes'),
  ),
  testCase(
    'a filter by a refused relation is FORBIDDEN for a signed-in caller',
    'people',
    where({ notes: { none: {} } }, { caller: ann }),
    refused('FORBIDDEN', 'where notes'),
  ),
  testCase('a resource with a no is refused', 'notes', {}, refused('UNAUTHENTICATED')),
  testCase(
    'a resource with a no is refused by key',
    'note',
    { key: { id: 1 }, caller: ann },
    refused('FORBIDDEN'),
  ),
  testCase(
    'a resource with a yes can be read',
    'notes',
    { caller: boss, selection: select('body') },
    page([{ body: 'good' }, { body: 'bad' }]),
  ),
  testCase('a refused field is left out by default', 'person', key(1, { selection: select() }), {
    id: 1,
    name: 'Ann',
    email: 'ann@x',
    user: 'ann',
    visible: true,
    locked: false,
    teamId: 1,
    bossId: null,
  }),
  testCase(
    'a refused field is omitted by name where denied parts are omitted',
    'person',
    key(1, { selection: select('name', 'salary') }),
    { name: 'Ann' },
  ),
  testCase(
    'a refused field is an error by name',
    'person',
    key(1, { selection: select('name', 'salary'), denied: 'refuse' }),
    refused('UNAUTHENTICATED', 'fields salary'),
  ),
  testCase(
    'a refused field is an error in a related list',
    'teams',
    { selection: select('id', related('people', select('salary'))), denied: 'refuse', caller: ann },
    refused('FORBIDDEN', 'fields people.salary'),
  ),
  testCase(
    'a filter by a refused field is refused',
    'people',
    where({ salary: { gt: '15' } }),
    refused('UNAUTHENTICATED', 'where salary'),
  ),
  testCase(
    'a filter by a refused field through a relation is refused',
    'people',
    where({ boss: { salary: { gt: '15' } } }, { caller: ann }),
    refused('FORBIDDEN', 'where boss.salary'),
  ),
  testCase(
    'a negated filter by a refused field is refused',
    'people',
    where({ NOT: { OR: [{ salary: { isNull: true } }] } }),
    refused('UNAUTHENTICATED', 'where NOT.OR.0.salary'),
  ),
  testCase(
    'an order by a refused field is refused',
    'people',
    { list: { orderBy: [{ salary: 'ASC' }] } },
    refused('UNAUTHENTICATED', 'order 0.salary'),
  ),
  testCase(
    'an order by a refused field through a relation is refused',
    'people',
    { list: { orderBy: [{ boss: { salary: 'ASC' } }] } },
    refused('UNAUTHENTICATED', 'order 0.boss.salary'),
  ),
  testCase(
    'an allowed field can be read',
    'people',
    where({ salary: { gt: '15' } }, { caller: boss, selection: select('salary') }),
    page([{ salary: '20' }, { salary: '30' }, { salary: '50' }]),
  ),
  testCase(
    'a unique key of a refused field is refused',
    'personByBadge',
    { key: { badge: 'Ann' }, selection: names },
    refused('UNAUTHENTICATED', 'key badge'),
  ),
  testCase(
    'a unique key of an allowed field can be used',
    'personByBadge',
    { key: { badge: 'Ben' }, selection: names, caller: boss },
    { name: 'Ben' },
  ),
  testCase(
    'a field with an owner policy is null in other rows',
    'people',
    { selection: select('diary'), caller: ann },
    page([{ diary: "ann's diary" }, { diary: null }, { diary: null }, { diary: null }]),
  ),
  testCase(
    'a field with an owner policy is null in related rows',
    'team',
    key(1, { caller: ann, selection: select('name', related('people', select('diary'))) }),
    { name: 'open', people: page([{ diary: "ann's diary" }, { diary: null }]) },
  ),
  testCase(
    'a filter by a field with an owner policy is refused',
    'people',
    where({ diary: { isNull: false } }, { caller: ann }),
    refused('FORBIDDEN', 'where diary'),
  ),
  testCase(
    'an order by a field with an owner policy is refused',
    'people',
    { list: { orderBy: [{ diary: 'ASC' }] }, caller: ann },
    refused('FORBIDDEN', 'order 0.diary'),
  ),
  testCase(
    'a field with an owner policy is refused to a caller without the claim',
    'person',
    key(1, { selection: select('diary'), denied: 'refuse', caller: nobody }),
    refused('FORBIDDEN', 'fields diary'),
  ),
  testCase(
    'a hidden column is unknown',
    'person',
    key(1, { selection: select('password') }),
    refused('BAD_REQUEST', 'fields password'),
  ),
  testCase(
    'a hidden column is unknown in a filter',
    'people',
    where({ password: { eq: 'p' } }),
    refused('VALIDATION_FAILED', 'where password'),
  ),
  testCase(
    "a handler's rows are read under the policy",
    'everybody',
    { selection: names },
    page(named('Ann', 'Cid', 'Dan', 'Eve')),
  ),
  testCase(
    "a handler's rows are in its order",
    'everybody',
    { selection: names, caller: boss },
    page(named('Ann', 'Ben', 'Cid', 'Dan', 'Eve')),
  ),
  testCase(
    "a handler's fields are judged before it runs",
    'raise',
    { input: { id: 1, by: 1 }, selection: select('diary'), denied: 'refuse', caller: boss },
    refused('FORBIDDEN', 'fields diary'),
  ),
]

const writes = [
  testCase(
    'an anonymous caller cannot create a row',
    'createPerson',
    { input: newcomer, selection: names },
    refused('UNAUTHENTICATED'),
  ),
  testCase(
    'a caller without the claim cannot create a row',
    'createPerson',
    { input: newcomer, selection: names, caller: nobody },
    refused('FORBIDDEN'),
  ),
  testCase(
    'one creates oneself',
    'createPerson',
    { input: newcomer, selection: names, caller: ann },
    { name: 'New' },
  ),
  testCase(
    "a caller cannot create another person's row",
    'createPerson',
    { input: { ...newcomer, user: 'ben' }, selection: names, caller: ann },
    refused('FORBIDDEN', 'input user'),
  ),
  testCase(
    'a created row that its creator may not read is answered null',
    'createLetter',
    { input: { id: 1, body: 'x' }, selection: select('body') },
    null,
  ),
  testCase(
    'a foreign key to a hidden row is refused as absent',
    'createPerson',
    { input: { ...newcomer, teamId: 2 }, caller: ann },
    refused('CONFLICT', 'input teamId'),
  ),
  testCase(
    'a foreign key to no row is refused as absent',
    'createPerson',
    { input: { ...newcomer, teamId: 77 }, caller: ann },
    refused('CONFLICT', 'input teamId'),
  ),
  testCase(
    'a foreign key to a hidden row of the same table is refused as absent',
    'createPerson',
    { input: { ...newcomer, bossId: 2 }, caller: ann },
    refused('CONFLICT', 'input bossId'),
  ),
  testCase(
    'staff can set a foreign key to a row that they may read',
    'createPerson',
    { input: { ...newcomer, teamId: 2, bossId: 2 }, selection: names, caller: boss },
    { name: 'New' },
  ),
  testCase(
    'an update to a foreign key of a hidden row is refused',
    'updatePerson',
    change(1, { teamId: 2 }, { caller: ann }),
    refused('CONFLICT', 'input teamId'),
  ),
  testCase(
    'an update keeps a foreign key to a hidden row',
    'updatePerson',
    change(2, { name: 'Bea' }, { caller: ben }),
    { name: 'Bea' },
  ),
  testCase(
    'a field that only staff may write is refused',
    'createPerson',
    { input: { ...newcomer, locked: true }, caller: ann },
    refused('FORBIDDEN', 'input locked'),
  ),
  testCase(
    'a field that only staff may write is refused in an update',
    'updatePerson',
    change(1, { locked: true }, { caller: cid }),
    refused('FORBIDDEN', 'input locked'),
  ),
  testCase(
    'staff can write their field',
    'updatePerson',
    change(1, { locked: true }, { caller: boss, selection: select('locked') }),
    { locked: true },
  ),
  testCase(
    'an anonymous caller cannot update a row',
    'updatePerson',
    change(1, { name: 'X' }),
    refused('UNAUTHENTICATED'),
  ),
  testCase(
    "an update of another's visible row is FORBIDDEN",
    'updatePerson',
    change(4, { name: 'X' }, { caller: ann }),
    refused('FORBIDDEN'),
  ),
  testCase(
    'an update of a locked visible row is FORBIDDEN',
    'updatePerson',
    change(3, { name: 'X' }, { caller: cid }),
    refused('FORBIDDEN'),
  ),
  testCase(
    'an update of a hidden row is NOT_FOUND',
    'updatePerson',
    change(2, { name: 'X' }, { caller: ann }),
    refused('NOT_FOUND'),
  ),
  testCase(
    'an update of an absent row is NOT_FOUND',
    'updatePerson',
    change(99, { name: 'X' }, { caller: ann }),
    refused('NOT_FOUND'),
  ),
  testCase(
    'a caller can update their own row',
    'updatePerson',
    change(1, { name: 'Anna' }, { caller: ann }),
    {
      name: 'Anna',
    },
  ),
  testCase(
    'a caller cannot give their row to another',
    'updatePerson',
    change(1, { user: 'ben' }, { caller: ann }),
    refused('FORBIDDEN'),
  ),
  testCase(
    'a caller can hide their own row',
    'updatePerson',
    change(1, { visible: false }, { caller: ann }),
    {
      name: 'Ann',
    },
  ),
  testCase(
    'a function as a policy can refuse',
    'updateClub',
    change(1, { name: 'X' }, { caller: ben }),
    refused('FORBIDDEN'),
  ),
  testCase(
    'a function as a policy can allow',
    'updateClub',
    change(1, { name: 'go' }, { caller: ann }),
    {
      name: 'go',
    },
  ),
  testCase(
    'an anonymous caller cannot delete a row',
    'deletePerson',
    key(5),
    refused('UNAUTHENTICATED'),
  ),
  testCase(
    "a delete of another's visible row is FORBIDDEN",
    'deletePerson',
    key(4, { caller: ann }),
    refused('FORBIDDEN'),
  ),
  testCase(
    'a delete of a hidden row is NOT_FOUND',
    'deletePerson',
    key(2, { caller: ann }),
    refused('NOT_FOUND'),
  ),
  testCase('a delete answers the deleted row', 'deletePerson', key(4, { caller: boss }), {
    name: 'Dan',
  }),
  testCase(
    'a delete of a row that others refer to is a CONFLICT',
    'deletePerson',
    key(1, { caller: boss }),
    refused('CONFLICT'),
  ),
  testCase(
    "an operation's policy refuses",
    'raise',
    { input: { id: 1, by: 1 }, selection: names, caller: ann },
    refused('FORBIDDEN'),
  ),
  testCase(
    "an operation's policy is checked before its validators",
    'raise',
    { input: { id: 1, by: 0 }, selection: names },
    refused('UNAUTHENTICATED'),
  ),
  testCase(
    "an operation's types are checked before its policy",
    'raise',
    { input: { id: 'x', by: 0 }, selection: names },
    refused('VALIDATION_FAILED', 'input id'),
  ),
  testCase(
    'the policy is checked before validators',
    'createPerson',
    { input: { ...newcomer, salary: '-1' } },
    refused('UNAUTHENTICATED'),
  ),
  testCase(
    'policies of fields are checked before validators',
    'createPerson',
    { input: { ...newcomer, salary: '-1', locked: true }, caller: ann },
    refused('FORBIDDEN', 'input locked'),
  ),
  testCase(
    'types are checked before the policy',
    'createPerson',
    { input: { ...newcomer, salary: -1 } },
    refused('VALIDATION_FAILED', 'input salary'),
  ),
  testCase(
    'validators are checked before the row',
    'updatePerson',
    change(99, { salary: '-1' }, { caller: ann }),
    refused('VALIDATION_FAILED', 'input salary'),
  ),
  testCase(
    'a validator refuses',
    'updatePerson',
    change(1, { salary: '-1' }, { caller: ann }),
    refused('VALIDATION_FAILED', 'input salary'),
  ),
]

eachDatabase((kind, open) => {
  let fixture: Fixture
  beforeAll(async () => {
    fixture = await openFixture(open, tables, peopleDeclaration)
    await fillPeople(fixture)
  })

  test.each(reads)('$name', async (one) => {
    expect(await answerOf(fixture, one)).toEqual(one.answer)
  })

  test.each(writes)('$name', async (one) => {
    await fillPeople(fixture)
    const before = await everything(fixture)
    const answer = await answerOf(fixture, one)
    expect(answer).toEqual(one.answer)
    const isRefused = typeof answer === 'object' && answer !== null && 'code' in answer
    expect((await everything(fixture)) === before, 'a refused write leaves no trace').toBe(
      isRefused || one.operation === 'raise',
    )
  })

  test('a cursor holds nothing of a hidden row', async () => {
    await fillPeople(fixture)
    const { cursors, rows } = await fixture.page('people', {
      list: { orderBy: [{ boss: { name: 'ASC' } }] },
      selection: names,
    })
    expect(rows.map((row) => row['name'])).toEqual(['Dan', 'Ann', 'Cid', 'Eve'])
    expect(
      cursors.map((cursor) => JSON.parse(Buffer.from(cursor, 'base64url').toString()).slice(1)),
    ).toEqual([
      ['Ann', '4'],
      [null, '1'],
      [null, '3'],
      [null, '5'],
    ])
  })

  test('each denied part is named once, at its path', async () => {
    const { denied } = await fixture.page('people', {
      selection: select('name', 'salary', related('notes', select('body'))),
      caller: ann,
    })
    expect(denied).toEqual(['salary', 'notes'])
    expect((await fixture.page('people', { selection: select(), caller: ann })).denied).toEqual([])
  })

  test('a write that the policy refuses for the new row is FORBIDDEN', async () => {
    await fillPeople(fixture)
    const give = { key: { id: 1 }, input: { user: 'ben' }, caller: ann }
    expect((await fixture.problem('updatePerson', give)).message).toBe(
      'This Person would become one that you may not write.',
    )
    expect((await fixture.problem('updatePerson', { ...give, key: { id: 4 } })).message).toBe(
      'You may not write this Person.',
    )
  })

  test('a write that hides the row from its writer is done and answered null', async () => {
    await fillPeople(fixture)
    const toBen = {
      key: { id: 1 },
      input: { user: 'ben', visible: false },
      selection: names,
      caller: boss,
    }
    expect(await fixture.row('updatePerson', toBen)).toEqual({ name: 'Ann' })
    expect(
      await fixture.row('person', { key: { id: 1 }, selection: names, caller: ann }),
    ).toBeNull()
  })

  // One kind of database is enough to show that the tests need the policies.
  if (kind === 'postgres') {
    test.each(policyPlaces)('without the policy %s a test above fails', async (place) => {
      const without = fixtureOf(fixture.database, withoutPolicy(place))
      const failed: string[] = []
      await fillPeople(without)
      for (const one of [...reads, ...writes]) {
        if (writes.includes(one)) await fillPeople(without)
        if (!isDeepStrictEqual(await answerOf(without, one), one.answer)) failed.push(one.name)
      }
      expect(failed).not.toEqual([])
    })
  }
})

const everything = async ({ sql }: Fixture): Promise<string> =>
  JSON.stringify(
    await sql(
      `select ${Object.keys(tables)
        .map((table) => `(select json_agg(t order by t::text) from ${table} t)`)
        .join()}`,
    ),
  )
