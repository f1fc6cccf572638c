// Policies: what is hidden cannot be reached by any path, what is refused is refused by the right code; and each policy is needed.
import { beforeAll, expect, test } from 'vitest'
import { Problem } from '../../src/errors.ts'
import { eachDatabase } from '../support/databases.ts'
import {
  ann,
  ben,
  boss,
  cid,
  fillGuarded,
  guarded,
  nobody,
  policyPlaces,
  tables,
  withoutPolicy,
} from './guarded.ts'
import { type Ask, openWorld, related, see, type World, worldOf } from './support.ts'

interface Probe {
  readonly name: string
  readonly operation: string
  readonly ask: Ask
  /** What is answered, as compact text: rows by `;`, or the problem's code with the paths of its issues. */
  readonly answer: string
}
const probe = (name: string, operation: string, ask: Ask, answer: string): Probe => ({
  name,
  operation,
  ask,
  answer,
})

const names = see('name')
const where = (filter: unknown, more: Ask = {}): Ask => ({
  list: { where: filter },
  see: names,
  ...more,
})
const key = (id: number, more: Ask = {}): Ask => ({ key: { id }, see: names, ...more })
const change = (id: number, input: object, more: Ask = {}): Ask => key(id, { input, ...more })
const newcomer = { id: 9, name: 'New', email: 'new@x', user: 'ann' }

const reads = [
  probe('a hidden row is not got', 'person', key(2), 'null'),
  probe('a hidden row is got by its owner', 'person', key(2, { caller: ben }), 'Ben'),
  probe('a hidden row is not got by another', 'person', key(2, { caller: ann }), 'null'),
  probe('a hidden row is got by staff', 'person', key(2, { caller: boss }), 'Ben'),
  probe(
    'a hidden row is not got by a unique key',
    'personByEmail',
    { key: { email: 'ben@x' }, see: names },
    'null',
  ),
  probe(
    'a hidden row is in no list',
    'people',
    { see: names, total: true },
    'Ann;Cid;Dan;Eve of 4',
  ),
  probe(
    'a hidden row counts for staff',
    'people',
    { see: names, total: true, caller: boss },
    'Ann;Ben;Cid;Dan;Eve of 5',
  ),
  probe(
    'an absent claim owns nothing',
    'people',
    { see: names, caller: nobody },
    'Ann;Cid;Dan;Eve',
  ),
  probe('a hidden row is not counted alone', 'people', { rows: false, total: true }, ' of 4'),
  probe('a hidden row answers no filter', 'people', where({ name: { eq: 'Ben' } }), ''),
  probe(
    'a hidden row is not found by its relation',
    'people',
    where({ boss: { name: { eq: 'Ben' } } }),
    '',
  ),
  probe(
    "a hidden row is nobody's boss",
    'people',
    where({ NOT: { boss: { id: { gt: 0 } } } }),
    'Ann;Cid;Eve',
  ),
  probe(
    'some finds no hidden row',
    'teams',
    where({ people: { some: { name: { eq: 'Ben' } } } }),
    '',
  ),
  probe(
    'none finds no hidden row',
    'teams',
    where({ people: { none: { name: { eq: 'Ben' } } } }),
    'open',
  ),
  probe(
    'every is true of what is hidden',
    'teams',
    where({ people: { every: { name: { ne: 'Ben' } } } }),
    'open',
  ),
  probe(
    'a count is of rows that one sees',
    'teams',
    where({ people: { count: { eq: 2 } } }),
    'open',
  ),
  probe(
    'a count is of all rows for staff',
    'teams',
    where({ people: { count: { eq: 3 } } }, { caller: boss }),
    'open',
  ),
  probe(
    'a count passes a junction under its policy',
    'people',
    where({ clubs: { count: { gte: 2 } } }),
    '',
  ),
  probe(
    'a count passes a junction freely for staff',
    'people',
    where({ clubs: { count: { gte: 2 } } }, { caller: boss }),
    'Eve',
  ),
  probe(
    'a relation that says no is not counted',
    'people',
    where({ notes: { count: { gte: 0 } } }),
    'UNAUTHENTICATED where notes',
  ),
  probe(
    'a count of what one sees gives the order',
    'people',
    { list: { orderBy: [{ clubs: { count: 'DESC' } }, { name: 'DESC' }] }, see: names },
    'Eve;Ann;Dan;Cid',
  ),
  probe(
    'a count of all gives the order for staff',
    'people',
    {
      list: { orderBy: [{ clubs: { count: 'DESC' } }, { name: 'DESC' }] },
      see: names,
      caller: boss,
    },
    'Eve;Cid;Ben;Ann;Dan',
  ),
  probe(
    'a relation that says no gives no order',
    'people',
    { list: { orderBy: [{ notes: { count: 'ASC' } }] }, caller: ann },
    'FORBIDDEN order 0.notes',
  ),
  probe(
    'a relation that says no gives no order through',
    'people',
    { list: { orderBy: [{ boss: { notes: { count: 'ASC' } } }] } },
    'UNAUTHENTICATED order 0.boss.notes',
  ),
  probe(
    'a filter in a filter finds no hidden row',
    'people',
    where({ boss: { staff: { some: { name: { eq: 'Ben' } } } } }),
    '',
  ),
  probe(
    'a hidden row gives no order',
    'people',
    { list: { orderBy: [{ boss: { name: 'ASC' } }] }, see: names },
    'Dan;Ann;Cid;Eve',
  ),
  probe(
    'a hidden row is null where it is related',
    'person',
    key(3, { see: see('name', related('boss', names)) }),
    'Cid(boss null)',
  ),
  probe(
    'a hidden row is in no related list',
    'team',
    key(1, { see: see('name', related('people', names, {}, { total: true })) }),
    'open(people Ann;Cid of 2)',
  ),
  probe(
    'a hidden row is in no list of a list',
    'people',
    where(
      { id: { eq: 1 } },
      { see: see('name', related('staff', names, { first: 1, offset: 0 }, { total: true })) },
    ),
    'Ann(staff Dan of 1)',
  ),
  probe(
    'a closed team is null',
    'person',
    key(4, { see: see('name', related('team', names)) }),
    'Dan(team null)',
  ),
  probe(
    'a closed team is not found through',
    'people',
    where({ team: { open: { eq: false } } }),
    '',
  ),
  probe('a closed team is not got', 'team', key(2), 'null'),
  probe(
    'a secret membership ties nobody',
    'person',
    key(5, { see: see('name', related('clubs', names, {}, { total: true })) }),
    'Eve(clubs chess of 1)',
  ),
  probe(
    'a secret membership ties for staff',
    'person',
    key(5, { caller: boss, see: see('name', related('clubs', names)) }),
    'Eve(clubs chess;spies)',
  ),
  probe(
    'a hidden member is no member',
    'club',
    key(1, { see: see('name', related('members', names)) }),
    'chess(members Ann;Eve)',
  ),
  probe(
    'a secret membership is not found through',
    'people',
    where({ clubs: { some: { name: { eq: 'spies' } } } }),
    '',
  ),
  probe(
    'a junction hides its rows',
    'memberships',
    { see: see('personId'), list: { orderBy: [{ personId: 'ASC' }] } },
    '1;2;5',
  ),
  probe(
    'a relation that says no is left out',
    'person',
    key(1, { see: see('name', related('notes', see('body'))) }),
    'Ann',
  ),
  probe(
    'a relation that says no is refused by name',
    'person',
    key(1, { denied: 'refuse', see: see('name', related('notes', see('body'))) }),
    'UNAUTHENTICATED fields notes',
  ),
  probe(
    'a relation that says no is refused in a filter',
    'people',
    where({ notes: { some: {} } }),
    'UNAUTHENTICATED where notes',
  ),
  probe(
    'a relation that says no is refused to the signed in',
    'people',
    where({ notes: { none: {} } }, { caller: ann }),
    'FORBIDDEN where notes',
  ),
  probe('a resource that says no is refused', 'notes', {}, 'UNAUTHENTICATED'),
  probe(
    'a resource that says no is refused by key',
    'note',
    { key: { id: 1 }, caller: ann },
    'FORBIDDEN',
  ),
  probe(
    'a resource that says yes is read',
    'notes',
    { caller: boss, see: see('body') },
    'good;bad',
  ),
  probe(
    'a field that says no is left out by default',
    'person',
    key(1, { see: see() }),
    '1;Ann;ann@x;ann;true;false;1;null',
  ),
  probe(
    'a field that says no is null by name',
    'person',
    key(1, { see: see('name', 'salary') }),
    'Ann',
  ),
  probe(
    'a field that says no is refused by name',
    'person',
    key(1, { see: see('name', 'salary'), denied: 'refuse' }),
    'UNAUTHENTICATED fields salary',
  ),
  probe(
    'a field that says no is refused in a list of a list',
    'teams',
    { see: see('id', related('people', see('salary'))), denied: 'refuse', caller: ann },
    'FORBIDDEN fields people.salary',
  ),
  probe(
    'a field that says no is in no filter',
    'people',
    where({ salary: { gt: '15' } }),
    'UNAUTHENTICATED where salary',
  ),
  probe(
    'a field that says no is in no filter through',
    'people',
    where({ boss: { salary: { gt: '15' } } }, { caller: ann }),
    'FORBIDDEN where boss.salary',
  ),
  probe(
    'a field that says no is in no filter of a negation',
    'people',
    where({ NOT: { OR: [{ salary: { isNull: true } }] } }),
    'UNAUTHENTICATED where NOT.OR.0.salary',
  ),
  probe(
    'a field that says no gives no order',
    'people',
    { list: { orderBy: [{ salary: 'ASC' }] } },
    'UNAUTHENTICATED order 0.salary',
  ),
  probe(
    'a field that says no gives no order through',
    'people',
    { list: { orderBy: [{ boss: { salary: 'ASC' } }] } },
    'UNAUTHENTICATED order 0.boss.salary',
  ),
  probe(
    'a field that says yes is read',
    'people',
    where({ salary: { gt: '15' } }, { caller: boss, see: see('salary') }),
    '20;30;50',
  ),
  probe(
    'a field that says no is no key',
    'personByBadge',
    { key: { badge: 'Ann' }, see: names },
    'UNAUTHENTICATED key badge',
  ),
  probe(
    'a field that says yes is a key',
    'personByBadge',
    { key: { badge: 'Ben' }, see: names, caller: boss },
    'Ben',
  ),
  probe(
    "a field of one's own is null in other rows",
    'people',
    { see: see('diary'), caller: ann },
    "ann's diary;null;null;null",
  ),
  probe(
    "a field of one's own is null in related rows",
    'team',
    key(1, { caller: ann, see: see('name', related('people', see('diary'))) }),
    "open(people ann's diary;null)",
  ),
  probe(
    "a field of one's own is in no filter",
    'people',
    where({ diary: { isNull: false } }, { caller: ann }),
    'FORBIDDEN where diary',
  ),
  probe(
    "a field of one's own gives no order",
    'people',
    { list: { orderBy: [{ diary: 'ASC' }] }, caller: ann },
    'FORBIDDEN order 0.diary',
  ),
  probe(
    "a field of one's own says no to who has no claim",
    'person',
    key(1, { see: see('diary'), denied: 'refuse', caller: nobody }),
    'FORBIDDEN fields diary',
  ),
  probe(
    'a hidden column is not there',
    'person',
    key(1, { see: see('password') }),
    'BAD_REQUEST fields password',
  ),
  probe(
    'a hidden column is in no filter',
    'people',
    where({ password: { eq: 'p' } }),
    'VALIDATION_FAILED where password',
  ),
  probe(
    "a handler's rows are read under the policy",
    'everybody',
    { see: names },
    'Ann;Cid;Dan;Eve',
  ),
  probe(
    "a handler's rows are in its order",
    'everybody',
    { see: names, caller: boss },
    'Ann;Ben;Cid;Dan;Eve',
  ),
  probe(
    "a handler's fields are judged before it runs",
    'raise',
    { input: { id: 1, by: 1 }, see: see('diary'), denied: 'refuse', caller: boss },
    'FORBIDDEN fields diary',
  ),
]

const writes = [
  probe(
    'the anonymous create nobody',
    'createPerson',
    { input: newcomer, see: names },
    'UNAUTHENTICATED',
  ),
  probe(
    'who has no claim creates nobody',
    'createPerson',
    { input: newcomer, see: names, caller: nobody },
    'FORBIDDEN',
  ),
  probe('one creates oneself', 'createPerson', { input: newcomer, see: names, caller: ann }, 'New'),
  probe(
    'one does not create another',
    'createPerson',
    { input: { ...newcomer, user: 'ben' }, see: names, caller: ann },
    'FORBIDDEN input user',
  ),
  probe(
    'a created row that is hidden from its maker is answered null',
    'createLetter',
    { input: { id: 1, body: 'x' }, see: see('body') },
    'null',
  ),
  probe(
    'a foreign key to a hidden row leads nowhere',
    'createPerson',
    { input: { ...newcomer, teamId: 2 }, caller: ann },
    'CONFLICT input teamId',
  ),
  probe(
    'a foreign key to no row leads nowhere',
    'createPerson',
    { input: { ...newcomer, teamId: 77 }, caller: ann },
    'CONFLICT input teamId',
  ),
  probe(
    'a foreign key to a hidden row of the same table leads nowhere',
    'createPerson',
    { input: { ...newcomer, bossId: 2 }, caller: ann },
    'CONFLICT input bossId',
  ),
  probe(
    'a foreign key to what staff see is theirs to set',
    'createPerson',
    { input: { ...newcomer, teamId: 2, bossId: 2 }, see: names, caller: boss },
    'New',
  ),
  probe(
    'a foreign key to a hidden row is not changed to',
    'updatePerson',
    change(1, { teamId: 2 }, { caller: ann }),
    'CONFLICT input teamId',
  ),
  probe(
    'a foreign key that one may not see is left alone',
    'updatePerson',
    change(2, { name: 'Bea' }, { caller: ben }),
    'Bea',
  ),
  probe(
    'a field that only staff write is refused',
    'createPerson',
    { input: { ...newcomer, locked: true }, caller: ann },
    'FORBIDDEN input locked',
  ),
  probe(
    'a field that only staff write is refused to the anonymous',
    'updatePerson',
    change(1, { locked: true }, { caller: cid }),
    'FORBIDDEN input locked',
  ),
  probe(
    'a field that staff write is written',
    'updatePerson',
    change(1, { locked: true }, { caller: boss, see: see('locked') }),
    'true',
  ),
  probe('the anonymous change nobody', 'updatePerson', change(1, { name: 'X' }), 'UNAUTHENTICATED'),
  probe(
    "a visible row that is not one's own is forbidden",
    'updatePerson',
    change(4, { name: 'X' }, { caller: ann }),
    'FORBIDDEN',
  ),
  probe(
    'a visible row that is locked is forbidden',
    'updatePerson',
    change(3, { name: 'X' }, { caller: cid }),
    'FORBIDDEN',
  ),
  probe(
    'a hidden row is absent',
    'updatePerson',
    change(2, { name: 'X' }, { caller: ann }),
    'NOT_FOUND',
  ),
  probe(
    'an absent row is absent',
    'updatePerson',
    change(99, { name: 'X' }, { caller: ann }),
    'NOT_FOUND',
  ),
  probe(
    'one changes oneself',
    'updatePerson',
    change(1, { name: 'Anna' }, { caller: ann }),
    'Anna',
  ),
  probe(
    'one does not give oneself away',
    'updatePerson',
    change(1, { user: 'ben' }, { caller: ann }),
    'FORBIDDEN',
  ),
  probe(
    'one may hide oneself',
    'updatePerson',
    change(1, { visible: false }, { caller: ann }),
    'Ann',
  ),
  probe(
    'a policy in code says no',
    'updateClub',
    change(1, { name: 'X' }, { caller: ben }),
    'FORBIDDEN',
  ),
  probe(
    'a policy in code says yes',
    'updateClub',
    change(1, { name: 'go' }, { caller: ann }),
    'go',
  ),
  probe('the anonymous delete nobody', 'deletePerson', key(5), 'UNAUTHENTICATED'),
  probe(
    "a visible row is not another's to delete",
    'deletePerson',
    key(4, { caller: ann }),
    'FORBIDDEN',
  ),
  probe(
    'a hidden row is not there to delete',
    'deletePerson',
    key(2, { caller: ann }),
    'NOT_FOUND',
  ),
  probe('a deleted row is answered as it was', 'deletePerson', key(4, { caller: boss }), 'Dan'),
  probe('a row that others refer to stays', 'deletePerson', key(1, { caller: boss }), 'CONFLICT'),
  probe(
    'an operation says no',
    'raise',
    { input: { id: 1, by: 1 }, see: names, caller: ann },
    'FORBIDDEN',
  ),
  probe(
    'an operation says no before its validators',
    'raise',
    { input: { id: 1, by: 0 }, see: names },
    'UNAUTHENTICATED',
  ),
  probe(
    'an operation says no after its types',
    'raise',
    { input: { id: 'x', by: 0 }, see: names },
    'VALIDATION_FAILED input id',
  ),
  probe(
    'validators come after access',
    'createPerson',
    { input: { ...newcomer, salary: '-1' } },
    'UNAUTHENTICATED',
  ),
  probe(
    'validators come after access to fields',
    'createPerson',
    { input: { ...newcomer, salary: '-1', locked: true }, caller: ann },
    'FORBIDDEN input locked',
  ),
  probe(
    'types come before access',
    'createPerson',
    { input: { ...newcomer, salary: -1 } },
    'VALIDATION_FAILED input salary',
  ),
  probe(
    'validators come before the row',
    'updatePerson',
    change(99, { salary: '-1' }, { caller: ann }),
    'VALIDATION_FAILED input salary',
  ),
  probe(
    'a validator says no',
    'updatePerson',
    change(1, { salary: '-1' }, { caller: ann }),
    'VALIDATION_FAILED input salary',
  ),
]

async function answerOf(world: World, { operation, ask }: Probe): Promise<string> {
  try {
    const standard = world.model.operations.find((one) => one.name === operation)?.standard
    if (standard === 'list') return textOf(await world.page(operation, ask))
    return operation === 'everybody'
      ? textOf({ rows: await world.value(operation, ask), total: null })
      : textOf(await world.row(operation, ask))
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return [error.code, ...error.issues.map((issue) => `${issue.in} ${issue.path.join('.')}`)].join(
      ' ',
    )
  }
}

/** `Ann(boss null)`, `Ann;Cid of 2`. */
function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  if ('rows' in value && 'total' in value)
    return (
      (value.rows as unknown[]).map(textOf).join(';') +
      (value.total === null ? '' : ` of ${value.total as number}`)
    )
  const members = Object.entries(value)
  const isRelation = ([name]: readonly [string, unknown]) =>
    ['boss', 'team', 'people', 'staff', 'clubs', 'members', 'notes'].includes(name)
  const inner = members.filter(isRelation).map(([name, one]) => `(${name} ${textOf(one)})`)
  return (
    members
      .filter((member) => !isRelation(member))
      .map(([, one]) => textOf(one))
      .join(';') + inner.join('')
  )
}

eachDatabase((kind, open) => {
  let world: World
  beforeAll(async () => {
    world = await openWorld(open, tables, guarded)
    await fillGuarded(world)
  })

  test.each(reads)('$name', async (one) => {
    expect(await answerOf(world, one)).toBe(one.answer)
  })

  test.each(writes)('$name', async (one) => {
    await fillGuarded(world)
    const before = await everything(world)
    const answer = await answerOf(world, one)
    expect(answer).toBe(one.answer)
    const isRefused = /^[A-Z_]{8,}/.test(answer)
    expect((await everything(world)) === before, 'a refused write leaves no trace').toBe(
      isRefused || one.operation === 'raise',
    )
  })

  test('a cursor holds nothing of a hidden row', async () => {
    await fillGuarded(world)
    const { cursors, rows } = await world.page('people', {
      list: { orderBy: [{ boss: { name: 'ASC' } }] },
      see: names,
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
    const page = await world.page('people', {
      see: see('name', 'salary', related('notes', see('body'))),
      caller: ann,
    })
    expect(page.denied).toEqual(['salary', 'notes'])
    expect((await world.page('people', { see: see(), caller: ann })).denied).toEqual([])
  })

  test('a write that the policy refuses for the new row is FORBIDDEN', async () => {
    await fillGuarded(world)
    const give = { key: { id: 1 }, input: { user: 'ben' }, caller: ann }
    expect((await world.problem('updatePerson', give)).message).toBe(
      'This Person would become one that you may not write.',
    )
    expect((await world.problem('updatePerson', { ...give, key: { id: 4 } })).message).toBe(
      'You may not write this Person.',
    )
  })

  test('a write that hides the row from its writer is done and answered null', async () => {
    await fillGuarded(world)
    const toBen = {
      key: { id: 1 },
      input: { user: 'ben', visible: false },
      see: names,
      caller: boss,
    }
    expect(await world.row('updatePerson', toBen)).toEqual({ name: 'Ann' })
    expect(await world.row('person', { key: { id: 1 }, see: names, caller: ann })).toBeNull()
  })

  // One kind of database is enough to show that the tests need the policies.
  if (kind === 'postgres') {
    test.each(policyPlaces)('without the policy %s a test above fails', async (place) => {
      const without = worldOf(world.database, withoutPolicy(place))
      const failed: string[] = []
      await fillGuarded(without)
      for (const one of [...reads, ...writes]) {
        if (writes.includes(one)) await fillGuarded(without)
        if ((await answerOf(without, one)) !== one.answer) failed.push(one.name)
      }
      expect(failed).not.toEqual([])
    })
  }
})

const everything = async ({ sql }: World): Promise<string> =>
  JSON.stringify(
    await sql(
      `select ${Object.keys(tables)
        .map((table) => `(select json_agg(t order by t::text) from ${table} t)`)
        .join()}`,
    ),
  )
