import { Console, Effect, Layer, Option } from "effect"
import { Command } from "effect/cli"
import { HttpServer } from "effect/http"
import type { ServeError } from "effect/http/HttpServerError"
import { ProjectId } from "@onymous/identity/ProjectId"
import { Projector } from "@onymous/projector/Projector"
import * as Keys from "@onymous/server/Keys"
import * as Server from "@onymous/server/Server"
import { CouldNot, database, locationOf, onNewDatabase, server } from "../Options.ts"

/** Takes events and answers questions until it is stopped. */
export const serve = Command.make(
  "serve",
  { ...database, ...server },
  Effect.fn(function* ({ port, host, token, key, ...location }) {
    const listening = Effect.gen(function* () {
      const keys = yield* Keys.ensureProject(ProjectId("1"), {
        ...(Option.isSome(token) && { token: token.value }),
        ...(Option.isSome(key) && { key: key.value }),
      })
      const options = { port, host: Option.getOrElse(host, () => "127.0.0.1") }
      const announced = Layer.effectDiscard(announce(keys, locationOf(location)))
      const projector = yield* Projector
      // The projector is what the product lives by: its death ends the process, and is heard.
      const served = Layer.launch(Layer.provide(announced, Server.layer(options))).pipe(
        Effect.mapError((error) => cannotListen(options, error)),
      )
      return yield* Effect.raceFirst(served, projector.run)
    })
    return yield* onNewDatabase(location, listening)
  }),
).pipe(Command.withDescription("Take events and answer questions"))

const cannotListen = ({ host, port }: { host: string; port: number }, { cause }: ServeError) => {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const message = `Cannot listen on ${host}:${port}: ${reason}. --port and --host name another place.`
  return new CouldNot({ message })
}

const announce = Effect.fnUntraced(function* (keys: Keys.Keys, location: string) {
  const { address } = yield* HttpServer.HttpServer
  // An address that stands for all of them is not one to type.
  const url = HttpServer.formatAddress(address).replace(/0\.0\.0\.0|\[::\]/, "localhost")
  const kept = /^postgres(ql)?:/.test(location) ? "Postgres" : location
  yield* Console.log(
    [
      `Onymous is at ${url}, its data in ${kept}.`,
      "",
      `  Token of project 1, public, for capture:  ${keys.token}`,
      keys.key === undefined
        ? "  Secret key, for the API: shown when it was made; --key sets another."
        : `  Secret key, for the API${keys.isNew ? ", shown this once" : ""}:  ${keys.key}`,
      "",
      "A first event:",
      `  curl ${url}/batch/ -H 'content-type: application/json' \\`,
      `    -d '{"api_key":"${keys.token}","batch":[{"event":"$identify","distinct_id":"me","properties":{"$anon_distinct_id":"my-browser"}}]}'`,
      "Whose it is:",
      `  curl '${url}/api/projects/1/persons?distinct_id=my-browser' -H 'authorization: Bearer ${keys.key ?? "<secret key>"}'`,
      `What may be asked: ${url}/docs`,
    ].join("\n"),
  )
})
