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
  getWorker: (_id, label) => new Worker(new URL(workers[label] ?? './editor.worker.js', import.meta.url), { type: 'module' }),
}

const defaultQuery = `# Ask for anything the schema has: Ctrl-Space completes, the book on the left is the reference.
# To call as somebody, set a header below: { "Authorization": "Bearer …" }
`

createRoot(document.querySelector('#explorer')).render(
  createElement(GraphiQL, {
    fetcher: createGraphiQLFetcher({ url: '/graphql' }),
    defaultQuery,
    // a token is kept for as long as the page is open, and no longer
    shouldPersistHeaders: false,
    showPersistHeadersSettings: false,
  }),
)
