import { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Position } from "@onymous/identity/event/Position"
import * as IllegalId from "@onymous/identity/policy/IllegalId"
import * as Json from "@onymous/identity/encoding/Json"
import { remedy, type Warning } from "@onymous/identity/state/Warning"
import { before, type History } from "../../history/History.ts"

const textAt = ({ details }: Warning, key: string): string => {
  const value = Json.get(details, key)
  return typeof value === "string" ? value : JSON.stringify(value ?? null)
}

/** A word of a command line, in quotes where a shell needs them. */
const word = (text: string): string =>
  /^[\w@.:-]+$/.test(text) && !text.startsWith("-") ? text : `'${text.replaceAll("'", `'\\''`)}'`

/** The event that identified a person, as of a position. */
const identifiedSince = (history: History, id: DistinctId, at: Position) => {
  const person = history.personAt(id, at)
  if (person === undefined) return undefined
  const [since] = history
    .versionsOf(person.id)
    .filter(({ from, person: version }) => from <= at && version.isIdentified)
  return since && { person, event: history.eventAt(since.from), position: since.from }
}

const ofIdentified = (history: History, warning: Warning, at: Position): string => {
  const source = textAt(warning, "sourcePersonDistinctId")
  const target = textAt(warning, "targetPersonDistinctId")
  const since = identifiedSince(history, DistinctId(source), before(at))
  const fact =
    since === undefined
      ? `${source} was identified.`
      : `${source} belongs to person ${since.person.id}, identified since position ${since.position}` +
        `${since.event === undefined ? "" : ` by event ${since.event.event.uuid}`}.`
  const command = `onymous person merge ${word(target)} ${word(source)} --by WHO --reason WHY`
  return `${fact} If both are one person, an operator merges them on purpose: ${command}. If not: ${remedy(warning.type)}`
}

const ofIllegal = (history: History, warning: Warning, at: Position): string => {
  const id = textAt(warning, "illegalDistinctId")
  const rule = IllegalId.ruleAgainst(history.policyAt(at), id)
  const where = rule === undefined || rule === "blank" ? "it is blank" : `by the policy's ${rule}`
  return `${JSON.stringify(id)} is no id of a person, ${where}. ${remedy(warning.type)}`
}

/** The remedy for a warning, in words about its event and ids. */
export const of = (history: History, warning: Warning, at: Position): string => {
  switch (warning.type) {
    case "cannot_merge_already_identified":
      return ofIdentified(history, warning, at)
    case "cannot_merge_with_illegal_distinct_id":
      return ofIllegal(history, warning, at)
    default:
      return remedy(warning.type)
  }
}
