// Owns `tidemark completion`: a script that a shell reads, and the names that the script asks for.

import { type Command, Option } from 'commander'
import { TidemarkError } from '../../model/errors.ts'
import { knownNames } from '../../model/near-miss.ts'
import type { Cli } from '../cli.ts'
import { actionsOf, type Declare, examples, wordsOf } from '../command.ts'

export const declare: Declare = (program, run) =>
  program
    .command('completion')
    .summary('set up completion for your shell')
    .description(
      'Prints a script that completes commands, options, and the names of your connections and streams in bash, zsh ' +
        'or fish. Load it from the startup file of your shell.',
    )
    .argument('[shell]', 'bash, zsh or fish')
    .addOption(new Option('--list <kind>', 'names that a script asks for').hideHelp())
    .addHelpText(
      'after',
      examples(
        'eval "$(tidemark completion bash)"',
        'eval "$(tidemark completion zsh)"',
        'tidemark completion fish > ~/.config/fish/completions/tidemark.fish',
      ),
    )
    .action(
      run((cli, shell: string | undefined, { list }: { list?: string }) =>
        list === undefined ? printScript(cli, program, shell) : printNames(cli, list as Kind),
      ),
    )

async function printScript(cli: Cli, program: Command, shell: string | undefined): Promise<void> {
  const scripts = new Map([
    ['bash', bashScript],
    ['zsh', zshScript],
    ['fish', fishScript],
  ])
  const make = scripts.get(shell ?? '')
  if (!make) {
    const hint = knownNames(shell ?? '', [...scripts.keys()], 'One of')
    if (shell === undefined) throw new TidemarkError('argument_missing', 'No shell was named.', { hint })
    throw new TidemarkError('argument_invalid', `There is no completion for "${shell}".`, { hint })
  }
  const script = make(completed(program))
  if (cli.options.json) return cli.json({ shell, script })
  await cli.out.write(script)
}

const HELP: CompletedOption = { flag: '--help', short: '-h', takesValue: false, values: [], description: 'print help' }

function completed(program: Command): Completed {
  return {
    options: [...optionsOf(program), HELP],
    commands: [
      ...program.commands.map(
        (command): CompletedCommand => ({
          name: command.name(),
          summary: command.summary(),
          options: optionsOf(command),
          actions: actionsOf(command),
          kind: kindOf(command),
        }),
      ),
      { name: 'help', summary: 'print help', options: [], actions: [], kind: 'commands' },
    ],
  }
}

function optionsOf({ options }: Command): readonly CompletedOption[] {
  return options
    .filter(({ hidden, long }) => !hidden && long)
    .map((option) => {
      const { long, short, required, optional, description } = option
      return { flag: long ?? '', short, takesValue: required || optional, values: wordsOf(option), description }
    })
}

/** By what its arguments are called. */
function kindOf({ registeredArguments }: Command): Kind | undefined {
  const names = registeredArguments.map((argument) => argument.name())
  if (names.includes('stream')) return 'streams'
  if (names.some((name) => /^targets?$/.test(name))) return 'targets'
  if (names.includes('connection')) return 'connections'
  return names.includes('connector') ? 'connectors' : undefined
}

/** A line for each name. Whatever is in the way of knowing them, a shell that completes must not be bothered with. */
async function printNames(cli: Cli, kind: Kind): Promise<void> {
  try {
    await cli.out.write((await namesOf(cli, kind)).map((name) => `${name}\n`).join(''))
  } catch {
    // No database yet, or none that can be read.
  }
}

async function namesOf(cli: Cli, kind: Kind): Promise<readonly string[]> {
  if (kind === 'connectors') {
    const tidemark = await cli.open({ database: ':memory:', create: true })
    return tidemark.connectorNames()
  }
  const { store, project } = await cli.open()
  const names: string[] = []
  for (const { id, no } of await store.connections.list(project)) {
    if (kind !== 'streams') names.push(id)
    if (kind !== 'connections') for (const { stream } of await store.streams.list(no)) names.push(`${id}/${stream}`)
  }
  return names
}

interface CompletedOption {
  /** Such as `--mode`. */
  readonly flag: string
  /** Its short form, such as `-q`. */
  readonly short?: string | undefined
  readonly takesValue: boolean
  /** Words that its value is one of; empty: anything. */
  readonly values: readonly string[]
  readonly description: string
}

/** What an argument names, and a shell asks for with `tidemark completion --list`. */
type Kind = 'connections' | 'streams' | 'targets' | 'connectors'

interface CompletedCommand {
  readonly name: string
  readonly summary: string
  readonly options: readonly CompletedOption[]
  /** Words that its first argument is one of; the others are then as `kind` says. */
  readonly actions: readonly string[]
  /** Words that can be completed behind it; undefined: files. */
  readonly kind: Kind | 'commands' | undefined
}

interface Completed {
  readonly commands: readonly CompletedCommand[]
  /** Options that every command has. */
  readonly options: readonly CompletedOption[]
}

const ASK = 'tidemark completion --list'

function bashScript({ commands, options }: Completed): string {
  const flags = (all: readonly CompletedOption[]) =>
    all.flatMap(({ flag, short }) => [flag, short ?? []].flat()).join(' ')
  const cases = commands.map(
    ({ name, options: own, actions, kind }) =>
      `    ${name}) options='${flags(own)}'; values='${choices(own)}'; actions='${actions.join(' ')}'; kind='${kind ?? ''}' ;;`,
  )
  return `# Completion of tidemark for bash: eval "$(tidemark completion bash)"
_tidemark() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command='' options='' values='' actions='' kind='' first='' i word
  local commands='${commands.map(({ name }) => name).join(' ')}'
  local -a asked=()
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    case "$word" in
      ${valued(options).join('|')}) asked+=("$word" "\${COMP_WORDS[i+1]}"); ((i++)) ;;
      -*) ;;
      *) if [[ -n "$command" ]]; then first="$word"; else command="$word"; fi ;;
    esac
  done
  case "$command" in
    '') kind='commands' ;;
${cases.join('\n')}
  esac
  for word in $values; do
    if [[ "$word" == "$previous="* ]]; then
      word="\${word#*=}"
      COMPREPLY=($(compgen -W "\${word//,/ }" -- "$current"))
      return
    fi
  done
  case " ${valued([...options, ...commands.flatMap((one) => one.options)]).join(' ')} " in
    *" $previous "*) return ;;
  esac
  if [[ "$current" == -* ]]; then
    COMPREPLY=($(compgen -W "$options ${flags(options)}" -- "$current"))
    return
  fi
  if [[ -n "$actions" && -z "$first" ]]; then
    COMPREPLY=($(compgen -W "$actions" -- "$current"))
    return
  fi
  case "$kind" in
    commands) COMPREPLY=($(compgen -W "$commands" -- "$current")) ;;
    ?*) COMPREPLY=($(compgen -W "$(${ASK} "$kind" "\${asked[@]}" 2>/dev/null)" -- "$current")) ;;
  esac
}
complete -o default -F _tidemark tidemark
`
}

/** Options with the words that their values are one of: `--mode=auto,full`. */
function choices(options: readonly CompletedOption[]): string {
  return options.flatMap(({ flag, values }) => (values.length > 0 ? [`${flag}=${values.join(',')}`] : [])).join(' ')
}

/** Options that take a value, each once. */
function valued(options: readonly CompletedOption[]): readonly string[] {
  return [...new Set(options.filter(({ takesValue }) => takesValue).map(({ flag }) => flag))]
}

function zshScript({ commands, options }: Completed): string {
  const pair = (name: string, text: string) => `'${name.replaceAll(':', '\\:')}:${quoted(text)}'`
  const flags = (all: readonly CompletedOption[]) =>
    all
      .flatMap(({ flag, short, description }) => [flag, short ?? []].flat().map((name) => pair(name, description)))
      .join(' ')
  const cases = commands.map(
    ({ name, options: own, actions, kind }) =>
      `    ${name}) options+=(${flags(own)}); values=(${choices(own)}); actions=(${actions.join(' ')}); kind='${kind ?? ''}' ;;`,
  )
  return `#compdef tidemark
# Completion of tidemark for zsh: eval "$(tidemark completion zsh)", after compinit
_tidemark() {
  local command='' kind='' first='' word
  local -a commands options values actions asked
  commands=(${commands.map(({ name, summary }) => pair(name, summary)).join(' ')})
  options=(${flags(options)})
  integer i
  for ((i = 2; i < CURRENT; i++)); do
    word="\${words[i]}"
    case "$word" in
      ${valued(options).join('|')}) asked+=("$word" "\${words[i+1]}"); ((i++)) ;;
      -*) ;;
      *) if [[ -n "$command" ]]; then first="$word"; else command="$word"; fi ;;
    esac
  done
  case "$command" in
    '') kind='commands' ;;
${cases.join('\n')}
  esac
  for word in $values; do
    if [[ "\${words[CURRENT-1]}" == "\${word%%=*}" ]]; then
      compadd -- \${(s:,:)word#*=}
      return
    fi
  done
  if [[ "\${words[CURRENT]}" == -* ]]; then
    _describe -o option options
  elif [[ -n "$actions" && -z "$first" ]]; then
    compadd -- $actions
  elif [[ "$kind" == commands ]]; then
    _describe command commands
  elif [[ -n "$kind" ]]; then
    compadd -- \${(f)"$(${ASK} "$kind" "\${asked[@]}" 2>/dev/null)"}
  else
    _files
  fi
}
compdef _tidemark tidemark
`
}

function fishScript({ commands, options }: Completed): string {
  const option = ({ flag, short, takesValue, values, description }: CompletedOption, condition: string) =>
    `complete -c tidemark${condition}${short ? ` -s ${short.slice(1)}` : ''} -l ${flag.slice(2)}${takesValue ? ' -r' : ''}${values.length > 0 ? ` -f -a '${values.join(' ')}'` : ''} -d '${quoted(description)}'`
  const lines = commands.flatMap(({ name, summary, options: own, actions, kind }) => {
    const seen = ` -n '__fish_seen_subcommand_from ${name}'`
    const said = `__fish_seen_subcommand_from ${actions.join(' ')}`
    const isFirst = ` -n '__fish_seen_subcommand_from ${name}; and not ${said}'`
    const behind = actions.length > 0 ? ` -n '__fish_seen_subcommand_from ${name}; and ${said}'` : seen
    const doing = actions.length > 0 ? [`complete -c tidemark${isFirst} -f -a '${actions.join(' ')}'`] : []
    const words =
      kind === undefined
        ? []
        : kind === 'commands'
          ? [`complete -c tidemark${seen} -f -a '${commands.map((one) => one.name).join(' ')}'`]
          : [`complete -c tidemark${behind} -f -a '(${ASK} ${kind} 2>/dev/null)'`]
    return [
      `complete -c tidemark -n __fish_use_subcommand -f -a ${name} -d '${quoted(summary)}'`,
      ...own.map((one) => option(one, seen)),
      ...doing,
      ...words,
    ]
  })
  return [
    '# Completion of tidemark for fish: tidemark completion fish > ~/.config/fish/completions/tidemark.fish',
    ...options.map((one) => option(one, '')),
    ...lines,
    '',
  ].join('\n')
}

/** For single quotes in all three shells: an apostrophe becomes a typographic one. */
function quoted(text: string): string {
  return text.replaceAll("'", '’').replaceAll('\\', '/')
}
