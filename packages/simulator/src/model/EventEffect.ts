import * as EventIntent from "./EventIntent.ts"
import * as People from "./People.ts"
import type * as PlainJson from "./PlainJson.ts"
import * as PropertyRules from "./PropertyRules.ts"
import * as VersionCount from "./VersionCount.ts"

/** Applies an event to ids and properties, and returns the person that owns it. */
export const apply = (
  people: People.People,
  event: PlainJson.Bag,
  at: number,
  id: string,
  warn: People.Warn,
): People.Person => {
  const before = VersionCount.copies(people)
  const wish = EventIntent.wishOf(people.rules, event, id)
  const { person, outcome } =
    wish === undefined ? People.plain(people, id, at) : People.settle(people, wish, at, warn)
  person.properties = PropertyRules.properties(people.rules, event, at, outcome, person.properties)
  VersionCount.count(people, outcome, before.get(person), person)
  return person
}
