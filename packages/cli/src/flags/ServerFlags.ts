import { Config, Duration, Effect, Option } from "effect"
import { GlobalFlag } from "effect/cli"
import * as HostNames from "@onymous/server/access/HostNames"
import { keepAliveByDefault } from "@onymous/server/Server"
import * as LogLines from "../telemetry/LogLines.ts"
import { numberOf, numberSetting, refusal, setting, type Setting } from "./Setting.ts"

/** The highest number that a port has. */
const portMax = 65_535

/** The default port. */
const portByDefault = 8000

/** The longest time for which an idle connection is kept, in seconds: a day. */
const keepAliveMax = 86_400

const isFormat = (text: string): text is LogLines.Format =>
  LogLines.formats.some((format) => format === text)

/** The flags of the server's log lines. */
export const telling = {
  logFormat: setting(
    LogLines.setting.flag,
    LogLines.setting.variable,
    "text, the default, or json: a line of JSON for each that is told on standard error",
  ),
}

/** The format of log lines. */
export const formatOf = (given: Option.Option<Setting>) => {
  const named = Option.getOrUndefined(given)
  if (named === undefined) return Effect.succeed<LogLines.Format>("text")
  return isFormat(named.text)
    ? Effect.succeed(named.text)
    : refusal(named, `${LogLines.formats.join(" or ")}, not ${JSON.stringify(named.text)}`)
}

const levelVariable = "ONYMOUS_LOG_LEVEL"

const levels = ["All", "Trace", "Debug", "Info", "Warn", "Error", "Fatal", "None"] as const

/** The log level of the variable; `--log-level` wins over it. */
export const levelOf = Effect.gen(function* () {
  const typed = yield* GlobalFlag.LogLevel
  const named = yield* Effect.orDie(Config.option(Config.String(levelVariable)))
  if (Option.isSome(typed) || Option.isNone(named)) return Option.getOrUndefined(typed)
  const level = levels.find((each) => each.toLowerCase() === named.value.toLowerCase())
  const expected = `one of ${levels.join(", ").toLowerCase()}, not ${JSON.stringify(named.value)}`
  return level ?? (yield* refusal({ from: levelVariable }, expected))
})

/** The settings of the server. */
export const server = {
  port: numberSetting(
    "port",
    "ONYMOUS_PORT",
    `Port to listen on, ${portByDefault} by default; 0 for any free one`,
  ),
  host: setting(
    "host",
    "ONYMOUS_HOST",
    "Address to listen on; 127.0.0.1, only this machine, by default",
  ),
  allowedHosts: setting(
    "allowed-hosts",
    "ONYMOUS_ALLOWED_HOSTS",
    "Names of this server beside localhost, with commas between; .example.org for all below it, * for any",
  ),
  keepAlive: numberSetting(
    "keep-alive",
    "ONYMOUS_KEEP_ALIVE",
    `Seconds for which a connection is kept for a next request; ${Duration.toSeconds(keepAliveByDefault)} by default`,
  ),
  token: setting("token", "ONYMOUS_TOKEN", "Public token of project 1, for capture"),
  key: setting("key", "ONYMOUS_KEY", "Secret key of project 1, for the API"),
  operatorKey: setting(
    "operator-key",
    "ONYMOUS_OPERATOR_KEY",
    "Secret key that opens the API of every project; none by default",
  ),
  metricsKey: setting(
    "metrics-key",
    "ONYMOUS_METRICS_KEY",
    "Key that opens /metrics alone, for Prometheus; the operator's opens it, too",
  ),
  readyLag: numberSetting(
    "ready-lag",
    "ONYMOUS_READY_LAG",
    "Seconds that persons may be behind before /readyz says no; no limit by default",
  ),
  maxLag: numberSetting(
    "max-lag",
    "ONYMOUS_MAX_LAG",
    "Events that persons may be behind before captures are told to come later; no limit by default",
  ),
}

/** The listening options, as flags and environment give them. */
export interface Listening {
  readonly port: Option.Option<Setting>
  readonly host: Option.Option<Setting>
  readonly allowedHosts: Option.Option<Setting>
  readonly keepAlive: Option.Option<Setting>
  readonly maxLag: Option.Option<Setting>
  readonly readyLag: Option.Option<Setting>
}

const hostNames = (given: Setting) => {
  const names = given.text.split(",").map((name) => name.trim())
  return names.every(HostNames.isPattern)
    ? Effect.succeed(names)
    : refusal(given, "host names with commas between, .example.org for all below it, or *")
}

/** The listening options of the server, or a wrong use. */
export const listeningOf = Effect.fnUntraced(function* (given: Listening) {
  const host = Option.getOrUndefined(given.host)
  if (host?.text === "") return yield* refusal(host, "an address")
  const seconds = Option.isSome(given.keepAlive)
    ? yield* numberOf(given.keepAlive.value, 1, keepAliveMax)
    : undefined
  const maxLag = Option.isSome(given.maxLag)
    ? yield* numberOf(given.maxLag.value, 1, Number.MAX_SAFE_INTEGER)
    : undefined
  const readyLag = Option.isSome(given.readyLag)
    ? yield* numberOf(given.readyLag.value, 1, Number.MAX_SAFE_INTEGER)
    : undefined
  return {
    host: host?.text ?? "127.0.0.1",
    port: Option.isSome(given.port) ? yield* numberOf(given.port.value, 0, portMax) : portByDefault,
    allowedHosts: Option.isSome(given.allowedHosts)
      ? yield* hostNames(given.allowedHosts.value)
      : [],
    ...(seconds !== undefined && { keepAlive: Duration.seconds(seconds) }),
    ...(maxLag !== undefined && { maxLag }),
    ...(readyLag !== undefined && { readyLag }),
  }
})
