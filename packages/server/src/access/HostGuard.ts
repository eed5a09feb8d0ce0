import { Context, Effect } from "effect"
import { HttpRouter, HttpServer, HttpServerRequest } from "effect/http"
import * as Cors from "../http/Cors.ts"
import { CaptureRefusals } from "../capture/CaptureRefusals.ts"
import * as Refusal from "../http/Refusal.ts"
import * as Health from "../http/Health.ts"
import * as HostNames from "./HostNames.ts"

/** The name by which a server listens, and further names that its operator allows. */
export const Names = Context.Reference<{
  readonly host: string
  readonly allowed: ReadonlyArray<string>
}>("@onymous/server/HostGuard/Names", {
  defaultValue: () => ({ host: "localhost", allowed: [] }),
})

/**
 * The names of this server; undefined where any name is allowed. Even a server that only its own machine reaches gets
 * requests from foreign pages, once their name resolves to that machine (DNS rebinding): the Host header shows it.
 */
const names = Effect.gen(function* () {
  const { host, allowed } = yield* Names
  const { address } = yield* HttpServer.HttpServer
  const { hostname } = new URL(HttpServer.formatAddress(address))
  const isGuarded = HostNames.isLoopback(hostname) || allowed.length > 0
  return isGuarded ? HostNames.of([host, ...allowed]) : undefined
})

/** A host name in a message; names with other characters are not repeated, because they could break its form. */
const safeName = (text: string | undefined): string =>
  text !== undefined && /^[\w.:[\]/-]{1,200}$/.test(text) ? text : "of the request"

const foreignHost = (host: string | undefined): Refusal.Refusal => ({
  status: 403,
  code: "host_not_allowed",
  message: `The host ${safeName(host)} is none of this server's: \`onymous serve --allowed-hosts\` names those that are.`,
})

const foreignPage = (origin: string): Refusal.Refusal => ({
  status: 403,
  code: "origin_not_allowed",
  message: `The page ${safeName(origin)} may capture, and no more: \`onymous serve --allowed-hosts\` names whose pages may.`,
})

/** Refuses requests for a name that is not this server's. */
export const hosts = HttpRouter.middleware(
  Effect.gen(function* () {
    const own = yield* names
    const { note } = yield* CaptureRefusals
    return (answer) =>
      Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ url, headers: { host } }) => {
        const path = Refusal.pathOf(url)
        if (own === undefined || own.isOwn(host) || Health.isPublic(path)) return answer
        const refusal = foreignHost(host)
        const response = Cors.open(Effect.succeed(Refusal.answer(path, refusal)))
        // Noted, because a proxy that passes on another name loses events, of which its operator hears here alone.
        return Effect.andThen(note({ ...refusal, detail: refusal.message }, {}), response)
      })
  }),
  { global: true },
)

/** Refuses requests of foreign pages, whatever key they have, at the routes that it is provided to. */
export const pages = HttpRouter.middleware(
  Effect.map(
    names,
    (own) => (answer) =>
      Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ url, headers: { host, origin } }) =>
        own === undefined || origin === undefined || own.isOwnPage(origin, host)
          ? answer
          : Effect.succeed(Refusal.answer(Refusal.pathOf(url), foreignPage(origin))),
      ),
  ),
).layer
