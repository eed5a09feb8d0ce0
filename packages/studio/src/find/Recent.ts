/** A moment of a person that was looked at. */
export interface Recent {
  readonly id: string
  readonly title: string
  readonly at: number | undefined
}

const place = "onymous.recent"

const kept = 8

const isRecent = (value: unknown): value is Recent =>
  typeof value === "object" &&
  value !== null &&
  "id" in value &&
  typeof value.id === "string" &&
  "title" in value &&
  typeof value.title === "string"

/** The last moments that were looked at, the latest first. */
export const recent = (): ReadonlyArray<Recent> => {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(place) ?? "[]")
    return Array.isArray(stored) ? stored.filter(isRecent) : []
  } catch {
    return []
  }
}

/** Remembers a moment; of the same person, the latest. */
export const remember = (moment: Recent): void => {
  const others = recent().filter(({ id }) => id !== moment.id)
  localStorage.setItem(place, JSON.stringify([moment, ...others].slice(0, kept)))
}
