import { Effect, Layer } from "effect"
import type { Questions } from "@onymous/api/Questions"
import type { Persons } from "@onymous/persons/Persons"
import * as OperationQuestions from "@onymous/server/api/questions/OperationQuestions"
import * as PastQuestions from "@onymous/server/api/questions/PastQuestions"
import * as ProjectQuestions from "@onymous/server/api/questions/ProjectQuestions"
import { asGiven } from "@onymous/server/api/questions/ReadBody"
import * as FileHistory from "@onymous/timetravel/history/FileHistory"
import type { HistorySource } from "@onymous/timetravel/history/HistorySource"
import { layer as timeTravel, TimeTravel } from "@onymous/timetravel/questions/TimeTravel"
import { WrongUse } from "../CommandError.ts"
import * as ProjectAnswers from "./ProjectAnswers.ts"

const unanswered = (flag: string) => () =>
  Effect.fail(new WrongUse({ message: `${flag}: expected a database or a server, not a file` }))

/** Answers questions from a project of a file; acts are refused. */
export const make = Effect.fnUntraced(function* (file: FileHistory.FileProject) {
  const source = FileHistory.layer(file)
  // Only questions about persons fold the whole file.
  const folded = <A, E>(ask: Effect.Effect<A, E, HistorySource | Persons>) =>
    Effect.provide(ask, Layer.merge(source, FileHistory.persons(file)))
  const past = yield* Effect.provide(TimeTravel, Layer.provide(timeTravel, source))
  const none = unanswered("--file")
  const questions: Questions = {
    project: {
      persons: (asked) =>
        folded(
          ProjectAnswers.answer(asked, (scope) => ProjectQuestions.persons(scope, asked.query)),
        ),
      events: none,
      warnings: (asked) =>
        folded(
          ProjectAnswers.answer(asked, (scope) => ProjectQuestions.warningsOf(scope, asked.query)),
        ),
      waiting: (asked) =>
        folded(
          ProjectAnswers.answer(asked, (scope) => ProjectQuestions.waiting(scope, asked.query)),
        ),
      policy: (asked) => folded(ProjectAnswers.answer(asked, ProjectQuestions.policy)),
      status: none,
    },
    past: PastQuestions.of(past, {
      answer: (_, answer) => answer,
      read: asGiven,
      verifyDeep: unanswered("--deep"),
    }),
    operations: OperationQuestions.of(none, asGiven),
    log: { page: none },
    keys: { list: none, make: none, end: none },
    projects: { list: none },
  }
  return questions
})
