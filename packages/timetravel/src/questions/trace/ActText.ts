import type { Operation, PolicyChanged } from "@onymous/identity/event/Event"

const listed = (words: ReadonlyArray<string>): string => words.join(", ")

/** An operator's act in words. */
export const of = (act: Operation | PolicyChanged): string => {
  switch (act._tag) {
    case "PersonSplit": {
      const leaving = act.only === undefined ? "every other id" : listed(act.only)
      return `split ${leaving} off from ${act.mainDistinctId ?? act.distinctId}`
    }
    case "PersonDeleted":
      return `delete the person of ${act.distinctId}`
    case "PersonEdited": {
      const set = Object.keys(act.set ?? {}).map((key) => `set ${key}`)
      const unset = (act.unset ?? []).map((key) => `unset ${key}`)
      return `edit the person of ${act.distinctId}: ${listed([...set, ...unset])}`
    }
    case "PersonsMerged":
      return `merge the person of ${act.source} into that of ${act.distinctId}`
    case "Retracted":
      return `retract event ${act.eventUuid}`
    case "PolicyChanged": {
      const fields = Object.entries(act.change).map(
        ([field, value]) => `${field} = ${JSON.stringify(value)}`,
      )
      return `change the policy: ${listed(fields)}`
    }
  }
}
