import { Effect } from "effect"
import type { Json } from "@onymous/identity/encoding/Json"
import type * as Blame from "@onymous/timetravel/questions/story/PropertyBlame"
import type * as Story from "@onymous/timetravel/questions/story/Story"
import type { Check } from "@onymous/timetravel/questions/trace/Trace"
import { checkFresh, type Fresh } from "../inputs/CallOptions.ts"
import { check, type Point, type PointOption, textOf } from "../inputs/QuestionInputs.ts"
import type { Session } from "../session/Session.ts"
import { type EventCause, type EventNote, toCause, toNote } from "./EventAnswer.ts"
import { type Person, toPerson } from "./PersonAnswer.ts"
import { toWarning, type Warning } from "./WarningQuestions.ts"

/** A person, and the number of its distinct ids in their place. */
export interface CountedPerson extends Omit<Person, "distinctIds"> {
  readonly distinctIdCount: number
}

/** A change of the person of a distinct id, with the event that caused it. */
export interface Happening extends EventCause {
  readonly what: string
  /** The person after the change; undefined where there is none. */
  readonly after: CountedPerson | undefined
  /** Distinct ids that share the person since then. */
  readonly joined: ReadonlyArray<string>
  /** Distinct ids that share it no more. */
  readonly left: ReadonlyArray<string>
  /** Properties that differ: without `before` new, without `after` gone. */
  readonly properties: ReadonlyArray<Story.PropertyChange>
}

/** A value that a property had. */
export interface Setting extends EventCause {
  readonly value: Json | undefined
  /** False where the event removed the property. */
  readonly isSet: boolean
  /** The position of the merge in which another value won. */
  readonly lostAt: number | undefined
}

/** What the rules made of an event, check by check. */
export interface Trace extends EventNote {
  readonly checks: ReadonlyArray<Check>
  readonly before: ReadonlyArray<Person>
  readonly after: ReadonlyArray<Person>
  readonly warnings: ReadonlyArray<Warning>
  readonly remedies: ReadonlyArray<string>
}

const toCounted = ({ size, createdAt, ...person }: Story.CountedPerson): CountedPerson => ({
  ...person,
  createdAt: new Date(createdAt),
  distinctIdCount: size,
})

const toHappening = ({ position, event, after, ...rest }: Story.Happening): Happening => ({
  ...toCause(position, event),
  ...rest,
  after: after && toCounted(after),
})

const toSetting = ({ position, event, value, lostAt }: Blame.Setting): Setting => ({
  ...toCause(position, event),
  value,
  isSet: value !== undefined,
  lostAt,
})

/** Every change of the person of a distinct id, in order. */
export const story = (session: Session, distinctId: string, options: PointOption) => {
  check.distinctId(distinctId)
  check.asOf(options)
  const question = { distinctId, at: textOf(options.at) }
  const found = session.askPast(options, (past) => past.history(session.project, question))
  return Effect.map(found, (all): ReadonlyArray<Happening> => all.map(toHappening))
}

/** The events that set a property of a person, latest first. */
export const property = (
  session: Session,
  { distinctId, key, options }: { distinctId: string; key: string; options: PointOption },
) => {
  check.distinctId(distinctId)
  check.key(key)
  check.asOf(options)
  const question = { distinctId, property: key, at: textOf(options.at) }
  const found = session.askPast(options, (past) => past.property(session.project, question))
  return Effect.map(found, (all): ReadonlyArray<Setting> => all.map(toSetting))
}

/** The checks that the rules made of an event. */
export const trace = (session: Session, event: Point, options: Fresh) => {
  check.event(event)
  checkFresh(options)
  const text = textOf(event) ?? ""
  const traced = session.askPast(options, (past) => past.trace(session.project, text))
  return Effect.map(traced, (found): Trace => ({
    ...toNote(found.recorded),
    checks: found.checks,
    before: found.before.map(toPerson),
    after: found.after.map(toPerson),
    warnings: found.warnings.map(toWarning),
    remedies: found.remedies,
  }))
}

/** The position of the first event that named a distinct id. */
export const firstNamed = (session: Session, distinctId: string, options: Fresh) => {
  check.distinctId(distinctId)
  checkFresh(options)
  return session.askPast(options, (past) => past.firstNamed(session.project, distinctId))
}
