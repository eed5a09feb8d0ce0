import { Effect } from "effect"
import { randomUUID } from "node:crypto"
import * as ProjectForms from "@onymous/api/forms/ProjectForms"
import type { Questions } from "@onymous/api/Questions"
import * as OperatorCommand from "@onymous/identity/event/OperatorCommand"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { OperatorActions } from "@onymous/projector/OperatorActions"
import { Projector } from "@onymous/projector/Projector"
import { VerificationProgress } from "@onymous/projector/rebuild/RebuildVerification"
import * as KeyQuestions from "@onymous/server/api/KeyQuestions"
import * as LogQuestions from "@onymous/server/api/LogQuestions"
import * as PastQuestions from "@onymous/server/api/PastQuestions"
import * as ProjectQuestions from "@onymous/server/api/ProjectQuestions"
import { TimeTravel } from "@onymous/timetravel/questions/TimeTravel"
import type { Services } from "onymous"
import { Progress } from "../output/ProgressLine.ts"
import { showRebuild } from "../output/RebuildLine.ts"
import * as ProjectAnswers from "./ProjectAnswers.ts"

interface Asked<Body> {
  readonly params: { readonly project: string }
  readonly payload: Body
}

const operationsOf = (actions: OperatorActions["Service"]): Questions["operations"] => {
  const { acts } = OperatorCommand
  const record =
    <Body>({ fact }: OperatorCommand.Act<Body>) =>
    ({ params, payload }: Asked<Body>) =>
      Effect.map(
        actions.operate(ProjectId(params.project), fact(payload, randomUUID())),
        ProjectForms.act,
      )
  return {
    changePolicy: ({ params, payload }) =>
      Effect.map(actions.changePolicy(ProjectId(params.project), payload), ProjectForms.act),
    split: record(acts["persons.split"]),
    delete: record(acts["persons.delete"]),
    merge: record(acts["persons.merge"]),
    patch: record(acts["persons.patch"]),
    deleteProperty: record(acts["persons.delete_property"]),
    retract: ({ params, payload }) => {
      const wanted = OperatorCommand.retractionOf(payload)
      return Effect.map(actions.retract(ProjectId(params.project), wanted), ProjectForms.act)
    },
  }
}

/** Answers from the services on a database. */
export const make = Effect.fnUntraced(function* () {
  const services = yield* Effect.context<Services>()
  const provided = Effect.provideContext(services)
  const { answer } = ProjectAnswers
  const { verify } = yield* Projector
  const line = yield* Progress
  const questions: Questions = {
    project: {
      persons: (asked) =>
        provided(answer(asked, (scope) => ProjectQuestions.persons(scope, asked.query))),
      events: (asked) =>
        provided(answer(asked, (scope) => ProjectQuestions.events(scope, asked.query))),
      warnings: (asked) =>
        provided(answer(asked, (scope) => ProjectQuestions.warnings(scope, asked.query))),
      waiting: (asked) =>
        provided(answer(asked, (scope) => ProjectQuestions.waiting(scope, asked.query))),
      policy: (asked) => provided(answer(asked, ProjectQuestions.policy)),
      status: ({ params }) =>
        Effect.map(
          provided(ProjectQuestions.status({ project: ProjectId(params.project) })),
          // A database has no refusals, because servers count them in memory.
          (found) => ({ ...found, refused: [] }),
        ),
    },
    past: PastQuestions.of(yield* TimeTravel, {
      verifyDeep: (project) =>
        Effect.provideService(verify(project), VerificationProgress, (progress) =>
          Effect.sync(() => showRebuild(line, progress)),
        ),
    }),
    operations: operationsOf(yield* OperatorActions),
    log: LogQuestions.of(yield* EventLog),
    keys: KeyQuestions.of(yield* EventLog),
    projects: { list: () => provided(ProjectQuestions.projects) },
  }
  return questions
})
