import { Cache, Duration, Effect, Exit, type Layer, Option } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname, extname, join } from "node:path"
import * as PackedFile from "./PackedFile.ts"
import * as SecurityHeaders from "./SecurityHeaders.ts"

/** The content security policy of the page: its own scripts, requests to this server, and no code out of texts. */
const contentPolicy = SecurityHeaders.policy({
  "script-src": "'self'",
  "style-src": "'self'",
  "img-src": "'self' data:",
  "font-src": "'self'",
  "connect-src": "'self'",
  "require-trusted-types-for": "'script'",
  "trusted-types": "'none'",
})

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
}

/** Cache capacity: more than the page has files. */
const filesMax = 64

/** Reads a file of the built page; none where it has no file of this name. */
const read = (name: string): Effect.Effect<Option.Option<PackedFile.PackedFile>> =>
  Effect.tryPromise(() => {
    const found = createRequire(import.meta.url).resolve("@onymous/studio/dist/index.html")
    return readFile(join(dirname(found), name))
  }).pipe(Effect.flatMap(PackedFile.of), Effect.option)

/** The file of a path: the page itself, or a file beside it. */
const nameOf = (path: string): string | undefined =>
  path === "/" ? "index.html" : /^\/(studio\/[\w-]+(?:\.[\w-]+)+)$/.exec(path)?.[1]

/**
 * The headers of a file. The page is not cached, because an upgrade may change it; the names of other files change
 * with their contents.
 */
const headersOf = (name: string): PackedFile.FileHeaders => ({
  contentType: types[extname(name)] ?? "application/octet-stream",
  cacheControl: name === "index.html" ? "no-cache" : "public, max-age=31536000, immutable",
})

const notBuilt = HttpServerResponse.text(
  "The page has no such file, or is not built: npm run setup.\n",
  {
    status: 404,
  },
)

/** Serves the page at `/`, and its files beside it. */
export const layer: Layer.Layer<never, never, HttpRouter.HttpRouter> = HttpRouter.use(
  Effect.fnUntraced(function* (router) {
    const files = yield* Cache.makeWith(read, {
      capacity: filesMax,
      // A missing file is not cached, so that a page built while the server runs is found.
      timeToLive: (exit) =>
        Exit.isSuccess(exit) && Option.isSome(exit.value) ? Duration.infinity : Duration.zero,
    })
    const answer = Effect.gen(function* () {
      const { url } = yield* HttpServerRequest.HttpServerRequest
      const name = nameOf(url.replace(/[?#].*/s, ""))
      const file = name === undefined ? Option.none() : yield* Cache.get(files, name)
      if (name === undefined || Option.isNone(file)) return notBuilt
      const response = yield* PackedFile.answer(file.value, headersOf(name))
      return HttpServerResponse.setHeader(response, "content-security-policy", contentPolicy)
    })
    yield* router.add("GET", "/", answer)
    yield* router.add("GET", "/studio/*", answer)
  }),
)
