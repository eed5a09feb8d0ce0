import { Config } from "effect"
import { Flag } from "effect/cli"
import { setting, within } from "./DatabaseFlags.ts"

/** The settings of the server. */
export const server = {
  port: Flag.Int("port").pipe(
    within(0, 65_535),
    Flag.withDescription("Port to listen on; 0 for any free one (also ONYMOUS_PORT)"),
    Flag.withFallbackConfig(Config.Int("ONYMOUS_PORT")),
    Flag.withDefault(8000),
  ),
  host: setting("host", "ONYMOUS_HOST", "Address to listen on; only this machine by default"),
  token: setting("token", "ONYMOUS_TOKEN", "Public token of project 1, for capture"),
  key: setting("key", "ONYMOUS_KEY", "Secret key of project 1, for the API"),
  operatorKey: setting(
    "operator-key",
    "ONYMOUS_OPERATOR_KEY",
    "Secret key that opens the API of every project; none by default",
  ),
}
