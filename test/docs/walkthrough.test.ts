// Pages with steps that change the store: the steps are done in a clone, and the requests sent to it.
import { execFile, spawn } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { createDatabase } from '../support/databases.ts'
import { addSnippets, addStore, makeClone } from './clone.ts'
import { type Ask, exchangesOf, faultOf } from './conversation.ts'
import { fencesOf, pages } from './pages.ts'
import { changesGateway, JWT_SECRET, tokensOf } from './tokens.ts'

const run = promisify(execFile)

/** `npm run dev` on a free port; its URL once it listens. On PostgreSQL, which is quicker to begin with than the embedded database. */
async function startDev(folder: string): Promise<string> {
  const { url, drop } = await createDatabase('postgres')
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const env = { ...process.env, DATABASE_URL: url, PORT: '0', JWT_SECRET, RATE_LIMIT_MAX: '0' }
  const dev = spawn(
    process.execPath,
    ['--conditions=source', 'bin/bifrons.js', 'dev', 'app/gateway.ts', '--no-reload'],
    { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let said = ''
  const onText = (text: string): void => {
    said += text
    const origin = /runs at (http:\S+)/.exec(said)?.[1]
    if (origin !== undefined) resolve(origin)
  }
  dev.stdout.setEncoding('utf8').on('data', onText)
  dev.stderr.setEncoding('utf8').on('data', onText)
  dev.on('exit', (code) => reject(new Error(`dev ended with ${code}:\n${said}`)))
  onTestFinished(async () => {
    const ended = new Promise((done) => dev.once('exit', done))
    dev.kill('SIGTERM')
    await ended
    await drop()
  })
  return promise
}

const askAt =
  (origin: string): Ask =>
  async ({ method, path, headers, body }) => {
    const answer = await fetch(origin + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    })
    return {
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      body: await answer.text(),
    }
  }

test.each(pages.filter(changesGateway))(
  '%s can be followed step by step',
  { timeout: 120_000 },
  async (page) => {
    const clone = makeClone()
    onTestFinished(() => clone.remove())
    const fences = fencesOf(page)
    addSnippets(addStore(clone), fences)
    if (fences.some(({ text }) => /^npm run db:generate/m.test(text))) {
      const { stdout } = await run('npm', ['run', 'db:generate'], { cwd: clone.folder })
      expect(stdout).toContain('Your SQL migration')
    }
    const ask = askAt(await startDev(clone.folder))
    const faults: string[] = []
    for (const exchange of exchangesOf(page, tokensOf())) {
      const fault = faultOf(exchange, await ask(exchange.request))
      if (fault !== null) faults.push(fault)
    }
    expect(faults).toEqual([])
  },
)
