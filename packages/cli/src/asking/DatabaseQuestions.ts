import { Effect } from "effect"
import type { Questions } from "@onymous/api/Questions"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { OperatorActions } from "@onymous/projector/OperatorActions"
import { Projector } from "@onymous/projector/Projector"
import { VerificationProgress } from "@onymous/projector/rebuild/RebuildVerification"
import * as KeyQuestions from "@onymous/server/api/questions/KeyQuestions"
import * as LogQuestions from "@onymous/server/api/questions/LogQuestions"
import * as OperationQuestions from "@onymous/server/api/questions/OperationQuestions"
import * as PastQuestions from "@onymous/server/api/questions/PastQuestions"
import * as ProjectQuestions from "@onymous/server/api/questions/ProjectQuestions"
import { asGiven } from "@onymous/server/api/questions/ReadBody"
import * as StatusQuestion from "@onymous/server/api/questions/StatusQuestion"
import { TimeTravel } from "@onymous/timetravel/questions/TimeTravel"
import type { Services } from "onymous"
import { Progress } from "../output/ProgressLine.ts"
import { showRebuild } from "../output/RebuildLine.ts"
import * as ProjectAnswers from "./ProjectAnswers.ts"

/** Answers from the services on a database. */
export const make = Effect.fnUntraced(function* () {
  const services = yield* Effect.context<Services>()
  const provided = Effect.provideContext(services)
  const { verify } = yield* Projector
  const actions = yield* OperatorActions
  const line = yield* Progress
  const questions: Questions = {
    project: {
      persons: (asked) =>
        provided(
          ProjectAnswers.answer(asked, (scope) => ProjectQuestions.persons(scope, asked.query)),
        ),
      events: (asked) =>
        provided(
          ProjectAnswers.answer(asked, (scope) => ProjectQuestions.events(scope, asked.query)),
        ),
      warnings: (asked) =>
        provided(
          ProjectAnswers.answer(asked, (scope) => ProjectQuestions.warnings(scope, asked.query)),
        ),
      waiting: (asked) =>
        provided(
          ProjectAnswers.answer(asked, (scope) => ProjectQuestions.waiting(scope, asked.query)),
        ),
      policy: (asked) => provided(ProjectAnswers.answer(asked, ProjectQuestions.policy)),
      status: ({ params }) =>
        Effect.map(
          provided(StatusQuestion.status({ project: ProjectId(params.project) })),
          // A database has no refusals, because servers count them in memory.
          (found) => ({ ...found, refused: [] }),
        ),
    },
    past: PastQuestions.of(yield* TimeTravel, {
      answer: (_, answer) => answer,
      read: asGiven,
      verifyDeep: (project) =>
        Effect.provideService(verify(project), VerificationProgress, (progress) =>
          Effect.sync(() => showRebuild(line, progress)),
        ),
    }),
    operations: OperationQuestions.of((project, carryOut) => carryOut(actions, project), asGiven),
    log: LogQuestions.of(yield* EventLog),
    keys: KeyQuestions.of(yield* EventLog),
    projects: { list: () => provided(ProjectQuestions.projects) },
  }
  return questions
})
