import type { PersonView } from "@onymous/persons/Persons"
import { type Captured, isAct, type Recorded } from "@onymous/identity/event/Event"
import type { Position } from "@onymous/identity/event/Position"
import { namedBy } from "@onymous/identity/event/NamedIds"
import * as Personless from "@onymous/identity/rules/Personless"
import type { CheckId, CheckVerdict } from "@onymous/identity/policy/CheckCodes"
import * as MergeChecks from "@onymous/identity/policy/MergeChecks"
import type { Warning } from "@onymous/identity/state/Warning"
import { before, type History, type Link } from "../../history/History.ts"
import * as ActText from "./ActText.ts"
import * as Remedy from "./Remedy.ts"

/** A check that the rules make of an event, and its outcome: codes for programs, and both in words. */
export interface Check {
  readonly id: CheckId
  readonly verdict: CheckVerdict
  readonly check: string
  readonly outcome: string
}

/** The checks of an event in their order, with the persons before and after it (SPEC §8). */
export interface Trace {
  readonly recorded: Recorded
  readonly checks: ReadonlyArray<Check>
  readonly before: ReadonlyArray<PersonView>
  readonly after: ReadonlyArray<PersonView>
  readonly warnings: ReadonlyArray<Warning>
  /** The changes that would let a refused event pass. */
  readonly remedies: ReadonlyArray<string>
}

/** The checks of SPEC §2 in their order, made on the persons before the event. */
const checksOf = (
  history: History,
  { position }: Recorded,
  event: Captured,
): ReadonlyArray<Check> => {
  const policy = history.policyAt(position)
  const checks: Array<Check> = []
  const add = (id: CheckId, verdict: CheckVerdict, check: string, outcome: string) =>
    checks.push({ id, verdict, check, outcome })
  const isBad = event.facts.invalidUuid !== undefined
  add("valid_uuid", isBad ? "stop" : "pass", "is its uuid valid?", isBad ? "no: dropped" : "yes")
  if (isBad) return checks
  if (Personless.isPersonless(policy, event)) {
    add("asks_for_person", "nothing", "does it ask for a person?", "no: it is personless")
    return checks
  }
  add("asks_for_person", "pass", "does it ask for a person?", "yes")
  checks.push(waitOf(history, position))
  const link = history.linksAt().find((each) => each.event.position === position)
  const source = link?.source ?? event.source
  add(
    "asks_for_merge",
    source === undefined ? "nothing" : "pass",
    "which id does it merge?",
    source === undefined ? "none" : `${source} into ${event.distinctId}`,
  )
  if (source === undefined) return checks
  const ids = { policy, target: event.distinctId, source }
  for (const check of MergeChecks.checks) {
    // The checks that look at persons come after the lines that show those persons.
    if (check.looksAt === "persons") break
    const isStopped = check.objection(ids) !== undefined
    const verdict = isStopped ? stopOf(check) : "pass"
    add(check.id, verdict, check.question(ids), isStopped ? check.stop : check.pass)
    if (isStopped) return checks
  }
  for (const [code, id] of [
    ["person_of_target", event.distinctId],
    ["person_of_source", source],
  ] as const) {
    const person = history.personAt(id, before(link?.position ?? position))
    const state = person && `${person.id}, ${person.isIdentified ? "" : "not "}identified`
    add(code, "told", `who is ${id}?`, state ?? "nobody yet")
  }
  if (link !== undefined) checks.push(...personChecksOf(history, link, ids))
  const isRefused = link !== undefined && MergeChecks.isRefusal(link.outcome)
  const outcome = link?.outcome ?? "an ordinary event"
  add("result", isRefused ? "stop" : "told", "what came of it?", outcome)
  return checks
}

/** Whether an event waits, or did. */
const waitOf = (history: History, position: Position): Check => {
  const [id, check] = ["waits", "does it wait?"] as const
  const waited = history.tables.waiting.get(position)
  if (waited === undefined) return { id, verdict: "pass", check, outcome: "no" }
  const until = new Date(waited.dueAt).toISOString()
  return waited.released === null
    ? { id, verdict: "waits", check, outcome: `until ${until}` }
    : {
        id,
        verdict: "pass",
        check,
        outcome: `it did, until ${until}; released at ${waited.released.at} by ${waited.released.by}`,
      }
}

/** What a merge that a check stopped came to: where nothing was left to merge, it was not refused. */
const stopOf = ({ warning }: MergeChecks.Listed): CheckVerdict =>
  warning === undefined ? "nothing" : "stop"

/**
 * The checks of persons that a merge made, up to the check that stopped it, read from the link's
 * outcome and the warnings.
 */
const personChecksOf = (
  history: History,
  { event, outcome }: Link,
  ids: MergeChecks.Ids,
): ReadonlyArray<Check> => {
  const warned = new Set<string | undefined>(
    history.tables.warnings.flatMap(({ warning }) =>
      warning.position === event.position ? [warning.type] : [],
    ),
  )
  const checks: Array<Check> = []
  for (const check of MergeChecks.checks) {
    const mode = check.mode === undefined ? "enforce" : check.mode(ids.policy)
    if (check.looksAt !== "persons" || mode === "off") continue
    const hasWarned = warned.has(check.warning)
    const hasReason = check.warning === undefined || hasWarned
    const isStopped = mode === "enforce" && outcome === check.outcome && hasReason
    const isObserved = hasWarned && mode === "observe"
    const answer = isObserved ? "yes: a guard would refuse" : check.pass
    checks.push({
      id: check.id,
      verdict: isStopped ? stopOf(check) : isObserved ? "observed" : "pass",
      check: check.question(ids),
      outcome: isStopped ? check.stop : answer,
    })
    if (isStopped) break
  }
  return checks
}

const tell = (id: CheckId, check: string, outcome: string): Check => ({
  id,
  verdict: "told",
  check,
  outcome,
})

/** The lines about an operator's act, with its author and reason, or about a tick, with what it released. */
const actOf = (history: History, { event, position }: Recorded): ReadonlyArray<Check> => {
  if (event._tag === "Ticked") {
    const due = [...history.tables.waiting.values()].filter(
      ({ released }) => released?.at === position,
    )
    const outcome = `time passed, and released ${due.length} waiting ${due.length === 1 ? "event" : "events"}`
    return [tell("act", "what is it?", outcome)]
  }
  if (!isAct(event)) return []
  const [by, reason] = event._tag === "PolicyChanged" ? [] : [event.by, event.reason]
  return [
    tell("act", "what is it?", ActText.of(event)),
    ...(by === undefined ? [] : [tell("actor", "who did it?", by)]),
    ...(reason === undefined ? [] : [tell("reason", "why?", reason)]),
  ]
}

/** The event that a retraction undoes, and the retraction that undid this event. */
const undoingOf = (history: History, { event }: Recorded): ReadonlyArray<Check> => {
  const by = history.undoneAt(event.uuid)?.event
  const named = event._tag === "Retracted" ? history.eventOf(event.eventUuid) : undefined
  return [
    ...(event._tag === "Retracted"
      ? [tell("undoes", "what does it undo?", `${event.eventUuid} at ${named?.position ?? "?"}`)]
      : []),
    ...(by?._tag === "Retracted"
      ? [tell("undone", "was it undone?", `by ${by.by}, by ${by.uuid}: ${by.reason}`)]
      : []),
  ]
}

/** The checks that the rules made of an event, with the persons before and after it. */
export const trace = (history: History, recorded: Recorded): Trace => {
  const { event, position } = recorded
  const at = history.tables.waiting.get(position)?.released?.at ?? position
  const ids = new Set(namedBy(event))
  const personsAt = (point: number) => {
    const persons = [...ids].flatMap((id) => history.personAt(id, point) ?? [])
    return [...new Map(persons.map((person) => [person.id, person])).values()]
  }
  const personsBefore = personsAt(before(at))
  // An act can split off ids that it does not name, and an id that it names may be released into a person by it.
  const owned = new Set([...ids, ...personsBefore.flatMap(({ distinctIds }) => distinctIds)])
  const personsAfter = isAct(event)
    ? history.personsAt(at).filter(({ distinctIds }) => distinctIds.some((id) => owned.has(id)))
    : personsAt(at)
  const warnings = history.tables.warnings.flatMap(({ warning }) =>
    warning.position === position ? [warning] : [],
  )
  return {
    recorded,
    checks: [
      ...(event._tag === "Captured"
        ? checksOf(history, recorded, event)
        : actOf(history, recorded)),
      ...undoingOf(history, recorded),
    ],
    before: personsBefore,
    after: personsAfter,
    warnings,
    remedies: [...new Set(warnings.map((warning) => Remedy.of(history, warning, at)))],
  }
}
