import { numberSetting, setting } from "./Setting.ts"

/** The highest number that a port has. */
export const portMax = 65_535

/** The port where none is named. */
export const portByDefault = 8000

/** The settings of the server. */
export const server = {
  port: numberSetting(
    "port",
    "ONYMOUS_PORT",
    `Port to listen on, ${portByDefault} by default; 0 for any free one`,
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
