import { Context } from "effect"

/** A step of a question that takes long over a long log; those without a unit are not counted. */
export type QuestionStep = "checking seals" | "reading" | "folding" | "comparing"

/** Hears how far a step is, of how many events or persons where that is known. */
export type OnStep = (step: QuestionStep, done: number, all?: number) => void

/** Hears how far the questions of a fiber are; by default nobody does. */
export const QuestionProgress = Context.Reference<OnStep>(
  "@onymous/timetravel/history/QuestionProgress",
  { defaultValue: () => () => {} },
)
