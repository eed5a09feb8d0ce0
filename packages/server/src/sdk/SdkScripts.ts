import { Cache, Duration, Effect, Exit, type Layer, Option } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { readFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import * as Cors from "../http/Cors.ts"
import * as PackedFile from "../http/PackedFile.ts"
import * as SdkConfig from "./SdkConfig.ts"

/** The file of posthog-js that its HTML snippet loads; its others lie beside it. */
const main = "array.js"

/** Cache capacity: more than posthog-js has scripts. */
const scriptsMax = 64

/** A browser asks again after this time, because an upgrade of Onymous may bring another posthog-js. */
const told: PackedFile.Told = {
  contentType: "application/javascript; charset=utf-8",
  cacheControl: `public, max-age=${Duration.toSeconds("1 hour")}`,
}

/** Reads a script of the package posthog-js; nothing where it has none of this name. */
const read = (name: string): Effect.Effect<Option.Option<PackedFile.PackedFile>> =>
  Effect.tryPromise(() => {
    const found = new URL(name, import.meta.resolve("posthog-js/dist/array.js"))
    return readFile(fileURLToPath(found))
  }).pipe(Effect.flatMap(PackedFile.of), Effect.option)

/**
 * The script that a path names. A version in it is not looked at: there is only the one that Onymous has,
 * and a page that is told so captures nothing.
 */
const nameOf = (path: string): string | undefined =>
  /^\/static\/(?:[\w.-]+\/)?([a-z][\w-]*(?:\.[\w-]+)*\.js)$/.exec(path)?.[1]

const noScript = HttpServerResponse.text(
  "posthog-js has no such script, or Onymous does not have posthog-js. Its npm package needs no scripts from here.\n",
  { status: 404 },
)

/** Serves what the HTML snippet of posthog-js loads, from its package: the browser asks no other host. */
export const layer: Layer.Layer<never, never, HttpRouter.HttpRouter> = HttpRouter.addAll(
  Effect.gen(function* () {
    const scripts = yield* Cache.makeWith(read, {
      capacity: scriptsMax,
      // A name that is none must not push out a script that is one.
      timeToLive: (exit) =>
        Exit.isSuccess(exit) && Option.isSome(exit.value) ? Duration.infinity : Duration.zero,
    })
    const named = Effect.gen(function* () {
      const { url } = yield* HttpServerRequest.HttpServerRequest
      const name = nameOf(url.replace(/[?#].*/s, ""))
      const script = name === undefined ? Option.none() : yield* Cache.get(scripts, name)
      return Option.isNone(script) ? noScript : yield* PackedFile.answer(script.value, told)
    })
    const withConfig = Effect.gen(function* () {
      const { token = "" } = yield* HttpRouter.params
      const script = yield* Cache.get(scripts, main)
      if (Option.isNone(script)) return noScript
      const bytes = Buffer.concat([Buffer.from(SdkConfig.script(token)), script.value.bytes])
      return yield* PackedFile.answer(yield* PackedFile.of(bytes), told)
    })
    return [
      ...Cors.routes(["GET"], "/static/*", named),
      ...Cors.routes(["GET"], "/array/:token/array.js", withConfig),
    ]
  }),
)
