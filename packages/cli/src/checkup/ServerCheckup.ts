import { Effect, Result } from "effect"
import { innermostText } from "@onymous/database/ErrorText"
import type { Found } from "../asking/ServerFile.ts"
import * as ServerQuestions from "../asking/ServerQuestions.ts"
import { type Finding, ok, warning, wrong } from "./Finding.ts"
import * as Looks from "./Looks.ts"

/** The time limit of a request to the server, in milliseconds. */
const timeout = 10_000

interface Said {
  readonly status: number
  readonly date: string | null
  readonly text: string
}

/** Requests a path that needs no key. */
const ask = (url: string, path: string) =>
  Effect.tryPromise({
    try: async (signal): Promise<Said> => {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(timeout)])
      const response = await fetch(`${url}${path}`, { signal: limit })
      const { status, headers } = response
      return { status, date: headers.get("date"), text: await response.text() }
    },
    catch: (cause) =>
      wrong(
        "ready",
        `There is no answer from ${url}: ${innermostText(cause)}`,
        "Does it run, and is that its address?",
      ),
  })

const ready = ({ status, text }: Said): Finding => {
  if (status === 200) return ok("ready", "It takes events")
  return text.includes("behind")
    ? wrong(
        "ready",
        "Its persons are further behind than --ready-lag allows",
        "See the projects below.",
      )
    : wrong(
        "ready",
        `It takes no events (${status})`,
        "Its log says why: mostly, that its database does not answer.",
      )
}

/** The finding about a server's clock by its Date header, which has whole seconds, so any moment of the second counts. */
const clockOf = (date: string, before: number, after: number): Finding => {
  const second = Date.parse(date)
  const isWithin = second + 1000 > before && second <= after
  return Looks.clock("the server", isWithin ? before : second, before, after)
}

const refusals = (count: number): Finding =>
  count === 0
    ? ok("captures", "None was refused since it started")
    : warning(
        "captures",
        `${count} were refused since it started`,
        "`GET /api/refusals` says of whom, and why: their senders drop them.",
      )

/** Checks a running server by its answers, about all projects with the operator's key, or about the key's own project. */
export const look = Effect.fnUntraced(function* (found: Found, project: string) {
  const before = Date.now()
  const said = yield* Effect.result(ask(found.url, "/readyz"))
  const after = Date.now()
  if (Result.isFailure(said)) return [said.failure]
  const { date } = said.success
  const findings = [ready(said.success)]
  if (date !== null) findings.push(clockOf(date, before, after))
  const client = yield* ServerQuestions.make(found)
  const status = (id: string) =>
    Effect.map(client.project.status({ params: { project: id }, query: {} }), Looks.project)
  const ofAll = Effect.gen(function* () {
    const { results } = yield* client.projects.list({ query: {} })
    const refused = yield* client.projects.refusals({ query: {} })
    const count = refused.results.reduce((sum, each) => sum + each.count, 0)
    const ofProjects = yield* Effect.forEach(results, ({ project: id }) => status(id))
    return [refusals(count), ...ofProjects]
  })
  const ofOne = Effect.map(status(project), (one) => [one])
  return [...findings, ...(yield* Effect.catchTag(ofAll, "Unauthorized", () => ofOne))]
})
