// Owns a choice of few that is always seen, as buttons side by side.

interface TogglesProps<Id extends string> {
  readonly label: string
  readonly options: readonly { readonly id: Id; readonly label: string }[]
  readonly chosen: Id
  readonly choose: (id: Id) => void
}

export function Toggles<Id extends string>({ label, options, chosen, choose }: TogglesProps<Id>) {
  return (
    <div role="group" aria-label={label} className="flex rounded-md border border-line bg-surface p-0.5 shadow-card">
      {options.map(({ id, label: text }) => (
        <button
          key={id}
          type="button"
          aria-pressed={id === chosen}
          onClick={() => choose(id)}
          className="h-6.5 rounded px-2.5 text-xs font-medium whitespace-nowrap text-muted hover:text-text aria-pressed:bg-raised aria-pressed:text-text"
        >
          {text}
        </button>
      ))}
    </div>
  )
}
