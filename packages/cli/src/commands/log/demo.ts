import { Effect, Option } from "effect"
import { Command } from "effect/cli"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { ensureProject } from "@onymous/log/EnsureProject"
import * as DemoLog from "@onymous/server/page/DemoLog"
import * as AskingError from "../../asking/AskingError.ts"
import type { Found } from "../../asking/ServerFile.ts"
import * as Source from "../../asking/Source.ts"
import { catchUp } from "../../CaughtUp.ts"
import { onNewDatabase } from "../../flags/DatabaseFlags.ts"
import { acting } from "../../flags/SourceFlags.ts"
import * as Answer from "../../output/Answer.ts"

/** Loads the demo world into an empty log, as the button of the page does, and says where to look at it. */
export const demo = Command.make(
  "demo",
  acting,
  Effect.fn(function* (given) {
    const source = yield* Source.of(given)
    const project = Option.getOrElse(given.project, () => ProjectId("1"))
    const loaded =
      source._tag === "Server"
        ? yield* onServer(source.server, project)
        : yield* onNewDatabase(given, onServices(project)).pipe(
            Effect.mapError(AskingError.ofAnswer({})),
          )
    yield* Answer.print(loaded, given.json, print)
  }),
).pipe(Command.withDescription("Load a small shop's week into an empty log, and say where to look"))

/** What was loaded; `page` signs in once, and is null where no server runs that could take it. */
interface Loaded {
  readonly project: string
  readonly events: number
  readonly position: number
  readonly page: string | null
  readonly wrong_merge: string
}

const onServer = Effect.fnUntraced(
  function* (server: Found, project: string) {
    const { make, waitFor } = yield* Effect.promise(() => import("../../asking/ServerQuestions.ts"))
    const questions = yield* make(server)
    const params = { project }
    const { events, position } = yield* questions.page
      .demo({ params, query: {}, payload: {} })
      .pipe(
        // A busy server has appended all of it, and answers before its persons are there.
        Effect.catchTag("NotReached", ({ position }) =>
          Effect.succeed({ events: position, position }),
        ),
      )
    yield* waitFor(questions, params, position)
    const payload = { read_only: false }
    const { path } = yield* questions.page.link({ params, query: {}, payload })
    const wrong_merge = `${server.url}${DemoLog.wrongMerge(project)}`
    return { project, events, position, page: `${server.url}${path}`, wrong_merge }
  },
  (effect, { url }) => Effect.mapError(effect, AskingError.ofAnswer({ url, isAct: true })),
)

const onServices = Effect.fnUntraced(function* (project: ProjectId) {
  yield* ensureProject(project)
  const { events, position } = yield* DemoLog.append(project, undefined)
  yield* catchUp(project)
  return { project, events, position, page: null, wrong_merge: DemoLog.wrongMerge(project) }
})

const print = ({ project, events, page, wrong_merge }: Loaded): ReadonlyArray<string> => [
  `A small shop's week is in the log of project ${project}: ${events} events, and a wrong merge to be found.`,
  "",
  ...(page === null
    ? [
        "`onymous serve` on the same database shows it, and tells the link that signs in.",
        `The wrong merge is at:  ${wrong_merge}`,
      ]
    : [
        `The page, by a link that works once:  ${page}`,
        `The wrong merge, once signed in:  ${wrong_merge}`,
      ]),
]
