import { Context } from "effect"

/** A step of a question that may take long. */
export type QuestionStep = "checking seals" | "reading" | "folding" | "comparing"

/** Hears the progress of a step, in events or persons, out of `all` where that is known. */
export type OnStep = (step: QuestionStep, done: number, all?: number) => void

/** Hears the progress of a fiber's questions; by default nobody does. */
export const QuestionProgress = Context.Reference<OnStep>(
  "@onymous/timetravel/history/QuestionProgress",
  { defaultValue: () => () => {} },
)
