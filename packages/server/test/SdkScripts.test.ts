import { expect, layer } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { runInNewContext } from "node:vm"
import { gunzipSync } from "node:zlib"
import * as Machine from "@onymous/tidy/testing/Machine"
import { ask, askRaw, memory } from "./serverSupport.ts"

const origin = "https://shop.example"

const script = (name: string) =>
  readFileSync(join(Machine.home, "node_modules", "posthog-js", "dist", name))

layer(memory, { excludeTestServices: true })("the scripts of posthog-js", (it) => {
  it.effect("are those of its package, under any version, for pages of any origin", () =>
    Effect.gen(function* () {
      for (const [path, name] of [
        ["/static/array.js", "array.js"],
        ["/static/array.js?v=1.449.2", "array.js"],
        ["/static/1/array.js", "array.js"],
        ["/static/1.380.0/array.js", "array.js"],
        ["/static/array.full.js", "array.full.js"],
        ["/static/surveys.js?v=1.449.2", "surveys.js"],
        ["/static/loader-bootstrap.js", "loader-bootstrap.js"],
      ] as const) {
        const { status, headers, text } = yield* ask(path, { headers: { origin } })
        expect({ path, status }).toEqual({ path, status: 200 })
        expect(text === script(name).toString(), path).toBe(true)
        expect(headers.get("content-type")).toBe("application/javascript; charset=utf-8")
        expect(headers.get("access-control-allow-origin")).toBe(origin)
        expect(headers.get("vary")).toBe("Accept-Encoding, Origin")
      }
    }),
  )

  it.effect("come packed to who reads gzip, and are not sent again to who has them", () =>
    Effect.gen(function* () {
      const headers = { "accept-encoding": "br, gzip;q=0.8" }
      const packed = (yield* askRaw("/static/array.js", { headers })).body
      expect(gunzipSync(packed).equals(script("array.js"))).toBe(true)
      const plain = (yield* askRaw("/static/array.js")).body
      expect(plain.equals(script("array.js"))).toBe(true)
      const etag = (yield* ask("/static/array.js")).headers.get("etag") ?? ""
      const again = yield* ask("/static/array.js", { headers: { "if-none-match": etag } })
      expect({ status: again.status, text: again.text }).toEqual({ status: 304, text: "" })
      const other = yield* ask("/static/surveys.js", { headers: { "if-none-match": etag } })
      expect(other.status).toBe(200)
    }),
  )

  it.effect("bring the configuration along where one asks by the project's token", () =>
    Effect.gen(function* () {
      const { status, text } = yield* ask("/array/phc_a/array.js", { headers: { origin } })
      expect(status).toBe(200)
      const library = script("array.js").toString()
      expect(text.endsWith(library)).toBe(true)
      const window: Record<string, unknown> = {}
      runInNewContext(text.slice(0, -library.length), { window })
      expect(window["_POSTHOG_REMOTE_CONFIG"]).toMatchObject({ phc_a: { siteApps: [] } })
    }),
  )

  it.effect("are all that a path leads to, and what there is not is told to any page", () =>
    Effect.gen(function* () {
      for (const path of [
        "/static/toolbar.js",
        "/static/integrity.json",
        "/static/1/2/array.js",
        "/static/..%2f..%2fuuid%2fpackage.json",
      ]) {
        const { status, headers, text } = yield* ask(path, { headers: { origin } })
        expect({ path, status }).toEqual({ path, status: 404 })
        expect(headers.get("access-control-allow-origin")).toBe(origin)
        expect(text).toContain("npm")
      }
    }),
  )
})
