import { canonical, type Json } from "@onymous/identity/encoding/Json"
import type { Person as PersonForm } from "@onymous/api/forms/PersonForms"
import type { Width } from "./TextWrap.ts"

type Person = typeof PersonForm.Type

/** The most ids of a person that a terminal shows. */
const idsMax = 10

/** The ids of a person; a terminal shows the first of many. */
export const idsOf = (ids: ReadonlyArray<string>, width: Width): ReadonlyArray<string> =>
  width === undefined || ids.length <= idsMax + 1
    ? ids
    : [...ids.slice(0, idsMax), `and ${ids.length - idsMax} more`]

/** A line for each added (+) or removed (-) id; a terminal shows the first of many. */
export const idLines = (
  sign: "+" | "-",
  ids: ReadonlyArray<string>,
  width: Width,
): ReadonlyArray<string> => {
  const lines = ids.map((id) => `${sign} id ${id}`)
  return width === undefined || ids.length <= idsMax + 1
    ? lines
    : [...lines.slice(0, idsMax), `${sign} ${ids.length - idsMax} more ids`]
}

const missingIn = (ids: ReadonlyArray<string>, others: ReadonlyArray<string>) => {
  const known = new Set(others)
  return ids.filter((id) => !known.has(id))
}

/** The ids that left a person, and those that joined it. */
const idChanges = (before: Person | null, after: Person, width: Width): ReadonlyArray<string> => {
  const [old, young] = [before?.distinct_ids ?? [], after.distinct_ids]
  return [
    ...idLines("-", missingIn(old, young), width),
    ...idLines("+", missingIn(young, old), width),
  ]
}

/** The line of a changed property: + for added, - for removed, ~ for another value. */
export const propertyChange = ({ key, before, after }: PropertyChange): string => {
  if (before === undefined) return `+ ${key} ${JSON.stringify(after)}`
  if (after === undefined) return `- ${key} ${JSON.stringify(before)}`
  return `~ ${key} ${JSON.stringify(before)} → ${JSON.stringify(after)}`
}

interface PropertyChange {
  readonly key: string
  readonly before?: Json
  readonly after?: Json
}

const propertyChanges = (before: Person | null, after: Person | null): ReadonlyArray<string> => {
  const [old, young] = [before?.properties ?? {}, after?.properties ?? {}]
  const keys = [...new Set([...Object.keys(old), ...Object.keys(young)])].toSorted()
  return keys.flatMap((key) => {
    const [was, is] = [old, young].map((values) =>
      Object.hasOwn(values, key) ? values[key] : undefined,
    )
    if (was !== undefined && is !== undefined && canonical(was) === canonical(is)) return []
    return [
      propertyChange({
        key,
        ...(was !== undefined && { before: was }),
        ...(is !== undefined && { after: is }),
      }),
    ]
  })
}

/** The changes of a person other than of its ids: + for added, - for removed, ~ for another value. */
const valueChanges = (before: Person | null, after: Person | null): ReadonlyArray<string> => {
  const [was, is] = [before?.is_identified ?? false, after?.is_identified ?? false]
  const isMoved = before !== null && after !== null && before.created_at !== after.created_at
  return [
    ...propertyChanges(before, after),
    ...(was === is ? [] : [`${is ? "+" : "-"} identified`]),
    ...(isMoved ? [`~ created ${before.created_at} → ${after.created_at}`] : []),
  ]
}

/** All changes of a person, those of its ids first. */
export const personChanges = (
  before: Person | null,
  after: Person,
  width: Width,
): ReadonlyArray<string> => {
  const changes = [...idChanges(before, after, width), ...valueChanges(before, after)]
  return changes.length > 0 || before === null || before.version === after.version
    ? changes
    : [`~ version ${before.version} → ${after.version}`]
}
