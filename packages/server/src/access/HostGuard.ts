import { Context, Effect } from "effect"
import { HttpRouter, HttpServer, HttpServerRequest } from "effect/http"
import * as Cors from "../http/Cors.ts"
import { CaptureRefusals } from "../capture/CaptureRefusals.ts"
import * as Refusal from "../http/Refusal.ts"
import * as Health from "../http/Health.ts"
import * as HostNames from "./HostNames.ts"

/** The name by which a server listens, and those that its operator allows beside it. */
export const Names = Context.Reference<{
  readonly host: string
  readonly allowed: ReadonlyArray<string>
}>("@onymous/server/HostGuard/Names", {
  defaultValue: () => ({ host: "localhost", allowed: [] }),
})

/**
 * The names of this server; none where anybody may ask by any. A server that only its own machine reaches
 * is asked by pages of elsewhere, once their name leads there (DNS rebinding): the name gives them away.
 */
const names = Effect.gen(function* () {
  const { host, allowed } = yield* Names
  const { address } = yield* HttpServer.HttpServer
  const { hostname } = new URL(HttpServer.formatAddress(address))
  const isGuarded = HostNames.isLoopback(hostname) || allowed.length > 0
  return isGuarded ? HostNames.of([host, ...allowed]) : undefined
})

/** A name as it is told; one with other characters could break what it is told in. */
const told = (text: string | undefined): string =>
  text !== undefined && /^[\w.:[\]/-]{1,200}$/.test(text) ? text : "of the request"

const foreignHost = (host: string | undefined): Refusal.Refusal => ({
  status: 403,
  code: "host_not_allowed",
  message: `The host ${told(host)} is none of this server's: \`onymous serve --allowed-hosts\` names those that are.`,
})

const foreignPage = (origin: string): Refusal.Refusal => ({
  status: 403,
  code: "origin_not_allowed",
  message: `The page ${told(origin)} may capture, and no more: \`onymous serve --allowed-hosts\` names whose pages may.`,
})

/** Refuses whoever asks by a name that is none of this server's. */
export const hosts = HttpRouter.middleware(
  Effect.gen(function* () {
    const own = yield* names
    const { note } = yield* CaptureRefusals
    return (answer) =>
      Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ url, headers: { host } }) => {
        const path = Refusal.pathOf(url)
        if (own === undefined || own.isOwn(host) || Health.isOfNobody(path)) return answer
        const refusal = foreignHost(host)
        const told = Cors.open(Effect.succeed(Refusal.answer(path, refusal)))
        // A proxy that passes on a name may lose events that way, and its operator hears of it here alone.
        return Effect.andThen(note({ ...refusal, detail: refusal.message }, {}), told)
      })
  }),
  { global: true },
)

/** Refuses pages of elsewhere at the routes that it is provided to, whatever key they have. */
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
