import { DistinctId } from "@onymous/identity/event/DistinctId"
import { Position } from "@onymous/identity/event/Position"
import type { History } from "@onymous/timetravel/history/History"
import * as PropertyBlame from "@onymous/timetravel/questions/story/PropertyBlame"

const known = new WeakMap<History, Map<string, PropertyBlame.Blame>>()

/** The keys that the persons of an id have ever had: a step of the playhead asks for no further one. */
const keysOf = (history: History, id: DistinctId): ReadonlyArray<string> => {
  const persons = new Set(
    history.membershipsOf(id).flatMap(({ from }) => history.versionAt(id, from)?.id ?? []),
  )
  const versions = [...persons].flatMap((person) => history.versionsOf(person))
  return [...new Set(versions.flatMap(({ person }) => Object.keys(person.properties)))]
}

/** Walks along a history once for all keys, and keeps what it found of each position. */
const blamesOf = (history: History, id: DistinctId, keys: ReadonlyArray<string>) => {
  const found = known.get(history) ?? new Map<string, PropertyBlame.Blame>()
  known.set(history, found)
  if (keys.some((key) => !found.has(key))) {
    const missing = [...new Set([...keys, ...keysOf(history, id)])].filter((key) => !found.has(key))
    const blames = PropertyBlame.blames(history, missing)
    for (const [index, blame] of blames.entries()) found.set(missing[index] ?? "", blame)
  }
  return found
}

/** By which events properties of a person were set, at a position: for each key the latest first. */
export const settingsOf = (
  history: History,
  id: string,
  keys: ReadonlyArray<string>,
  at: number,
): ReadonlyArray<ReadonlyArray<PropertyBlame.Setting>> => {
  // Of a log with retractions another one is made, once for all positions between two of these.
  const effective = history.effectiveAt(Position(at))
  const blames = blamesOf(effective, DistinctId(id), keys)
  return keys.map((key) => blames.get(key)?.settingsAt(effective, DistinctId(id), at) ?? [])
}
