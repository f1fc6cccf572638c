#!/usr/bin/env node
// The command. In the package '#cli' is dist/; in the repository, under --conditions=source, it is src/.
import '#cli'
