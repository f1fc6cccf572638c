#!/usr/bin/env node
// The command. In the package '#cli' is dist/; in the repository, under --conditions=source, it is src/.
import module from 'node:module' // an old Node has no such name in it to import
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major > 22 || (major === 22 && minor >= 18)) {
  module.enableCompileCache() // a fifth less to wait, from the second time on; NODE_COMPILE_CACHE says where, and what cannot be written is not kept
  await import('#cli')
} else {
  // package.json's `engines`: npm only warns, and what follows would fail in words of its own
  process.stderr.write(`bifrons needs Node 22.18 or newer; this is ${process.version}.\n`)
  process.exitCode = 1
}
