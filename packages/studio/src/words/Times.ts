/** All times are in UTC, so that a link shows everybody the same picture. */
const format = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC", hourCycle: "h23" })

const dayFormat = format({ weekday: "short", day: "numeric", month: "short" })
const yearFormat = format({ weekday: "short", day: "numeric", month: "short", year: "numeric" })
const tickFormat = format({ weekday: "short", day: "numeric" })
const monthFormat = format({ day: "numeric", month: "short" })
const clockFormat = format({ hour: "2-digit", minute: "2-digit", second: "2-digit" })
const minuteFormat = format({ hour: "2-digit", minute: "2-digit" })
const weekdayFormat = format({ weekday: "short" })
const wholeWeekdayFormat = format({ weekday: "long" })

const plain = (text: string): string => text.replace(",", "")

/** The clock's text: Tue 24 Nov 21:04:00. */
export const clockText = (time: number): string =>
  `${plain(dayFormat.format(time))} ${clockFormat.format(time)}`

/** A moment in a sentence: Tue 24 Nov, 21:04. */
export const momentText = (time: number): string =>
  `${plain(dayFormat.format(time))}, ${minuteFormat.format(time)}`

/** A moment among others of the same days: Tue 21:04. */
export const shortText = (time: number): string =>
  `${weekdayFormat.format(time)} ${minuteFormat.format(time)}`

/** The day of the week in a sentence: Tuesday. */
export const weekdayText = (time: number): string => wholeWeekdayFormat.format(time)

/** The hour alone: 21:04. */
export const hourText = (time: number): string => minuteFormat.format(time)

/** The whole moment, for who points at it. */
export const fullText = (time: number): string =>
  `${plain(yearFormat.format(time))}, ${clockFormat.format(time)} UTC`

/** A day on the strip: Tue 24, or 24 Nov where many days are on it. */
export const tickText = (time: number, isMany: boolean): string =>
  (isMany ? monthFormat : tickFormat).format(time).replace(",", "")

/** A day in a sentence: Tue 24 Nov. */
export const dayText = (time: number): string => plain(dayFormat.format(time))

/** The day that a time is in, as a number. */
export const dayOf = (time: number): number => Math.floor(time / 86_400_000)

/** How long something takes: 61 s, 3 min, 2 h, 5 days. */
export const durationText = (milliseconds: number): string => {
  const seconds = Math.round(milliseconds / 1000)
  if (seconds < 120) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 120) return `${minutes} min`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`
}
