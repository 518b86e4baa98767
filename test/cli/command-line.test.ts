// Owns the proof of the command line itself: what is wrong with one is said in words and exits 2, global options stand
// anywhere, and help needs no engine.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { COMMANDS } from '../../src/cli/commands.ts'
import { place } from './program.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const BIN = join(ROOT, 'bin', 'tidemark.js')
const MAIN = pathToFileURL(join(ROOT, 'src', 'cli', 'main.ts')).href

describe('the command line', () => {
  const CASES: readonly [what: string, args: string[], code: string][] = [
    ['no command', [], 'command_missing'],
    ['an unknown command', ['snyc'], 'command_unknown'],
    ['a word that every object knows', ['constructor'], 'command_unknown'],
    ['an unknown option', ['status', '--nope'], 'option_unknown'],
    ['an option without its value', ['runs', '--limit'], 'option_invalid'],
    ['an option with a wrong value', ['runs', '--limit', '0'], 'option_invalid'],
    ['a missing option', ['connect', 'github'], 'option_missing'],
    ['a missing argument', ['records'], 'argument_missing'],
    ['an argument too many', ['doctor', 'me'], 'argument_unexpected'],
    ['a project that cannot be', ['status', '--project', 'a/b'], 'option_invalid'],
    ['two formats', ['sql', 'select 1', '--format', 'csv'], 'option_conflict'],
    ['an option of another action', ['projects', 'list', '--timezone', 'UTC'], 'option_conflict'],
    ['an argument of another action', ['removals', 'list', 'x'], 'argument_unexpected'],
    ['an action without its argument', ['removals', 'undo'], 'argument_missing'],
    ['an action that is none', ['keys', 'roll'], 'argument_invalid'],
    ['a database without a name', ['status', '--database', ''], 'option_invalid'],
  ]

  test.each(CASES)('with %s exits 2', async (_, args, code) => {
    const outcome = await place().ask([...args, '--json'])
    expect([outcome.code, outcome.json.error.code]).toEqual([2, code])
    expect(outcome.json.error).toEqual({
      code,
      message: expect.any(String),
      hint: outcome.json.error.hint,
      verdict: 'stop',
    })
    expect(outcome.stderr).toMatch(new RegExp(`^${code}: [^\\n]+\\n`, 'm'))
    expect(outcome.stderr).not.toMatch(/ at .*\.[tj]s:\d+/)
  })

  test('says what was probably meant', async () => {
    const { stderr, stdout } = await place().run(['snyc'])
    expect(stdout).toBe('')
    expect(stderr).toBe("command_unknown: Unknown command 'snyc'.\nhint: Did you mean sync? See: tidemark --help\n")
  })

  const NEAR_MISSES: readonly [args: string[], suggestion: string][] = [
    [['statsu'], 'status'],
    [['help', 'recrods'], 'records'],
    [['status', '--quite'], '--quiet'],
    [['--josn', 'status'], '--json'],
    [['records', 'me/stars', '--limt', '1'], '--limit'],
    [['records', 'me/stars', '--format', 'jsn'], 'json'],
    [['records', 'me/star'], 'stars'],
    [['records', 'mee/stars'], 'me'],
    [['records', 'me/stars', '--where', 'languag=C'], 'language'],
    [['export', 'me/stars', '--out', '-', '--format', 'cvs'], 'csv'],
    [['explain', 'me/stars', '1', 'full-name'], 'full_name'],
    [['metrics', 'me/stars', '--metric', 'stargazer_count'], 'stargazers_count'],
    [['metrics', 'me/stars', '--metric', 'stargazers_count', '--by', 'days'], 'day'],
    [['metrics', 'me/stars', '--metric', 'stargazers_count', '--timezone', 'Europe/Berln'], 'Europe/Berlin'],
    [['records', 'me/stars', '--as-of', 'yesteday'], 'yesterday'],
    [['sync', 'me/star'], 'stars'],
    [['sync', 'mee'], 'me'],
    [['sync', '--mode', 'ful'], 'full'],
    [['runs', 'mee'], 'me'],
    [['pause', 'mee'], 'me'],
    [['disconnect', 'mee', '--yes'], 'me'],
    [['schedule', 'me/star', 'off'], 'stars'],
    [['budget', 'gitub', '--requests', '5/hour'], 'github'],
    [['status', '--project', 'defualt'], 'default'],
    [['connectors', 'githb'], 'github'],
    [['connect', 'gihub', '--id', 'x'], 'github'],
    [['connect', 'gihub'], 'github'],
    [['connect', 'github', '--id', 'x', '--set', 'usr=ada'], 'user'],
    [['removals', 'aprove', 'x'], 'approve'],
    [['quarantine', 'rety'], 'retry'],
    [['keys', 'rotat'], 'rotate'],
    [['projects', 'creat', 'x'], 'create'],
    [['completion', 'bsh'], 'bash'],
    [['new', 'conector', 'x'], 'connector'],
  ]

  test('says what was probably meant by any name: a command, an option, a value', async () => {
    const here = place()
    await here.ask(['connect', 'github', '--id', 'me', '--no-check', '--set', 'user=ada'])
    for (const [args, suggestion] of NEAR_MISSES) {
      const { code, stderr } = await here.ask(args)
      expect([args, code, /Did you mean (\S+)\?/.exec(stderr)?.[1]]).toEqual([args, 2, suggestion])
    }
  })

  test('hints at an option as it is typed, not as the library takes it', async () => {
    const { code, json } = await place().ask(['projects', 'create', 'lab', '--timezone', 'europe/berln', '--json'])
    expect([code, json.error.code]).toEqual([2, 'timezone_invalid'])
    expect(json.error.hint).toBe('Did you mean Europe/Berlin? For example: --timezone Europe/Berlin')
  })

  test('takes the short forms of --help, --version and --quiet, before and after the command', async () => {
    const here = place()
    const help = (await here.ask(['--help'])).stdout
    const ofStatus = (await here.ask(['status', '--help'])).stdout
    const version = (await here.ask(['--version'])).stdout
    const same: readonly [string[], string][] = [
      [['-h'], help],
      [['-V'], version],
      [['status', '-V'], version],
      [['--version', '--json'], `{"version":"${version.trim()}"}\n`],
      [['-V', 'status'], version],
      [['status', '-h'], ofStatus],
      [['-q', 'status', '-h'], ofStatus],
      [['-qh'], help],
    ]
    for (const [args, text] of same) {
      const { code, stdout, stderr } = await here.ask(args)
      expect([args, code, stdout, stderr]).toEqual([args, 0, text, ''])
    }
    await here.ask(['projects', 'create', 'default'])
    expect((await here.ask(['status'])).stderr).toContain('Nothing is connected')
    for (const args of [
      ['-q', 'status'],
      ['status', '-q'],
      ['status', '--quiet'],
    ]) {
      expect(await here.ask(args)).toMatchObject({ code: 0, stdout: '', stderr: '' })
    }
  })

  test('has them in the help of every command', async () => {
    for (const name of Object.keys(COMMANDS)) {
      const { code, stdout } = await place().ask([name, '-h'])
      expect([name, code, stdout.includes('-h, --help')]).toEqual([name, 0, true])
    }
  })

  test('takes global options before and after the command', async () => {
    const here = place()
    for (const args of [
      ['--database', 'a.db', '--json', 'status'],
      ['status', '--json', '--database=b.db'],
    ]) {
      const file = args.find((word) => word.endsWith('.db'))!.replace('--database=', '')
      await here.run(['projects', 'create', 'default', '--database', file])
      expect((await here.run(args)).json).toEqual({ connections: [], streams: [] })
    }
    await here.run(['projects', 'create', 'default'], { env: { TIDEMARK_DATABASE: 'c.db' } })
    expect(['a.db', 'b.db', 'c.db', 'tidemark.db'].map((name) => existsSync(join(here.folder, name)))).toEqual([
      true,
      true,
      true,
      false,
    ])
  })

  test('shows stack traces only to those who ask', async () => {
    const here = place()
    await here.ask(['projects', 'create', 'default'])
    const { stderr } = await here.ask(['run', 'none'], { env: { TIDEMARK_DEBUG: '1' } })
    expect(stderr).toMatch(/^run_unknown: .*\n(?:.*\n)*TidemarkError: .*\n +at /)
  })

  test('help and version load no engine, and are on stdout', () => {
    const seen = `process.on('exit', () => console.error(process.moduleLoadList.some((name) => name.includes('sqlite'))))`
    for (const args of [['--help'], ['sync', '--help'], ['help', 'sync'], ['--version']]) {
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        ['--import', `data:text/javascript,${seen}`, BIN, ...args],
        {
          encoding: 'utf8',
        },
      )
      expect([status, stderr]).toEqual([0, 'false\n'])
      expect(stdout).toMatch(args[0] === '--version' ? /^\d+\.\d+\.\d+\n$/ : /^Usage: tidemark /)
    }
  })

  test('a command loads only what it uses', async (ending) => {
    const here = place(ending)
    await here.ask(['projects', 'create', 'default'])
    const hook = `import { registerHooks } from 'node:module'
      const loaded = []
      registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
      process.on('exit', () => console.error(loaded.join('\\n')))`
    const loadedBy = (command: string) => {
      // From the source: what is built is fewer files.
      const program = `const { main } = await import('${MAIN}'); await main(['${command}'])`
      const hooked = `data:text/javascript,${encodeURIComponent(hook)}`
      const args = ['--import', hooked, '--input-type=module', '--eval', program]
      const { status, stderr } = spawnSync(process.execPath, args, {
        encoding: 'utf8',
        cwd: here.folder,
        env: here.env,
      })
      expect([status, stderr]).toEqual([0, expect.stringContaining('/src/cli/main.ts')])
      return stderr.split('\n').map((url) => url.replace(/^.*\/(?=src\/|node_modules\/)/, ''))
    }
    const strange = /^node_modules\/zod|^src\/(?:cli\/commands|operations|engine|store\/sqlite)\//
    expect(loadedBy('--version').filter((file) => strange.test(file))).toEqual([])
    const ofStatus = loadedBy('status')
    expect(ofStatus).toContain('src/operations/status.ts')
    const ofOthers = /^src\/(?:operations\/(?:sync|plan|connect|backup|keys)|engine\/passes|http\/client|jobs\/)/
    expect(ofStatus.filter((file) => ofOthers.test(file))).toEqual([])
  })
})
