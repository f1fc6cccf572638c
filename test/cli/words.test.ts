// Names of a database become names in TypeScript, of files and on the wire.
import { describe, expect, it } from 'vitest'
import { openNames, joinCamel, toPlural, toSingular, toWords } from '../../src/cli/project/words.ts'

describe('names from a database', () => {
  it.each([
    ['support_rep_id', 'supportRepId'],
    ['SupportRepID', 'supportRepId'],
    ['HTTPServer', 'httpServer'],
    ['Mixed Case!', 'mixedCase'],
    ['2nd', '_2nd'],
    ['größe', 'grosse'],
    ['naïve_café', 'naiveCafe'],
    ['__typename', 'typename'],
    ['数量', 'unnamed'],
    ['line1_total', 'line1Total'],
  ])('%s is %s', (name, expected) => {
    expect(joinCamel(toWords(name))).toBe(expected)
  })

  it.each([
    ['artist', 'artist', 'artists'],
    ['media_type', 'mediaType', 'mediaTypes'],
    ['playlist_track', 'playlistTrack', 'playlistTracks'],
    ['people', 'person', 'people'],
    ['statuses', 'status', 'statuses'],
    ['order_status', 'orderStatus', 'orderStatuses'],
    ['categories', 'category', 'categories'],
    ['hero', 'hero', 'heroes'],
    ['axis', 'axis', 'axes'],
    ['schemas', 'schema', 'schemas'],
    ['news', 'news', 'news'],
    ['price_bases', 'priceBasis', 'priceBases'],
    ['slices', 'slice', 'slices'],
    ['addresses', 'address', 'addresses'],
  ])('%s has the singular %s and the plural %s', (name, one, many) => {
    const singular = toSingular(toWords(name))
    expect([joinCamel(singular), joinCamel(toPlural(singular))]).toEqual([one, many])
  })

  it('gives each name once', () => {
    const names = openNames(['taken'])
    expect([
      names.take('taken', 'other'),
      names.take('taken', 'other'),
      names.take('taken', 'other'),
      names.take('free'),
    ]).toEqual(['other', 'other2', 'other3', 'free'])
  })
})
