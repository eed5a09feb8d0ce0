import { Console, Effect, Layer, Option, References } from "effect"
import { Command } from "effect/cli"
import { HttpServer } from "effect/http"
import type { ServeError } from "effect/http/HttpServerError"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { Projector } from "@onymous/projector/Projector"
import * as Sessions from "@onymous/server/access/Sessions"
import * as Keys from "@onymous/server/access/Keys"
import * as Server from "@onymous/server/Server"
import * as ServerFile from "../../asking/ServerFile.ts"
import { CouldNot } from "../../CommandError.ts"
import { endless } from "../../Endless.ts"
import { database, type Location, locationOf, onNewDatabase } from "../../flags/DatabaseFlags.ts"
import { deriveProgress } from "./DeriveProgress.ts"
import * as LogLines from "../../telemetry/LogLines.ts"
import * as OtlpVariables from "../../telemetry/OtlpVariables.ts"
import { redact } from "../../telemetry/ProcessSecrets.ts"
import {
  formatOf,
  levelOf,
  type Listening,
  listeningOf,
  server,
  telling,
} from "../../flags/ServerFlags.ts"
import { refusal, type Setting } from "../../flags/Setting.ts"

/** Runs the server, which takes events and answers questions until it is stopped. */
export const serve = Command.make(
  "serve",
  { ...database, ...server, ...telling },
  Effect.fn(function* (settings) {
    const format = yield* formatOf(settings.logFormat)
    const level = yield* levelOf
    const sent = yield* exported
    return yield* serving(settings).pipe(
      Effect.provide(sent),
      Effect.provide(LogLines.layer(format, redact)),
      (effect) =>
        level === undefined
          ? effect
          : Effect.provideService(effect, References.MinimumLogLevel, level),
    )
  }, endless),
).pipe(Command.withDescription("Take events and answer questions"))

/** The export to a collector; without a variable that names one, nothing of it is loaded. */
const exported = Effect.suspend(() => {
  const variables = OtlpVariables.of(process.env)
  if (!OtlpVariables.isOn(variables)) return Effect.succeed(Layer.empty)
  return Effect.map(
    Effect.promise(() => import("../../telemetry/OtlpExport.ts")),
    ({ layer }) => layer(variables, redact),
  )
})

type Settings = Location & KeySettings & Listening

const serving = Effect.fnUntraced(function* (settings: Settings) {
  const given = keysOf(settings)
  // All settings are read before the database is opened, so that a refusal leaves nothing behind.
  const refused = Keys.refusalOf(given)
  if (refused !== undefined) return yield* wrongKey(settings)(refused)
  const place = yield* listeningOf(settings)
  const at = yield* locationOf(settings)
  yield* Console.error("Onymous is starting …")
  const listening = Effect.gen(function* () {
    const keys = yield* Effect.catchTag(
      Keys.ensureProject(ProjectId("1"), given),
      "KeyRefused",
      wrongKey(settings),
    )
    const localKey = Keys.random()
    const firstCode = { code: Sessions.newCode(), project: ProjectId("1"), isReadOnly: false }
    const options = {
      localKey,
      firstCode,
      ...place,
      ...(given.operatorKey !== undefined && { operatorKey: given.operatorKey }),
      ...(given.metricsKey !== undefined && { metricsKey: given.metricsKey }),
    }
    const announced = Layer.effectDiscard(
      Effect.andThen(publish(at.directory, localKey), announce(keys, at.place, firstCode.code)),
    )
    const projector = yield* Projector
    // The product lives by the projector, so its death ends the process with a message.
    const served = Layer.launch(Layer.provide(announced, Server.layer(options))).pipe(
      Effect.mapError((error) => cannotListen(options, error)),
    )
    yield* Effect.forkChild(deriveProgress)
    return yield* Effect.raceFirst(served, projector.run)
  })
  return yield* onNewDatabase(settings, listening)
})

interface KeySettings {
  readonly token: Option.Option<Setting>
  readonly key: Option.Option<Setting>
  readonly operatorKey: Option.Option<Setting>
  readonly metricsKey: Option.Option<Setting>
}

const keysOf = ({ token, key, operatorKey, metricsKey }: KeySettings): Keys.Given => ({
  ...(Option.isSome(token) && { token: token.value.text }),
  ...(Option.isSome(key) && { key: key.value.text }),
  ...(Option.isSome(operatorKey) && { operatorKey: operatorKey.value.text }),
  ...(Option.isSome(metricsKey) && { metricsKey: metricsKey.value.text }),
})

/** The refusal of a key by the name of its setting; the key itself is never repeated. */
const wrongKey =
  ({ token, key, operatorKey, metricsKey }: KeySettings) =>
  ({ field, expected }: Keys.KeyRefused) => {
    const given = { token, key, "operator-key": operatorKey, "metrics-key": metricsKey }[field]
    return refusal({ from: Option.getOrUndefined(given)?.from ?? `--${field}` }, expected)
  }

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
      return ": the one from before holds; `onymous keys make NAME` makes another."
  }
}

/** The URL of this server; an address of all interfaces becomes localhost, because clients cannot connect to it. */
const ownUrl = Effect.map(HttpServer.HttpServer, ({ address }) =>
  HttpServer.formatAddress(address).replace(/0\.0\.0\.0|\[::\]/, "localhost"),
)

/** Publishes the server for other commands where the database is embedded, because only this process can open it. */
const publish = (directory: string | undefined, key: string) =>
  Effect.flatMap(ownUrl, (url) =>
    directory === undefined ? Effect.void : ServerFile.publish(directory, { url, key }),
  )

const announce = Effect.fnUntraced(function* (keys: Keys.Keys, place: string, code: string) {
  const url = yield* ownUrl
  yield* Console.log(
    [
      `Onymous is at ${url}, its data in ${place}.`,
      "",
      `  Token of project 1, public, for capture:  ${keys.token}`,
      `  Secret key, for the API${keyTold(keys)}`,
      "",
      `The page, by a link that works once: ${url}/#code=${code}`,
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
