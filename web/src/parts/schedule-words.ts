// Owns a schedule in words: `every 1h` is every hour, `cron 0 3 * * *` is every day at 03:00. What has no short words stays as it is
// written.

const UNITS: Readonly<Record<string, string>> = { s: 'second', m: 'minute', h: 'hour', d: 'day', w: 'week' }
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const

export function scheduleWords(spec: string): string {
  const [, n = '', unit = ''] = /^every (\d+)([smhdw])$/.exec(spec) ?? []
  const word = UNITS[unit]
  if (word !== undefined) return n === '1' ? `every ${word}` : `every ${n} ${word}s`
  const [, minute = '', hour = '', date = '', month = '', day = ''] =
    /^cron (\S+) (\S+) (\S+) (\S+) (\S+)$/.exec(spec) ?? []
  if (!/^\d+$/.test(minute) || date !== '*' || month !== '*') return spec
  const at = minute.padStart(2, '0')
  if (hour === '*' && day === '*') return `every hour at ${at} past`
  if (!/^\d+$/.test(hour)) return spec
  const time = `${hour.padStart(2, '0')}:${at}`
  if (day === '*') return `every day at ${time}`
  const name = /^[0-7]$/.test(day) ? DAYS[Number(day)] : undefined
  return name === undefined ? spec : `every ${name} at ${time}`
}
