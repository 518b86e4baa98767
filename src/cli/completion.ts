// Owns the completion scripts of shells, made from the commands as they are declared. Names of connections and streams
// are asked for when they are wanted. Pure.

export interface CompletedOption {
  /** Such as `--mode`. */
  readonly flag: string
  /** Its short form, such as `-q`. */
  readonly short?: string | undefined
  readonly takesValue: boolean
  readonly description: string
}

/** What an argument names, and a shell asks for with `tidemark completion --list`. */
export type Kind = 'connections' | 'targets' | 'connectors'

export interface CompletedCommand {
  readonly name: string
  readonly summary: string
  readonly options: readonly CompletedOption[]
  /** Words that its first argument is one of; the others are then as `kind` says. */
  readonly actions: readonly string[]
  /** Words that can be completed behind it; undefined: files. */
  readonly kind: Kind | 'commands' | undefined
}

export interface Completed {
  readonly commands: readonly CompletedCommand[]
  /** Options that every command has. */
  readonly options: readonly CompletedOption[]
}

const ASK = 'tidemark completion --list'

export function bashScript({ commands, options }: Completed): string {
  const flags = (all: readonly CompletedOption[]) =>
    all.flatMap(({ flag, short }) => [flag, short ?? []].flat()).join(' ')
  const cases = commands.map(
    ({ name, options: own, actions, kind }) =>
      `    ${name}) options='${flags(own)}'; actions='${actions.join(' ')}'; kind='${kind ?? ''}' ;;`,
  )
  return `# Completion of tidemark for bash: eval "$(tidemark completion bash)"
_tidemark() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command='' options='' actions='' kind='' first='' i word
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
  case " ${valued([...options, ...commands.flatMap((one) => one.options)]).join(' ')} " in
    *" $previous "*) return ;;
  esac
  case "$command" in
    '') kind='commands' ;;
${cases.join('\n')}
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

/** Options that take a value, each once. */
function valued(options: readonly CompletedOption[]): readonly string[] {
  return [...new Set(options.filter(({ takesValue }) => takesValue).map(({ flag }) => flag))]
}

export function zshScript({ commands, options }: Completed): string {
  const pair = (name: string, text: string) => `'${name.replaceAll(':', '\\:')}:${quoted(text)}'`
  const flags = (all: readonly CompletedOption[]) =>
    all
      .flatMap(({ flag, short, description }) => [flag, short ?? []].flat().map((name) => pair(name, description)))
      .join(' ')
  const cases = commands.map(
    ({ name, options: own, actions, kind }) =>
      `    ${name}) options+=(${flags(own)}); actions=(${actions.join(' ')}); kind='${kind ?? ''}' ;;`,
  )
  return `#compdef tidemark
# Completion of tidemark for zsh: eval "$(tidemark completion zsh)", after compinit
_tidemark() {
  local command='' kind='' first='' word
  local -a commands options actions asked
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

export function fishScript({ commands, options }: Completed): string {
  const option = ({ flag, short, takesValue, description }: CompletedOption, condition: string) =>
    `complete -c tidemark${condition}${short ? ` -s ${short.slice(1)}` : ''} -l ${flag.slice(2)}${takesValue ? ' -r' : ''} -d '${quoted(description)}'`
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
