import { Effect } from "effect"
import { OperationRefused } from "@onymous/log/OperationRefused"
import { QuestionProgress, type QuestionStep } from "@onymous/timetravel/history/QuestionProgress"
import type * as Differences from "@onymous/timetravel/questions/Difference"
import type { TimeTravel } from "@onymous/timetravel/questions/TimeTravel"
import { checkFresh, type Fresh } from "../inputs/CallOptions.ts"
import * as Inputs from "../inputs/CaptureInputs.ts"
import * as ActRefusal from "../errors/ActRefusal.ts"
import * as PolicyInput from "../inputs/PolicyInput.ts"
import {
  type BisectOptions,
  check,
  type DiffInput,
  type LongQuestion,
  textOf,
  type WhatIfInput,
} from "../inputs/QuestionInputs.ts"
import type { Services } from "../OnymousLayer.ts"
import { heardBy } from "../session/Listening.ts"
import type { Session } from "../session/Session.ts"
import { type EventCause, toCause } from "./EventAnswer.ts"
import { type Person, toPerson } from "./PersonAnswer.ts"
import { toWarning, type Warning } from "./WarningQuestions.ts"

/** A person that differs between two states; `renamed` where only its id is another. */
export interface PersonDifference {
  readonly change: "born" | "gone" | "changed" | "renamed"
  readonly before: Person | undefined
  readonly after: Person | undefined
}

/** The persons and warnings that differ between two states. */
export interface Difference {
  readonly persons: ReadonlyArray<PersonDifference>
  readonly warnings: {
    readonly added: ReadonlyArray<Warning>
    readonly removed: ReadonlyArray<Warning>
  }
}

/** The difference that an edit makes, and the number of distinct ids that it can reach at most. */
export interface WhatIfAnswer extends Difference {
  readonly blastRadius: number
}

/** The first position at which a condition held, with the event there; undefined where it never did. */
export interface BisectAnswer extends Omit<EventCause, "position"> {
  readonly position: number | undefined
  /** False where the condition ceased to hold later. */
  readonly isLasting: boolean
}

const toDifference = ({ persons, warnings }: Differences.Difference): Difference => ({
  persons: persons.map(({ change, before, after }) => ({
    change,
    before: before && toPerson(before),
    after: after && toPerson(after),
  })),
  warnings: {
    added: warnings.added.map(toWarning),
    removed: warnings.removed.map(toWarning),
  },
})

/** Asks a question that may take long over a long log; an error of the listener reaches the caller. */
const askLong = <A, E>(
  session: Session,
  { onProgress, minPosition }: LongQuestion,
  question: (past: TimeTravel["Service"]) => Effect.Effect<A, E, Services>,
) =>
  heardBy(onProgress, (tell) => {
    const onStep = (step: QuestionStep, done: number, all?: number) => tell({ step, done, all })
    return session.askPast({ minPosition }, (past) =>
      Effect.provideService(question(past), QuestionProgress, onStep),
    )
  })

/** The persons and warnings that differ between two points. */
export const diff = (session: Session, input: DiffInput) => {
  check.diff(input)
  const { from, to, distinctId } = input
  const question = { from: textOf(from) ?? "0", to: textOf(to), distinctId }
  const found = session.askPast(input, (past) => past.diff(session.project, question))
  return Effect.map(found, toDifference)
}

/** The difference that an edit of the log would make now. */
export const whatIf = (session: Session, input: WhatIfInput) => {
  check.whatIf(input)
  const { without, insert, policy, from } = input
  const question = {
    without,
    insert: Array.from(insert ?? [], (each) => Inputs.toEvent(each)),
    policy: policy && PolicyInput.toChange(policy),
    from: textOf(from),
  }
  const answer = askLong(session, input, (past) => past.whatIf(session.project, question))
  return Effect.map(answer, (found): WhatIfAnswer => ({
    ...toDifference(found),
    blastRadius: found.blastRadius,
  }))
}

/** The difference that retracting an event would make now. */
export const previewRetraction = (session: Session, eventUuid: string, options: Fresh) => {
  check.eventUuid(eventUuid)
  checkFresh(options)
  const preview = session.askPast(options, (past) =>
    Effect.mapError(past.previewRetraction(session.project, eventUuid.toLowerCase()), (error) =>
      error instanceof OperationRefused ? ActRefusal.of(error) : error,
    ),
  )
  return Effect.map(preview, toDifference)
}

/** The first position at which a condition held. */
export const bisect = (session: Session, condition: string, options: BisectOptions) => {
  check.condition(condition)
  check.bisect(options)
  const answer = askLong(session, options, (past) => past.bisect(session.project, condition))
  return Effect.map(answer, ({ position, event, isLasting }): BisectAnswer => ({
    ...toCause(position ?? 0, event),
    position,
    isLasting,
  }))
}
