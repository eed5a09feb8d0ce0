import { Data, Effect } from "effect"
import { Atom } from "effect/reactivity"
import { Position } from "@onymous/identity/event/Position"
import { address } from "../address/Navigation.ts"
import { registry } from "../atoms/Registry.ts"
import * as Client from "./TypedClient.ts"
import * as Session from "./SignedIn.ts"
import * as Trouble from "./Trouble.ts"

/** The server refused a question, and said why. */
export class Refused extends Data.TaggedError("Refused")<{
  readonly code: string
  readonly message: string
}> {}

interface Parameters {
  readonly params: { readonly project: string }
}

type Question<A> = (client: Client.Client, asked: Parameters) => Effect.Effect<A, unknown>

const client = Atom.keepAlive(
  Atom.make((get) => {
    const key = get(Session.key)
    return key === undefined ? undefined : Effect.runSync(Client.make(key))
  }),
)

/** The project that the page is about. */
export const project = Atom.map(address, (here) => here.project)

const pauseMax = 30_000

const textOf = (error: object): string =>
  "message" in error && typeof error.message === "string" ? error.message : "No answer came."

const isOne = (error: unknown): error is object => typeof error === "object" && error !== null

const tagOf = (error: object): unknown => ("_tag" in error ? error._tag : undefined)

/** The codes of refusals that hold, however often one asks. */
const final = new Set(["invalid_input", "unknown_point", "refused", "not_found"])

/**
 * Asks until there is an answer: after 1, 2, 4 … 30 seconds, while what was there before stays. Who is not asked any more
 * waits no more.
 */
const persistently = <A>(asked: Effect.Effect<A, unknown>): Effect.Effect<A, Refused> =>
  Effect.suspend(() => {
    const asker = {}
    return Effect.ensuring(
      askAgain(asked, asker, 1000),
      Effect.sync(() => Trouble.end(asker)),
    )
  })

const askAgain = <A>(
  asked: Effect.Effect<A, unknown>,
  asker: object,
  pause: number,
): Effect.Effect<A, Refused> =>
  Effect.matchEffect(asked, {
    onSuccess: Effect.succeed,
    onFailure: (error) => {
      const found = isOne(error) ? error : {}
      if (tagOf(found) === "Unauthorized") {
        Session.signOut()
        return Effect.never
      }
      const code = "code" in found && typeof found.code === "string" ? found.code : "unanswered"
      if (final.has(code)) return Effect.fail(new Refused({ code, message: textOf(found) }))
      Trouble.begin(asker, textOf(found), pause)
      return Effect.andThen(
        Effect.sleep(pause),
        Effect.suspend(() => askAgain(asked, asker, Math.min(pauseMax, pause * 2))),
      )
    },
  })

/** Asks the project's server once it is known who asks; never fails for want of an answer. */
export const ask = <A>(get: Atom.AtomContext, question: Question<A>): Effect.Effect<A, Refused> => {
  const [here, params] = [get(client), { project: get(project) }]
  return here === undefined ? Effect.never : persistently(question(here, { params }))
}

/** Asks once, for an act. */
export const askOnce = <A>(question: Question<A>): Effect.Effect<A, Refused> => {
  const [here, params] = [registry.get(client), { project: registry.get(project) }]
  if (here === undefined) return Effect.fail(new Refused({ code: "", message: "Sign in first." }))
  return Effect.mapError(question(here, { params }), (error) =>
    isOne(error) && "code" in error
      ? new Refused({ code: `${error.code}`, message: textOf(error) })
      : new Refused({ code: "unanswered", message: "The server did not answer." }),
  )
}

/** Waits until persons have reached a position: a busy server says meanwhile that they have not. */
export const untilReached = (position: number) =>
  Effect.retry(
    Effect.suspend(() =>
      askOnce(({ project }, asked) =>
        project.status({ ...asked, query: { min_position: Position(position) } }),
      ),
    ),
    { while: ({ code }) => code === "not_reached" },
  )
