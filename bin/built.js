// Owns the question whether dist/ was built from src/ as it stands now. In a checkout, what was built starts faster, and
// what somebody has changed since must run from the source.

'use strict'

const { existsSync, readdirSync, readFileSync, statSync } = require('node:fs')
const { join } = require('node:path')

/** The file in dist/ that keeps what src/ was like when it was built. */
const LISTING = 'source.txt'

/** Everything below a folder, a line each: what a build reads can't change unseen. */
function listing(folder) {
  const files = ['.', ...readdirSync(folder, { recursive: true }).sort()]
  return files.map((file) => lineOf(folder, file)).join('\n')
}

/** A file with its size and when it was changed, a folder with how much is in it. */
function lineOf(folder, file) {
  const path = join(folder, file)
  const found = statSync(path)
  const facts = found.isDirectory() ? [readdirSync(path).length] : [found.size, found.mtimeMs]
  return [file, ...facts].join('\t')
}

/** Whether the built files of the package in `root` can run in place of the source. A package has no source. */
function isBuilt(root) {
  const source = join(root, 'src')
  if (!existsSync(source)) return true
  try {
    const lines = readFileSync(join(root, 'dist', LISTING), 'utf8').split('\n')
    // Without looking for what else there is: each folder tells how much is in it.
    return lines.every((line) => line === lineOf(source, line.split('\t', 1)[0]))
  } catch {
    return false
  }
}

module.exports = { LISTING, listing, isBuilt }
