import { Effect } from "effect"
import { OperationRefused } from "@onymous/log/OperationRefused"
import { QuestionProgress, type QuestionStep } from "@onymous/timetravel/history/QuestionProgress"
import type * as Differences from "@onymous/timetravel/questions/Difference"
import type { TimeTravel } from "@onymous/timetravel/questions/TimeTravel"
import * as Inputs from "../inputs/CaptureInputs.ts"
import * as Operators from "../inputs/OperatorInputs.ts"
import {
  type BisectOptions,
  check,
  type DiffInput,
  type LongQuestion,
  textOf,
  type WhatIfInput,
} from "../inputs/QuestionInputs.ts"
import type { Services } from "../OnymousLayer.ts"
import type { Session } from "../Session.ts"
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
const askLong = async <A, E>(
  session: Session,
  { onProgress, signal }: LongQuestion,
  question: (past: TimeTravel["Service"]) => Effect.Effect<A, E, Services>,
): Promise<A> => {
  let thrown: { readonly error: unknown } | undefined
  const onStep = (step: QuestionStep, done: number, all?: number) => {
    try {
      onProgress?.({ step, done, all })
    } catch (error) {
      thrown ??= { error }
      throw error
    }
  }
  const asked = session.askPast(
    (past) => Effect.provideService(question(past), QuestionProgress, onStep),
    signal,
  )
  return asked.catch((error: unknown) => {
    throw thrown === undefined ? error : thrown.error
  })
}

/** The persons and warnings that differ between two points. */
export const diff = async (session: Session, input: DiffInput): Promise<Difference> => {
  check.diff(input)
  const { from, to, distinctId } = input
  const question = { from: textOf(from) ?? "0", to: textOf(to), distinctId }
  return toDifference(await session.askPast((past) => past.diff(session.project, question)))
}

/** The difference that an edit of the log would make now. */
export const whatIf = async (session: Session, input: WhatIfInput): Promise<WhatIfAnswer> => {
  check.whatIf(input)
  const { without, insert, policy, from } = input
  const question = {
    without,
    insert: (insert ?? []).map(Inputs.toEvent),
    policy: policy && Operators.toPolicyChange(policy),
    from: textOf(from),
  }
  const found = await askLong(session, input, (past) => past.whatIf(session.project, question))
  return { ...toDifference(found), blastRadius: found.blastRadius }
}

/** The difference that retracting an event would make now. */
export const previewRetraction = async (
  session: Session,
  eventUuid: string,
): Promise<Difference> => {
  check.eventUuid(eventUuid)
  const preview = session.askPast((past) =>
    Effect.mapError(past.previewRetraction(session.project, eventUuid.toLowerCase()), (error) =>
      error instanceof OperationRefused ? Operators.refusal(error) : error,
    ),
  )
  return toDifference(await preview)
}

/** The first position at which a condition held. */
export const bisect = async (
  session: Session,
  condition: string,
  options: BisectOptions,
): Promise<BisectAnswer> => {
  check.condition(condition)
  check.bisect(options)
  const found = await askLong(session, options, (past) => past.bisect(session.project, condition))
  const { position, event, isLasting } = found
  return { ...toCause(position ?? 0, event), position, isLasting }
}
