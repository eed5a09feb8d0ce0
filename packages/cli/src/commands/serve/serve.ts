import { Console, Effect, Layer, Option } from "effect"
import { Command } from "effect/cli"
import { HttpServer } from "effect/http"
import type { ServeError } from "effect/http/HttpServerError"
import { isServer } from "@onymous/database/DatabaseLocation"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { Projector } from "@onymous/projector/Projector"
import * as Keys from "@onymous/server/access/Keys"
import * as Server from "@onymous/server/Server"
import { CouldNot, WrongUse } from "../../CommandError.ts"
import { endless } from "../../Endless.ts"
import { database, locationOf, onNewDatabase } from "../../flags/DatabaseFlags.ts"
import { server } from "../../flags/ServerFlags.ts"

/** Takes events and answers questions until it is stopped. */
export const serve = Command.make(
  "serve",
  { ...database, ...server },
  Effect.fn(function* ({ port, host, token, key, operatorKey, ...location }) {
    const given = {
      ...(Option.isSome(token) && { token: token.value }),
      ...(Option.isSome(key) && { key: key.value }),
      ...(Option.isSome(operatorKey) && { operatorKey: operatorKey.value }),
    }
    // Keys are checked before the database is opened, so that a refusal leaves nothing behind.
    const refusal = Keys.refusalOf(given)
    if (refusal !== undefined) return yield* wrongKey(refusal)
    const at = yield* locationOf(location)
    const listening = Effect.gen(function* () {
      const keys = yield* Effect.catchTag(
        Keys.ensureProject(ProjectId("1"), given),
        "KeyRefused",
        wrongKey,
      )
      const options = {
        port,
        host: Option.getOrElse(host, () => "127.0.0.1"),
        ...(given.operatorKey !== undefined && { operatorKey: given.operatorKey }),
      }
      const announced = Layer.effectDiscard(announce(keys, at))
      const projector = yield* Projector
      // The product lives by the projector, so its death ends the process with a message.
      const served = Layer.launch(Layer.provide(announced, Server.layer(options))).pipe(
        Effect.mapError((error) => cannotListen(options, error)),
      )
      return yield* Effect.raceFirst(served, projector.run)
    })
    return yield* onNewDatabase(location, listening)
  }, endless),
).pipe(Command.withDescription("Take events and answer questions"))

const wrongKey = ({ message }: Keys.KeyRefused) => new WrongUse({ message: `--${message}` })

const cannotListen = ({ host, port }: { host: string; port: number }, { cause }: ServeError) => {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const message = `Cannot listen on ${host}:${port}: ${reason}. --port and --host name another place.`
  return new CouldNot({ message })
}

const keyTold = ({ key }: Keys.Keys): string => {
  switch (key._tag) {
    case "Made":
      return `, shown this once:  ${key.text}`
    case "Given":
      return ": the one given holds."
    case "Kept":
      return ": the one from before holds; --key sets another."
  }
}

const announce = Effect.fnUntraced(function* (keys: Keys.Keys, location: string) {
  const { address } = yield* HttpServer.HttpServer
  // An address that stands for all interfaces is none to open in a browser.
  const url = HttpServer.formatAddress(address).replace(/0\.0\.0\.0|\[::\]/, "localhost")
  const kept = isServer(location) ? "Postgres" : location
  yield* Console.log(
    [
      `Onymous is at ${url}, its data in ${kept}.`,
      "",
      `  Token of project 1, public, for capture:  ${keys.token}`,
      `  Secret key, for the API${keyTold(keys)}`,
      "",
      "A first event:",
      `  curl ${url}/batch/ -H 'content-type: application/json' \\`,
      `    -d '{"api_key":"${keys.token}","batch":[{"event":"$identify","distinct_id":"me","properties":{"$anon_distinct_id":"my-browser"}}]}'`,
      "Whose it is:",
      `  curl '${url}/api/projects/1/persons?distinct_id=my-browser&min_position=1' -H 'authorization: Bearer ${keys.key._tag === "Made" ? keys.key.text : "<secret key>"}'`,
      `What may be asked: ${url}/docs`,
    ].join("\n"),
  )
})
