// Who may import whom: the direction of the folders, and which packages belong to which folder.

// One rank list; a folder may import only from folders of earlier ranks.
const ranks = [
  ['schema'],
  ['db'],
  ['engine'],
  ['graphql', 'rest'],
  ['server'],
  ['parity'],
  ['testing'],
  ['cli'],
]

const upward = ranks.flatMap((group, i) =>
  group.map((name) => ({
    name: `${name}-imports-only-leftward`,
    severity: 'error',
    from: { path: `^src/${name}/` },
    to: {
      path: [
        '^src/index[.]ts$',
        ...[...ranks.slice(i + 1).flat(), ...group.filter((other) => other !== name)].map(
          (other) => `^src/${other}/`,
        ),
      ],
    },
  })),
)

// The rooms of each floor, in the order of a request. A room may import only from earlier ones of its floor; rooms of one rank do not know each other.
const rooms = {
  schema: [['values/'], ['declare/'], ['model/'], ['inputs/'], ['build/']],
  db: [
    ['database.ts', 'raw-rows.ts', 'sqlstate.ts', 'server-check.ts'],
    ['drizzle/'],
    ['catalog/', 'plan/', 'store/', 'run/'],
    ['connect/'],
    ['open.ts'],
  ],
  engine: [
    [
      'request.ts',
      'observer.ts',
      'cursor.ts',
      'value-codec.ts',
      'measures.ts',
      'row-version.ts',
      'selection-lists.ts',
      'unsupported-headers.ts',
    ],
    ['parse/'],
    ['authorize/'],
    ['names/'],
    ['engine.ts', 'charge/'],
    ['prepare-request.ts', 'rehearsal.ts'],
    ['diagnose/'],
    ['render/'],
    ['result.ts'],
    ['read/'],
    ['write/'],
    ['execute.ts'],
  ],
  graphql: [
    ['errors.ts'],
    ['http/', 'request/'],
    ['schema/'],
    ['document/'],
    ['execute/'],
    ['charge/'],
    ['execute-request.ts'],
    ['plugin.ts'],
  ],
  rest: [
    ['errors.ts'],
    ['request/'],
    ['response/'],
    ['openapi/'],
    ['routes/'],
    ['judge.ts'],
    ['plugin.ts'],
  ],
  parity: [
    [
      'objects.ts',
      'operations.ts',
      'request.ts',
      'stored-tables.ts',
      'rewindable-database.ts',
      'gateway.ts',
    ],
    ['generate/'],
    ['send/'],
    ['compare/'],
    ['run-pair.ts'],
    ['report.ts'],
    ['check-parity.ts'],
  ],
}

const asPath = (floor, room) => `^src/${floor}/${room.replace('.', '[.]')}`

const backward = Object.entries(rooms).flatMap(([floor, order]) =>
  order.flatMap((rank, i) =>
    rank.flatMap((room) => {
      const closed = [
        ...order.slice(i + 1).flat(),
        ...rank.filter((other) => room.endsWith('/') && other !== room),
      ]
      if (closed.length === 0) return []
      return [
        {
          name: `${floor}/${room}-imports-only-earlier-rooms`,
          severity: 'error',
          from: { path: asPath(floor, room) },
          to: { path: closed.map((other) => asPath(floor, other)) },
        },
      ]
    }),
  ),
)

// A room that has no rank could import from anywhere on its floor.
const unranked = Object.entries(rooms).map(([floor, order]) => ({
  name: `${floor}-has-no-unranked-room`,
  severity: 'error',
  from: { path: `^src/${floor}/`, pathNot: order.flat().map((room) => asPath(floor, room)) },
  to: {},
}))

const only = (name, packages, allowed) => ({
  name,
  severity: 'error',
  from: { path: '^src/', pathNot: allowed },
  to: { path: packages },
})

export default {
  forbidden: [
    ...upward,
    ...backward,
    ...unranked,
    only('storage-only-in-db', 'node_modules/(pg|pg-[^/]+|@electric-sql)/', '^src/db/'),
    // schema/ reads a table's columns and keys through two of Drizzle's entries; of what runs queries it knows types only.
    only('drizzle-only-in-db-and-schema', 'node_modules/drizzle-orm/', '^src/(db|schema)/'),
    {
      name: 'schema-reads-tables-only',
      severity: 'error',
      from: { path: '^src/schema/' },
      to: {
        path: 'node_modules/drizzle-orm/',
        pathNot: 'node_modules/drizzle-orm/(index|pg-core)[./]',
        dependencyTypesNot: ['type-only'],
      },
    },
    only('graphql-only-in-graphql', 'node_modules/(@pothos|mercurius|graphql)/', '^src/graphql/'),
    only('server-packages-only-in-server', 'node_modules/@fastify/', '^src/(server|rest|graphql)/'),
    {
      name: 'faces-never-touch-storage',
      severity: 'error',
      from: { path: '^src/(graphql|rest)/' },
      to: { path: '^src/db/|node_modules/drizzle-orm' },
    },
    {
      name: 'app-uses-public-api-only',
      severity: 'error',
      from: { path: '^(app|examples)/' },
      to: { path: '^src/', pathNot: ['^src/index[.]ts$', '^src/testing/index[.]ts$'] },
    },
    {
      name: 'src-never-imports-outside',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(app|examples|test|bench|scripts)/' },
    },
    {
      name: 'leaf-errors',
      severity: 'error',
      from: { path: '^src/errors[.]ts$' },
      to: { path: '^src/' },
    },
    {
      name: 'leaf-bounded-map',
      severity: 'error',
      from: { path: '^src/(bounded-map|cache-budget|defined)[.]ts$' },
      to: { pathNot: '^src/cache-budget[.]ts$' },
    },
    // The one reader of JSON text, the one negotiation of Accept and the one body of errors: importable by all.
    {
      name: 'leaf-readers',
      severity: 'error',
      from: { path: '^src/(json-text|accept|memoize|problem-body|answer-bytes)[.]ts$' },
      to: { path: '^src/', pathNot: '^src/(errors|memoize|bounded-map|cache-budget)[.]ts$' },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, pathNot: ['[.]d[.]ts$', '^src/(index|errors)[.]ts$'] },
      to: {},
    },
    // A path that resolves to nothing is invisible to every rule above.
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-dev-dependency-at-run-time',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm-peer', 'type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true, // type-only imports count too
    parser: 'swc', // TypeScript 7 has no JavaScript API to parse with
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'types', 'node'],
    },
  },
}
