// GraphiQL's page: the editor against /graphql, with a header editor for a token. Bundled by scripts/build-assets.ts.
import { createGraphiQLFetcher } from '@graphiql/toolkit'
import { GraphiQL } from 'graphiql'
import { createElement } from 'react'
import { createRoot } from 'react-dom/client'
import 'graphiql/style.css'
import './graphiql.css'

const workers = { json: './json.worker.js', graphql: './graphql.worker.js' }

// Monaco asks for its workers by label; ours lie beside this file
globalThis.MonacoEnvironment = {
  getWorker: (_id, label) =>
    new Worker(new URL(workers[label] ?? './editor.worker.js', import.meta.url), {
      type: 'module',
    }),
}

const defaultQuery = `# Ask for anything the schema has: Ctrl-Space completes, the book on the left is the reference.
# To call as somebody, set a header below: { "Authorization": "Bearer …" }
`

// The history keeps headers whatever `shouldPersistHeaders` says: nothing of that name is stored, so no token outlives the page
const withoutHeaders = (text) => {
  try {
    return JSON.stringify(
      JSON.parse(text, (name, value) => (name === 'headers' ? undefined : value)),
    )
  } catch {
    return text // a plain text, such as the query
  }
}
const storage = {
  get length() {
    return localStorage.length
  },
  getItem: (name) => localStorage.getItem(name),
  setItem: (name, text) =>
    localStorage.setItem(name, name === 'graphiql:tabState' ? text : withoutHeaders(text)),
  removeItem: (name) => localStorage.removeItem(name),
  clear: () =>
    Object.keys(localStorage)
      .filter((name) => name.startsWith('graphiql:'))
      .forEach((name) => localStorage.removeItem(name)),
}

createRoot(document.querySelector('#explorer')).render(
  createElement(GraphiQL, {
    fetcher: createGraphiQLFetcher({ url: '/graphql' }),
    defaultQuery,
    storage,
    shouldPersistHeaders: false,
    showPersistHeadersSettings: false,
  }),
)
