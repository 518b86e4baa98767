// Owns one option of a connector as a field: what it is for, its default, what is wrong with it.

import { Choice, Field } from '../../parts/field.tsx'
import { SecretField, SwitchField } from '../../parts/inputs.tsx'
import type { Option } from './queries.ts'

interface OptionFieldProps {
  readonly option: Option
  /** What was written; a switch says `true` or `false`. Null: a secret is to be taken away. */
  readonly value: string | null
  /** Whether the connection exists: a secret of it is kept unless another is written. */
  readonly isStored: boolean
  readonly change: (value: string | null) => void
  readonly error: string | undefined
}

export function OptionField({ option, value: written, isStored, change, error }: OptionFieldProps) {
  const value = written ?? ''
  const { name, label, type, secret, required, description, choices, unit, example, min, max } = option
  const help = [description, boundsText(min, max)].filter((text) => text !== '').join('. ') || undefined
  const about = { label, help, error, name, isOptional: !required }
  if (secret) {
    const kept = isStored ? { placeholder: written === null ? 'taken away when this is saved' : 'unchanged' } : {}
    const field = <SecretField {...about} {...kept} value={value} change={change} />
    // Whether it has one, nobody is told; taking away what is not there changes nothing.
    if (!isStored || required) return field
    return (
      <div className="flex flex-col gap-1">
        {field}
        <label className="flex w-fit items-center gap-2 text-xs text-muted">
          <input
            type="checkbox"
            checked={written === null}
            onChange={() => change(written === null ? '' : null)}
            className="size-3.5"
          />
          {`Take ${label} away`}
        </label>
      </div>
    )
  }
  if (type === 'switch') {
    return (
      <SwitchField
        label={label}
        help={help}
        error={error}
        name={name}
        isOn={(value === '' ? option.default : value) === 'true' || (value === '' && option.default === true)}
        change={(isOn) => change(String(isOn))}
      />
    )
  }
  if (type === 'choice') {
    return (
      <Choice {...about} value={value} onChange={({ target }) => change(target.value)}>
        <option value="">{option.default === null ? '' : String(option.default)}</option>
        {choices.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </Choice>
    )
  }
  // Of a connection that exists an example would be taken for what is set.
  const usual = option.default === null ? (isStored ? null : example) : String(option.default)
  return (
    <Field
      {...about}
      label={unit === null ? label : `${label}, in ${unit}`}
      value={value}
      onChange={({ target }) => change(target.value)}
      placeholder={usual ?? undefined}
      inputMode={type === 'number' ? 'numeric' : type === 'address' ? 'url' : undefined}
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
    />
  )
}

/** `1 to 8`, `From 1` */
function boundsText(min: number | null, max: number | null): string {
  if (min !== null && max !== null) return `${min} to ${max}`
  if (min !== null) return `From ${min}`
  return max === null ? '' : `Up to ${max}`
}
