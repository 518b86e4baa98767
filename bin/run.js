// Owns the way into the program: the built files, or in a checkout that has changed since, the source. Either tidemark.js
// calls it in its own process, or it starts it in a newer Node; then this file is the main one.

'use strict'

const { enableCompileCache } = require('node:module')
const { homedir } = require('node:os')
const { join } = require('node:path')
const { pathToFileURL } = require('node:url')
const { getHeapSpaceStatistics, setFlagsFromString } = require('node:v8')
const { isBuilt } = require('./built.js')

// A terminal sends Ctrl-C to parent and child alike, and the parent forwards its own: one press, two signals.
const TWIN_MS = 150

// What a page of 1,000 records becomes while it is read, and the one before it is written, fits in so much.
const YOUNG_MIB = 12
// Lists of 64 KB; two dozen are enough.
const SURVIVORS_MAX = 100

if (require.main === module) followParent()
hideWarnings()
keepHeapSmall()
keepCompiledCode()
void start()

async function start() {
  const root = join(__dirname, '..')
  const file = isBuilt(root) ? join(root, 'dist', 'cli', 'main.js') : join(root, 'src', 'cli', 'main.ts')
  const { main } = await import(pathToFileURL(file).href)
  // What a connector or a configuration leaves open (a timer, a socket, a server) must not keep the process.
  const code = await main(process.argv.slice(2))
  // A warning is printed in the next turn.
  setImmediate(() => process.exit(code))
}

/** Ends with the parent, however it ended, and counts a signal that arrives twice as one. */
function followParent() {
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
  process.channel?.unref()

  const emit = process.emit
  const last = new Map()
  process.emit = function (name, ...rest) {
    if (name === 'SIGINT' || name === 'SIGTERM' || name === 'SIGHUP') {
      const now = performance.now()
      const isTwin = now - (last.get(name) ?? -Infinity) < TWIN_MS
      if (isTwin) return true
      last.set(name, now)
    }
    return emit.call(this, name, ...rest)
  }
}

/** Node 22 calls two things experimental on which this program stands: its SQLite and its type stripping. */
function hideWarnings() {
  const emitWarning = process.emitWarning
  process.emitWarning = function (warning, ...rest) {
    const isOurs =
      rest[0] === 'ExperimentalWarning' && /^(SQLite|Type Stripping) is an experimental/.test(String(warning))
    if (!isOurs) emitWarning.call(this, warning, ...rest)
  }
}

/**
 * A sync makes garbage page by page and keeps next to nothing. Left alone, V8 lets that garbage grow the heap to some
 * 300 MB before it looks. Here the old generation grows by little, and the young one has room for a page of records, so
 * that a page never becomes old: the process stays near half of that, whatever the number of records.
 */
function keepHeapSmall() {
  setFlagsFromString('--heap-growing-percent=45')
  // Once V8 runs, no flag sets the size of the young generation. It grows by this factor when enough has survived in it.
  setFlagsFromString(`--semi-space-growth-factor=${YOUNG_MIB}`)
  const survivors = []
  while (youngMiB() < YOUNG_MIB && survivors.length < SURVIVORS_MAX) survivors.push(new Array(8_000).fill(0))
  setFlagsFromString('--semi-space-growth-factor=1')
}

/** The size of one of the two halves of the young generation. */
function youngMiB() {
  const { space_size } = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')
  return space_size / 2 / 1024 / 1024
}

/** Compiled code is kept in the user's own cache folder: in a shared one, anybody could leave code for us to run. */
function keepCompiledCode() {
  const { NODE_COMPILE_CACHE, XDG_CACHE_HOME, LOCALAPPDATA } = process.env
  try {
    const folder = XDG_CACHE_HOME || (process.platform === 'win32' && LOCALAPPDATA) || join(homedir(), '.cache')
    enableCompileCache(NODE_COMPILE_CACHE || join(folder, 'tidemark', 'code'))
  } catch {
    // A user without a home folder: nothing is kept, and the start takes a little longer.
  }
}
