// Owns the question whether dist/ was built from src/ as it stands now. In a checkout, what was built starts faster, and
// what somebody has changed since must run from the source.

'use strict'

const { existsSync, readdirSync, readFileSync, statSync } = require('node:fs')
const { join } = require('node:path')

/** The file in dist/ that keeps what src/ was like when it was built. */
const LISTING = 'source.txt'

/** Every file below a folder with its size and when it was changed: what a build reads can't change unseen. */
function listing(folder) {
  const lines = []
  for (const file of readdirSync(folder, { recursive: true }).sort()) {
    const { size, mtimeMs } = statSync(join(folder, file))
    lines.push(`${file} ${size} ${mtimeMs}\n`)
  }
  return lines.join('')
}

/** Whether the built files of the package in `root` can run in place of the source. A package has no source. */
function isBuilt(root) {
  const source = join(root, 'src')
  if (!existsSync(source)) return true
  try {
    return readFileSync(join(root, 'dist', LISTING), 'utf8') === listing(source)
  } catch {
    return false
  }
}

module.exports = { LISTING, listing, isBuilt }
