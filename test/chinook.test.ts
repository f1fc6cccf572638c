// Chinook, a public sample database: `init --from` writes a project that serves all of it on both faces, unedited.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  askGraphql,
  askRest,
  bifrons,
  linkPackages,
  makeFolder,
  root,
  type RunningCli,
  startBifrons,
  typeCheck,
} from './cli/cli.ts'
import { administer, createDatabase } from './support/databases.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 }) // processes of their own, and the compiler, on a busy machine

const file = join(root, '../shared/data/chinook.sql')
const isThere = existsSync(file)
const mustRun = isThere || process.env['CI'] === 'true'
if (!mustRun)
  process.stderr.write('Chinook is not tested: ../shared/data/chinook.sql is not there.\n')

/** Rows of each list, as the file has them. */
const counts = {
  albums: 347,
  artists: 275,
  customers: 59,
  employees: 8,
  genres: 25,
  invoiceLines: 2240,
  invoices: 412,
  mediaTypes: 5,
  playlistTracks: 8715,
  playlists: 18,
  tracks: 3503,
}

describe.skipIf(!mustRun)('Chinook, from its database to both faces', () => {
  const cleanUps: (() => Promise<unknown>)[] = []
  afterAll(async () => {
    for (const cleanUp of cleanUps.toReversed()) await cleanUp()
  })
  const folder = makeFolder((cleanUp) => cleanUps.push(cleanUp))
  const project = join(folder, 'chinook')
  let made: ReturnType<typeof bifrons>
  let cli: RunningCli
  let url = ''
  let databaseUrl = ''
  beforeAll(async () => {
    const { url: original, drop } = await createDatabase('postgres')
    databaseUrl = original
    cleanUps.push(drop)
    await administer(
      readFileSync(file, 'utf8').replaceAll(/^(DROP DATABASE|CREATE DATABASE|\\c).*$/gm, ''),
      databaseUrl,
    )
    made = bifrons(['init', 'chinook', '--from', databaseUrl, '--access', 'all'], { cwd: folder })
    linkPackages(project)
    cli = startBifrons(['dev', '--no-reload', '--port', '0'], {
      cwd: project,
      env: { RATE_LIMIT_MAX: '0' },
    })
    cleanUps.push(() => cli.stop())
    url = await cli.waitFor(/GraphQL +(http\S+)\/graphql/)
  })

  it('is written completely', () => {
    expect(made).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('A project over 11 tables is in chinook'),
    })
    expect(made.stdout).not.toContain('note:')
  })

  it('compiles', () => {
    expect(typeCheck(project)).toBe('')
  })

  it('has the names that a person would choose', () => {
    const relations = readFileSync(join(project, 'relations.ts'), 'utf8')
    const names = [...relations.matchAll(/^ {4}(\w+): r[.](one|many)[.](\w+)/gm)].map(
      ([, name, kind, target]) => `${name} ${kind} ${target}`,
    )
    expect(names).toEqual([
      'artist one artists',
      'tracks many tracks', // albums
      'albums many albums', // artists
      'supportRep one employees',
      'invoices many invoices', // customers
      'reportsToEmployee one employees',
      'customers many customers',
      'employeesByReportsTo many employees', // employees
      'tracks many tracks', // genres
      'customer one customers',
      'invoiceLines many invoiceLines', // invoices
      'invoice one invoices',
      'track one tracks', // invoice lines
      'tracks many tracks', // media types
      'playlistTracks many playlistTracks',
      'tracks many tracks', // playlists
      'playlist one playlists',
      'track one tracks', // playlist tracks
      'album one albums',
      'mediaType one mediaTypes',
      'genre one genres',
      'invoiceLines many invoiceLines',
      'playlistTracks many playlistTracks',
      'playlists many playlists', // tracks
    ])
    expect(relations).toContain(
      'customer: r.one.customers({ from: r.invoices.customerId, to: r.customers.customerId, optional: false })',
    )
    expect(relations).toContain(
      'album: r.one.albums({ from: r.tracks.albumId, to: r.albums.albumId })',
    )
  })

  it.each(Object.entries(counts))('serves %s, %i rows, on both faces', async (name, count) => {
    const path = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    const rest = (await askRest(url, `/${path}?count=exact&limit=100`)) as {
      data: readonly Record<string, unknown>[]
      page: { total: number }
    }
    expect(rest.page.total).toBe(count)
    const fields = Object.keys(rest.data[0] ?? {}).join(' ')
    expect(
      await askGraphql(url, `{ ${name}(first: 100) { totalCount nodes { ${fields} } } }`),
    ).toEqual({
      data: { [name]: { totalCount: count, nodes: rest.data } },
      extensions: expect.any(Object),
    })
  })

  it('follows relations through a junction and back to the same table, the same on both faces', async () => {
    const graphql = await askGraphql(
      url,
      `{
      playlists(first: 1, where: { name: { eq: "Grunge" } }) { nodes { tracks(first: 2, orderBy: [{ name: ASC }]) { nodes { name album { title artist { name } } } } } }
      employees(where: { reportsToEmployee: { lastName: { eq: "Adams" } } }) { nodes { lastName reportsToEmployee { lastName } } }
    }`,
    )
    expect(graphql).toMatchObject({
      data: {
        playlists: {
          nodes: [
            {
              tracks: {
                nodes: [
                  { name: 'Alive', album: { title: 'Ten', artist: { name: 'Pearl Jam' } } },
                  {
                    name: 'Black Hole Sun',
                    album: { title: 'A-Sides', artist: { name: 'Soundgarden' } },
                  },
                ],
              },
            },
          ],
        },
        employees: {
          nodes: [
            { lastName: 'Edwards', reportsToEmployee: { lastName: 'Adams' } },
            { lastName: 'Mitchell', reportsToEmployee: { lastName: 'Adams' } },
          ],
        },
      },
    })
    const query =
      'name=Grunge&fields=playlistId&include=tracks&tracks.limit=2&tracks.sort=name&tracks.fields=name,album.title,album.artist.name'
    expect(await askRest(url, `/playlists?${query}`)).toMatchObject({
      data: [
        {
          tracks: {
            data: [
              { name: 'Alive', album: { title: 'Ten', artist: { name: 'Pearl Jam' } } },
              {
                name: 'Black Hole Sun',
                album: { title: 'A-Sides', artist: { name: 'Soundgarden' } },
              },
            ],
          },
        },
      ],
    })
  })

  it('writes through either face', async () => {
    const headers = { 'content-type': 'application/json' }
    const created = (await askRest(url, '/artists', {
      method: 'POST',
      headers,
      body: JSON.stringify({ name: 'Nobody Yet' }),
    })) as { artistId: number }
    expect(
      await askGraphql(
        url,
        `{ artist(artistId: ${created.artistId}) { name albums { nodes { title } } } }`,
      ),
    ).toEqual({
      data: { artist: { name: 'Nobody Yet', albums: { nodes: [] } } },
      extensions: expect.any(Object),
    })
    expect(
      await askGraphql(url, `mutation { deleteArtist(artistId: ${created.artistId}) { name } }`),
    ).toEqual({ data: { deleteArtist: { name: 'Nobody Yet' } }, extensions: expect.any(Object) })
    expect(await askRest(url, `/artists/${created.artistId}`)).toMatchObject({ code: 'NOT_FOUND' })
    expect(await askRest(url, '/artists/1', { method: 'DELETE' })).toMatchObject({
      code: 'CONFLICT',
    })
  })

  it('answers random requests alike on both faces', { timeout: 180_000 }, async () => {
    await cli.stop() // a database can be copied only without other connections
    const { code, stdout } = bifrons(
      ['parity', '--database', databaseUrl, '--copy', '--runs', '200', '--seed', '2026'],
      { cwd: project },
    )
    expect(stdout).toContain('No difference between the faces.')
    expect(stdout).toMatch(/^200 pairs of requests, .* [1-9]\d wrote something,/m)
    expect(code).toBe(0)
  })
})
