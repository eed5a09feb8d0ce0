import { Cache, Duration, Effect, Exit, type Layer, Option } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import * as Cors from "../http/Cors.ts"
import * as PackedFile from "../http/PackedFile.ts"
import * as SdkConfig from "./SdkConfig.ts"

/** The file of posthog-js that its HTML snippet loads; its others lie beside it. */
const main = "array.js"

/** Cache capacity: more than posthog-js has scripts. */
const scriptsMax = 64

/** Browsers cache a script for a while only, because an upgrade of Onymous may bring another posthog-js. */
const fileHeaders: PackedFile.FileHeaders = {
  contentType: "application/javascript; charset=utf-8",
  cacheControl: `public, max-age=${Duration.toSeconds("1 hour")}`,
}

/** Reads a script of the package posthog-js; none where it has no script of this name. */
const read = (name: string): Effect.Effect<Option.Option<PackedFile.PackedFile>> =>
  Effect.tryPromise(() => {
    const found = createRequire(import.meta.url).resolve("posthog-js/dist/array.js")
    return readFile(join(dirname(found), name))
  }).pipe(Effect.flatMap(PackedFile.of), Effect.option)

/**
 * The script of a path. A version in the path is ignored, because Onymous has one version only, and a page whose
 * script is refused captures nothing.
 */
const nameOf = (path: string): string | undefined =>
  /^\/static\/(?:[\w.-]+\/)?([a-z][\w-]*(?:\.[\w-]+)*\.js)$/.exec(path)?.[1]

const noScript = HttpServerResponse.text(
  "posthog-js has no such script, or Onymous does not have posthog-js. Its npm package needs no scripts from here.\n",
  { status: 404 },
)

/** Serves the scripts of posthog-js from its package, so that the browser asks no other host. */
export const layer: Layer.Layer<never, never, HttpRouter.HttpRouter> = HttpRouter.addAll(
  Effect.gen(function* () {
    const scripts = yield* Cache.makeWith(read, {
      capacity: scriptsMax,
      // Missing scripts are not cached, because they must not displace existing ones.
      timeToLive: (exit) =>
        Exit.isSuccess(exit) && Option.isSome(exit.value) ? Duration.infinity : Duration.zero,
    })
    const named = Effect.gen(function* () {
      const { url } = yield* HttpServerRequest.HttpServerRequest
      const name = nameOf(url.replace(/[?#].*/s, ""))
      const script = name === undefined ? Option.none() : yield* Cache.get(scripts, name)
      return Option.isNone(script) ? noScript : yield* PackedFile.answer(script.value, fileHeaders)
    })
    const withConfig = Effect.gen(function* () {
      const { token = "" } = yield* HttpRouter.params
      const script = yield* Cache.get(scripts, main)
      if (Option.isNone(script)) return noScript
      const bytes = Buffer.concat([Buffer.from(SdkConfig.script(token)), script.value.bytes])
      return yield* PackedFile.answer(yield* PackedFile.of(bytes), fileHeaders)
    })
    return [
      ...Cors.routes(["GET"], "/static/*", named),
      ...Cors.routes(["GET"], "/array/:token/array.js", withConfig),
    ]
  }),
)
