import { Effect } from "effect"
import { Atom } from "effect/reactivity"
import { go } from "../address/Navigation.ts"
import { registry } from "../atoms/Registry.ts"
import * as SignedIn from "./SignedIn.ts"
import * as TypedClient from "./TypedClient.ts"

/** Takes the code out of the address, so that neither history nor a copied link has it. */
const takeCode = (): string | undefined => {
  const code = /^#code=([\w-]+)$/.exec(window.location.hash)?.[1]
  if (code !== undefined) {
    const { pathname, search } = window.location
    window.history.replaceState(null, "", `${pathname}${search}`)
  }
  return code
}

const code = takeCode()

const state = Atom.keepAlive(
  Atom.make<"none" | "asked" | "wrong">(code === undefined ? "none" : "asked"),
)

/** Whether the address had a code, and what came of it. */
export const codeState: Atom.Atom<"none" | "asked" | "wrong"> = Atom.map(state, (now) => now)

const signIn = (given: string) =>
  Effect.gen(function* () {
    const client = yield* TypedClient.make("")
    const session = yield* client.session.signIn({ query: {}, payload: { code: given } })
    SignedIn.openSession({ key: session.token, isReadOnly: session.read_only })
    go({ project: session.project })
    registry.set(state, "none")
  })

if (code !== undefined) {
  void Effect.runPromise(
    Effect.catchCause(signIn(code), () => Effect.sync(() => registry.set(state, "wrong"))),
  )
}
