import { Effect } from "effect"
import type { Recorded } from "@onymous/identity/event/Event"
import type { Culprit as FoundCulprit } from "@onymous/timetravel/questions/Culprits"
import type * as Why from "@onymous/timetravel/questions/Why"
import { check, type PointOption, textOf } from "../inputs/QuestionInputs.ts"
import type { Session } from "../session/Session.ts"
import { type EventNote, toNote } from "./EventAnswer.ts"
import { toWarning, type Warning } from "./WarningQuestions.ts"

/** A link of a chain, from one distinct id to the next. */
export interface ChainLink extends EventNote {
  readonly from: string
  readonly to: string
  /** What the rules made of it. */
  readonly outcome: string
}

/** An event that took two distinct ids apart. */
export interface Separation extends EventNote {
  readonly by: string | undefined
  readonly reason: string | undefined
}

/** Why two distinct ids are one person, or what kept them apart. */
export interface WhyAnswer {
  readonly isSame: boolean
  /** The shortest chain of events that made them one. */
  readonly chain: ReadonlyArray<ChainLink>
  /** The refused merges between them. */
  readonly refusals: ReadonlyArray<Warning>
  readonly separated: ReadonlyArray<Separation>
  /** Which of the two no event ever named. */
  readonly unseen: ReadonlyArray<string>
}

/** The events of which each alone, left out, separates two distinct ids. */
export interface UndoAnswer {
  readonly isSame: boolean
  readonly events: ReadonlyArray<EventNote>
}

/** A link whose loss would split a person, and the distinct ids of the two parts. */
export interface Culprit extends EventNote {
  readonly from: string
  readonly to: string
  readonly parts: readonly [ReadonlyArray<string>, ReadonlyArray<string>]
}

const toLink = ({ link, from, to }: Why.Step): ChainLink => ({
  ...toNote(link.event),
  from,
  to,
  outcome: link.outcome,
})

const toSeparation = (recorded: Recorded): Separation => ({
  ...toNote(recorded),
  by: "by" in recorded.event ? recorded.event.by : undefined,
  reason: "reason" in recorded.event ? recorded.event.reason : undefined,
})

const toCulprit = ({ link, parts }: FoundCulprit): Culprit => ({
  ...toNote(link.event),
  from: link.source,
  to: link.target,
  parts,
})

const pairOf = (a: string, b: string, options: PointOption) => {
  check.pair({ a, b })
  check.asOf(options)
  return { a, b, at: textOf(options.at), minPosition: options.minPosition }
}

/** The chain that makes two distinct ids one person, or the refusals between them. */
export const why = (session: Session, ...asked: Parameters<typeof pairOf>) => {
  const question = pairOf(...asked)
  const answer = session.askPast(question, (past) => past.why(session.project, question))
  return Effect.map(answer, (found): WhyAnswer => ({
    isSame: found.isSame,
    chain: found.chain.map(toLink),
    refusals: found.refusals.map(toWarning),
    separated: found.separations.map(toSeparation),
    unseen: found.unseen,
  }))
}

/** The events of which each alone, left out, separates two distinct ids. */
export const undo = (session: Session, ...asked: Parameters<typeof pairOf>) => {
  const question = pairOf(...asked)
  const answer = session.askPast(question, (past) =>
    Effect.all({
      events: past.undo(session.project, question),
      why: past.why(session.project, question),
    }),
  )
  return Effect.map(answer, ({ events, why }): UndoAnswer => ({
    isSame: why.isSame,
    events: events.map(toNote),
  }))
}

/** The links whose loss would split a person, most even split first. */
export const culprits = (session: Session, distinctId: string, options: PointOption) => {
  check.distinctId(distinctId)
  check.asOf(options)
  const question = { distinctId, at: textOf(options.at) }
  const found = session.askPast(options, (past) => past.culprits(session.project, question))
  return Effect.map(found, (all): ReadonlyArray<Culprit> => all.map(toCulprit))
}
