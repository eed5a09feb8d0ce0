const iso =
  /^(\d{4}|[+-]\d{6})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?)?$/i

/** Epoch milliseconds of an ISO 8601 text; without a zone it is UTC. Reads no clock and no time zone. */
export const parse = (text: string | undefined): number | undefined => {
  const match = text === undefined ? null : iso.exec(text.trim())
  if (match === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0))
  const milliseconds = Math.trunc(Number(`0.${match[7] ?? 0}`) * 1000)
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  const isDay = date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  const isTime = hour < 24 || (hour === 24 && minute === 0 && second === 0)
  if (!isDay || !isTime || minute > 59 || second > 60) return undefined
  date.setUTCHours(hour, minute, second, milliseconds)
  return date.getTime() - zoneMinutes(match[8]) * 60_000
}

const zoneMinutes = (zone: string | undefined): number => {
  if (zone === undefined || zone.toUpperCase() === "Z") return 0
  const digits = zone.slice(1).replace(":", "")
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2) || 0)
  return zone.startsWith("-") ? -minutes : minutes
}

/** From year 1 to 9999: what ISO text and every database agree on. */
export const isRepresentable = (time: number): boolean =>
  time >= -62_135_596_800_000 && time < 253_402_300_800_000
