/** A way to send a first event. */
export type SnippetName = "curl" | "posthog-js" | "posthog-node" | "library"

interface SnippetText {
  readonly name: SnippetName
  readonly text: string
}

/** How a first event is sent to this server, with its token where that is known. */
export const snippets = (origin: string, token = "phc_…"): ReadonlyArray<SnippetText> => [
  {
    name: "curl",
    text: `curl ${origin}/batch/ -H 'content-type: application/json' -d '{
  "api_key": "${token}",
  "batch": [{ "event": "$identify", "distinct_id": "me",
    "properties": { "$anon_distinct_id": "my-browser" } }]
}'`,
  },
  {
    name: "posthog-js",
    text: `import posthog from "posthog-js"

posthog.init("${token}", { api_host: "${origin}" })
posthog.identify("me")`,
  },
  {
    name: "posthog-node",
    text: `import { PostHog } from "posthog-node"

const posthog = new PostHog("${token}", { host: "${origin}" })
posthog.capture({ distinctId: "me", event: "hello" })
await posthog.shutdown()`,
  },
  {
    name: "library",
    text: `import { Onymous } from "onymous"

const onymous = await Onymous.open({ database: "postgres://…" })
await onymous.identify({ distinctId: "me", anonymousId: "my-browser" })
await onymous.close()`,
  },
]
