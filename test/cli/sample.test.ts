// `bifrons init` without a database: the project that it writes compiles, runs at once, and reloads.
import { spawnSync } from 'node:child_process'
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  askGraphql,
  askRest,
  bifrons,
  linkPackages,
  makeFolder,
  root,
  startBifrons,
  typeCheck,
} from './cli.ts'

describe('a new project', () => {
  const cleanUps: (() => Promise<void>)[] = []
  afterAll(async () => {
    for (const cleanUp of cleanUps) await cleanUp()
  })
  const folder = makeFolder((cleanUp) => cleanUps.push(cleanUp))
  const project = join(folder, 'my-tasks')
  let made: ReturnType<typeof bifrons>
  beforeAll(() => {
    made = bifrons(['init', 'my-tasks'], { cwd: folder })
    linkPackages(project)
  })

  it('is written, and the command prints the next steps', () => {
    expect(made).toMatchObject({ code: 0, stderr: '' })
    expect(made.stdout).toContain('cd my-tasks\n  npm install\n  npm run dev')
    expect(readdirSync(project).toSorted()).toEqual([
      '.env.example',
      '.gitignore',
      'README.md',
      'declare.ts',
      'drizzle',
      'drizzle.config.ts',
      'gateway.ts',
      'node_modules',
      'operations',
      'package.json',
      'relations.ts',
      'resources',
      'seed.ts',
      'tables',
      'tsconfig.json',
    ])
  })

  it('depends on the exact versions that bifrons was built with', () => {
    const { dependencies } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'))
    const { version, peerDependencies, peerDependenciesMeta } = JSON.parse(
      readFileSync(join(root, 'package.json'), 'utf8'),
    )
    const needed = Object.entries(peerDependencies).filter(
      ([name]) => peerDependenciesMeta[name]?.optional !== true,
    )
    expect(dependencies).toEqual({ bifrons: version, ...Object.fromEntries(needed) })
  })

  it('compiles', () => {
    expect(typeCheck(project)).toBe('')
  })

  it('has the migration that drizzle-kit would write', () => {
    const kit = spawnSync(
      process.execPath,
      [join(root, 'node_modules/drizzle-kit/bin.cjs'), 'generate'],
      { cwd: project, encoding: 'utf8' },
    )
    expect(kit.stdout + kit.stderr).toContain('No schema changes')
  })

  it('passes check', () => {
    expect(bifrons(['check'], { cwd: project })).toEqual({
      code: 0,
      stdout: 'My tasks is fit to serve: 2 resources, 16 operations.\n',
      stderr: '',
    })
  })

  it('is not written into a folder that has files', () => {
    writeFileSync(
      join(project, 'gateway.ts'),
      readFileSync(join(project, 'gateway.ts'), 'utf8').replace('My tasks', 'Changed'),
    )
    const again = bifrons(['init', 'my-tasks'], { cwd: folder })
    expect(again.code).toBe(1)
    expect(again.stderr).toContain(
      `The folder ${project} is not empty: .env.example, .gitignore, README.md`,
    )
    expect(readFileSync(join(project, 'gateway.ts'), 'utf8')).toContain('Changed')
    expect(bifrons(['init', 'my-tasks', '--force'], { cwd: folder }).code).toBe(0)
    expect(readFileSync(join(project, 'gateway.ts'), 'utf8')).toContain("name: 'My tasks'")
  })

  it('runs on the embedded database, migrated and seeded, and starts again after a change', async () => {
    const dev = startBifrons(['dev', '--port', '0'], {
      cwd: project,
      env: { DATABASE_URL: 'pglite:memory' },
    })
    cleanUps.unshift(async () => void (await dev.stop()))
    const url = await dev.waitFor(/GraphQL +(http\S+)\/graphql/)
    expect(dev.said()).toContain('applied 20261123000000_start\nSeeded the empty database.')
    expect(dev.said()).toContain(`GraphiQL        ${url}/graphiql`)
    expect(dev.said()).toContain('Database        the embedded database in memory')

    const titles = ['Water the tomatoes', 'Mend the fence'] // the other list is not public
    expect(await askRest(url, '/tasks?fields=title')).toMatchObject({
      data: titles.map((title) => ({ title })),
    })
    expect(await askGraphql(url, '{ tasks { nodes { title } } }')).toMatchObject({
      data: { tasks: { nodes: titles.map((title) => ({ title })) } },
    })
    expect(await askRest(url, '/tasks/1/finish', { method: 'POST' })).toMatchObject({
      code: 'UNAUTHENTICATED',
    })

    appendFileSync(join(project, 'gateway.ts'), 'this is no TypeScript (\n')
    await dev.waitFor(/Waiting for a change/)
    expect(dev.said()).toMatch(
      /gateway[.]ts changed: starting again\n(.*\n)*gateway[.]ts cannot be loaded[.]\nSyntaxError: .*\n  at gateway[.]ts:\d+/,
    )
    const gateway = readFileSync(join(project, 'gateway.ts'), 'utf8')
    writeFileSync(
      join(project, 'gateway.ts'),
      gateway.replace('this is no TypeScript (\n', '').replace('My tasks', 'Our tasks'),
    )
    await dev.waitFor(/Our tasks runs at/)
    const again = await dev.waitFor(/GraphQL +(http\S+)\/graphql/, 2)
    expect(await askRest(again, '/tasks?fields=title')).toMatchObject({
      data: [{ title: titles[0] }, { title: titles[1] }],
    })
    expect(await dev.stop('SIGINT')).toBe(0)
    await expect(fetch(again)).rejects.toThrow('fetch failed')
  }, 120_000)
})
